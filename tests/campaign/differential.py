"""Both orchestrators on one seed, struck by the same faults.

Faults are keyed by calls that both make alike, and those of the calls
between functions are left out, since only one of them has such calls. What
is left must be equal to the letter: the record, the intents, what people
were told, what DRS was asked for, and the states in their order. Only the
words that name a function which the platform ended may differ.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from tests.campaign.campaign import Result, played
from tests.campaign.draw import draw
from tests.campaign.world import Campaign

LONGEST_SHOWN = 300
_TEXT = r'(?:[^"\\]|\\.)*'
_ENDED = re.compile(
    rf"(?:Lambda\.Unknown|HandlerUnavailable)(?:: {_TEXT})?"
    rf'|(?<=")(?:killed |\{{\\"peerError){_TEXT}'
)


def compared(seed: int, *, plain: bool = False) -> tuple[Result, Result]:
    """Play a seed on both; the second result names the differences."""
    drawn = draw(seed, plain=plain)
    one = Campaign(drawn, "generic", common=True)
    other = Campaign(drawn, "direct", common=True)
    generic, direct = played(one), played(other)
    different = tuple(_differences(_left(one), _left(other)))
    return generic, replace(direct, broken=(*direct.broken, *different))


def _left(world: Campaign) -> dict[str, Any]:
    """Return everything that a run left behind."""
    record = world.others.record()
    intents = [] if record is None else world.raw.intents(record.key)
    runs = world.driver.runs.values()
    everything = {
        "record": msgspec.to_builtins(record),
        "intents": msgspec.to_builtins(intents),
        "notices": msgspec.to_builtins(world.notifier.sent),
        "calls": [
            (call.operation, call.region) for call in world.true_drs.calls
        ],
        "machines": [(r.name, r.status, r.error, r.cause) for r in runs],
        "ways": [r.entered for r in runs],
        "states": world.states,
    }
    text = msgspec.json.encode(everything, enc_hook=sorted).decode()
    plain: dict[str, Any] = msgspec.json.decode(_ENDED.sub("ENDED", text))
    return plain


def _differences(left: dict[str, Any], right: dict[str, Any]) -> Iterator[str]:
    for part, value in left.items():
        if value != right[part]:
            one, other = _first(value, right[part])
            yield (
                f"{part} differ: generic {one!r:.{LONGEST_SHOWN}}, direct"
                f" {other!r:.{LONGEST_SHOWN}}"
            )


def _first(one: Any, other: Any) -> tuple[Any, Any]:
    """Return the innermost first difference of two values."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            if one.get(key) != other.get(key):
                return _first(one.get(key), other.get(key))
    if isinstance(one, list) and isinstance(other, list):
        for mine, its in zip(one, other, strict=False):
            if mine != its:
                return _first(mine, its)
        if len(one) != len(other):
            return f"{len(one)} of them", f"{len(other)} of them"
    return one, other
