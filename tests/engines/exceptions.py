"""What Lambda says of a function that failed, for engines without Lambda."""

import json
from collections.abc import Mapping
from typing import Any

from tests.engines import script

EXITED = "Runtime.ExitError"


def error_payload(answer: Mapping[str, Any]) -> tuple[str, str] | None:
    """Answer the error's type and its payload, where an answer is one."""
    if script.KILLED in answer:
        name, message = EXITED, "Runtime exited with error: signal: killed"
    elif script.RAISES in answer:
        name, message = answer[script.RAISES]
    else:
        return None
    return name, json.dumps({"errorType": name, "errorMessage": message})
