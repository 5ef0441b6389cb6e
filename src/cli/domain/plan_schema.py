"""The shape of a document against a JSON Schema, every fault at once.

Only the keywords that msgspec writes are understood; ``oneOf`` is left to
the checks that know what the parts mean. A decoder would stop at the first
fault, which is why this walks the schema itself.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from cli.domain.problems import Path, Problem

type Schema = Mapping[str, Any]

_NAMES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
}


def shape_problems(
    document: object, schema: Schema, path: Path = ()
) -> Iterator[Problem]:
    """Yield every place where the document is not of the schema's shape."""
    yield from _value(document, schema, path, schema.get("$defs", {}))


def nearest(word: str, known: list[str]) -> str:
    """Return what would be right instead of the unknown word."""
    close = get_close_matches(word, known, n=1, cutoff=0.6) or [
        name for name in known if name.casefold() == word.casefold()
    ]
    if close:
        return f"did you mean `{close[0]}`?"
    return f"known: {', '.join(known) or 'none'}"


def _value(
    value: object, schema: Schema, path: Path, defs: Schema
) -> Iterator[Problem]:
    if "$ref" in schema:
        target = defs[schema["$ref"].rpartition("/")[2]]
        yield from _value(value, target, path, defs)
        return
    if "anyOf" in schema:
        yield from _any_of(value, schema, path, defs)
        return
    if "enum" in schema:
        yield from _enum(value, schema, path)
        return
    wanted = schema.get("type", "")
    if wanted and _type_name(value) != wanted:
        yield _wrong_type(value, _NAMES[wanted], path)
        return
    yield from _of_type(value, schema, path, defs)


def _of_type(
    value: object, schema: Schema, path: Path, defs: Schema
) -> Iterator[Problem]:
    match value:
        case dict():
            yield from _mapping(value, schema, path, defs)
        case list():
            yield from _length(value, schema, path, "Items", "entries")
            for index, item in enumerate(value):
                yield from _value(item, schema["items"], (*path, index), defs)
        case str():
            yield from _text(value, schema, path)
        case int():
            yield from _number(value, schema, path)


def _any_of(
    value: object, schema: Schema, path: Path, defs: Schema
) -> Iterator[Problem]:
    kinds = {branch["type"]: branch for branch in schema["anyOf"]}
    branch = kinds.get(_type_name(value))
    if branch is None:
        names = " or ".join(_NAMES[kind] for kind in kinds)
        yield _wrong_type(value, names, path)
        return
    yield from _value(value, branch, path, defs)


def _enum(value: object, schema: Schema, path: Path) -> Iterator[Problem]:
    known = [str(item) for item in schema["enum"]]
    if not isinstance(value, str):
        yield _wrong_type(value, f"one of {', '.join(known)}", path)
    elif value not in known:
        hint = nearest(value, known)
        yield Problem(
            path=path,
            wrong=f"{_named(path)} is `{value}`",
            right=f"one of {', '.join(known)} is expected"
            + (f", {hint}" if hint.startswith("did") else ""),
        )


def _mapping(
    value: dict[Any, Any], schema: Schema, path: Path, defs: Schema
) -> Iterator[Problem]:
    properties: Schema = schema.get("properties", {})
    extra = schema.get("additionalProperties", True)
    for key in schema.get("required", ()):
        if key not in value:
            yield Problem(
                path=path,
                wrong=f"{_named(path)} has no `{key}`",
                right=f"add `{key}:`{_form(properties[key], defs, ' with ')}",
            )
    yield from _length(value, schema, path, "Properties", "entries")
    for key, item in value.items():
        inner = (*path, str(key))
        if key in properties:
            yield from _value(item, properties[key], inner, defs)
        elif not isinstance(extra, Mapping):
            yield Problem(
                path=inner,
                at_key=True,
                wrong=f"unknown key `{key}`",
                right=nearest(str(key), list(properties)),
            )
        else:
            yield from _key(key, schema.get("propertyNames", {}), inner)
            yield from _value(item, extra, inner, defs)


def _key(key: object, schema: Schema, path: Path) -> Iterator[Problem]:
    if not isinstance(key, str):
        yield Problem(
            path=path,
            at_key=True,
            wrong=f"the key `{key}` is {_article(key)}",
            right='text is expected, so put it in quotes: "…"',
        )
        return
    for found in _text(key, schema, path):
        yield Problem(
            path=path, at_key=True, wrong=found.wrong, right=found.right
        )


def _text(value: str, schema: Schema, path: Path) -> Iterator[Problem]:
    most, least = schema.get("maxLength"), schema.get("minLength", 0)
    if most is not None and len(value) > most:
        yield Problem(
            path=path,
            wrong=f"{_named(path)} is {len(value)} characters long",
            right=f"at most {most} are allowed",
        )
    elif len(value) < least or not re.search(schema.get("pattern", ""), value):
        shown = f"`{value}`" if value.strip() else "blank"
        yield Problem(
            path=path,
            wrong=f"{_named(path)} is {shown}",
            right=f"expected{_form(schema, {}) or ' a visible character'}",
        )


def _number(value: int, schema: Schema, path: Path) -> Iterator[Problem]:
    least, most = schema.get("minimum"), schema.get("maximum")
    below = least is not None and value < least
    if below or (most is not None and value > most):
        limits = f"from {least}" + ("" if most is None else f" to {most}")
        yield Problem(
            path=path,
            wrong=f"{_named(path)} is {value}",
            right=f"a whole number {limits} is expected",
        )


def _length(
    value: dict[Any, Any] | list[Any],
    schema: Schema,
    path: Path,
    keyword: str,
    what: str,
) -> Iterator[Problem]:
    least = schema.get(f"min{keyword}", 0)
    most = schema.get(f"max{keyword}")
    if len(value) < least:
        yield Problem(
            path=path,
            wrong=f"{_named(path)} is empty",
            right=f"at least one is needed{_form(schema, {}, ': ')}",
        )
    if most is not None and len(value) > most:
        yield Problem(
            path=path,
            wrong=f"{_named(path)} has {len(value)} {what}",
            right=f"at most {most} are allowed",
        )


def _form(schema: Schema, defs: Schema, lead: str = " ") -> str:
    """Return the schema's own words for what is expected."""
    if "$ref" in schema:
        target = defs.get(schema["$ref"].rpartition("/")[2], {})
        return f", {_first_line(target).lower()}"
    if "enum" in schema:
        return f" {' or '.join(str(item) for item in schema['enum'])}"
    told = _first_line(schema)
    example = next(
        (f", such as `{e}`" for e in schema.get("examples", ())), ""
    )
    return f"{lead}{told}{example}" if told else example


def _first_line(schema: Schema) -> str:
    lines = str(schema.get("description", "")).splitlines()
    return lines[0].rstrip(".") if lines else ""


def _wrong_type(value: object, wanted: str, path: Path) -> Problem:
    quoted = "text" in wanted and not isinstance(value, dict | list | None)
    hint = ", so put it in quotes" if quoted else ""
    return Problem(
        path=path,
        wrong=f"{_named(path)} is {_article(value)}",
        right=f"{wanted} is expected{hint}",
    )


def _type_name(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
    return ""


def _article(value: object) -> str:
    if value is None:
        return "empty"
    name = _NAMES.get(_type_name(value))
    return name or f"a {type(value).__name__} ({value})"


def _named(path: Path) -> str:
    """Return the words by which a person knows the place."""
    if not path:
        return "the file"
    last = path[-1]
    if isinstance(last, int):
        parent = path[-2] if len(path) > 1 else "list"
        return f"entry {last + 1} of `{parent}`"
    return f"`{last}`"
