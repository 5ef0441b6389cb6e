"""How large a payload is, and how large it may be."""

import json
from typing import Any

PAYLOAD_LIMIT = 262_144


def encoded_size(value: Any) -> int:
    """Return the bytes of a value as JSON in UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(text) if text.isascii() else len(text.encode())
