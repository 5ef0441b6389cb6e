"""Which servers a tag selection means.

A server is selected when it has every wanted tag; keys and values are
compared trimmed and without regard to case, on the DRS server's own tags.
A selection that names nothing is refused, since it would mean everything.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Self

from drs.domain.servers import SourceServer
from shared.domain.errors import BadRequest


def _folded(text: str) -> str:
    return text.strip().casefold()


def _pairs(tags: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((_folded(k), _folded(v)) for k, v in tags.items())


class TagQuery:
    """A checked tag selection."""

    __slots__ = ("_wanted",)

    def __init__(self, wanted: frozenset[tuple[str, str]]) -> None:
        self._wanted = wanted

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Self:
        """Return the selection that the tags spell.

        Raises:
            BadRequest: No tag at all, a blank key, or two tags that are the
                same key after folding and disagree.
        """
        if not tags:
            raise BadRequest(
                "The tag selection is empty; name at least one tag.",
                code="INVALID_TAGS",
            )
        wanted: dict[str, str] = {}
        for key, value in tags.items():
            folded = _folded(key)
            if not folded:
                raise BadRequest(
                    f"The tag key {key!r} is blank; name a tag.",
                    code="INVALID_TAGS",
                )
            if wanted.setdefault(folded, _folded(value)) != _folded(value):
                raise BadRequest(
                    f"The tags ask for two values of {folded!r}; keep one.",
                    code="INVALID_TAGS",
                    key=folded,
                )
        return cls(frozenset(wanted.items()))

    def __eq__(self, other: object) -> bool:
        """Tell whether both selections mean the same."""
        return isinstance(other, TagQuery) and self._wanted == other._wanted

    def __hash__(self) -> int:
        """Return a number that equal selections share."""
        return hash(self._wanted)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield the wanted keys and values as they are compared."""
        return iter(self._wanted)

    def selects(self, server_tags: Mapping[str, str]) -> bool:
        """Tell whether a server with these tags is meant."""
        return self._wanted <= _pairs(server_tags)


def selects(server_tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Tell whether the wanted tags select a server with these tags."""
    return TagQuery.of(wanted).selects(server_tags)


def matching(
    servers: Iterable[SourceServer], tags: Mapping[str, str]
) -> list[SourceServer]:
    """Return the servers that the tags select, by id."""
    query = TagQuery.of(tags)
    return sorted(
        (server for server in servers if query.selects(server.tags)),
        key=lambda server: server.source_server_id,
    )


class TagIndex:
    """Many servers by their tags, for many selections among them."""

    __slots__ = ("_having",)

    def __init__(self, servers: Iterable[SourceServer]) -> None:
        self._having: dict[tuple[str, str], set[str]] = {}
        for server in servers:
            for pair in _pairs(server.tags):
                having = self._having.setdefault(pair, set())
                having.add(server.source_server_id)

    def selected(self, tags: Mapping[str, str]) -> set[str]:
        """Return the ids of the servers that the tags select.

        Raises:
            BadRequest: The tags are no selection.
        """
        nothing: set[str] = set()
        having = [
            self._having.get(pair, nothing) for pair in TagQuery.of(tags)
        ]
        return set.intersection(*having)
