"""Refuses templates that CloudFormation would refuse, before any call.

The emulator accepts unknown properties and an invalid state machine without a
word, so the linter is asked first, where it is installed. Its rules are not
decided here.
"""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

_RUN = "from cfnlint.runner import main; main()"
_ONLY_ERRORS = ("--non-zero-exit-code", "error", "--")


class BadTemplates(Exception):
    """The linter found faults."""


def lint(templates: Path, passed: Path, report: Callable[[str], None]) -> None:
    """Lint every template of a directory, unless this content has passed.

    Args:
        templates: The directory.
        passed: Where the hashes of faultless contents are noted.
        report: Is told when there is no linter.

    Raises:
        BadTemplates: With what the linter said.
    """
    paths = sorted(templates.glob("*.yaml"))
    content = hashlib.sha256(b"".join(each.read_bytes() for each in paths))
    mark = passed / content.hexdigest()[:16]
    if mark.exists():
        return
    if find_spec("cfnlint") is None:
        report("cfn-lint is not installed here: the templates are not linted.")
        return
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *_ONLY_ERRORS, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BadTemplates(
            f"The templates in {templates} have faults; nothing was "
            f"deployed.\n{done.stdout}{done.stderr}"
        )
    passed.mkdir(parents=True, exist_ok=True)
    mark.touch()
