"""Faults of names: given twice, or not known."""

from collections.abc import Iterator, Sequence

from cli.domain.plan_schema import nearest
from cli.domain.problems import Path, Problem

_FEW = 12


def repeated(
    names: Sequence[str],
    paths: Sequence[Path],
    what: str,
    *,
    fold: bool = True,
) -> Iterator[Problem]:
    """Yield a problem for each name that was there before."""
    seen: dict[str, Path] = {}
    for name, path in zip(names, paths, strict=True):
        key = name.casefold() if fold else name
        if key in seen:
            yield Problem(
                path=path,
                wrong=f"the {what} `{name}` is named a second time",
                right="each is named once; rename or remove one",
            )
        seen.setdefault(key, path)


def hint(name: str, known: Sequence[str], wanted: str) -> str:
    """Return the name that was meant, or those that exist."""
    told = nearest(name, list(known))
    few = 0 < len(known) <= _FEW
    if told.startswith("did"):
        return told
    return f"{wanted}: {', '.join(known)}" if few else f"name {wanted}"
