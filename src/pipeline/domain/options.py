"""What a deployment was asked to do, and what may not be asked together.

Decides on the options and on facts about the checkout that it is given;
nothing has run when it refuses.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

# As the templates' parameter Environment has it.
_ENVIRONMENT: Final = re.compile(r"[a-z][a-z0-9]{0,9}")
_VERSION: Final = re.compile(r"\d+[.]\d+[.]\d+(-dev[.][0-9a-f]{12})?")
_PRODUCTION: Final = "prod"


class Orchestrator(StrEnum):
    """Which orchestrator the state machine calls."""

    GENERIC = "generic"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """A package, and the published version that it goes back to."""

    package: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The words of the command line.

    `functions` are the names after `--lambda-only`; none means all of them.
    """

    checkout: Path
    environment: str
    validate_only: bool = False
    lambda_only: bool = False
    functions: tuple[str, ...] = ()
    skip_tests: bool = False
    skip_security: bool = False
    dry_run: bool = False
    orchestrator: Orchestrator | None = None
    rollback: Rollback | None = None
    yes: bool = False
    strict: bool = False
    no_push: bool = False
    create_bucket: bool = False
    allow_replacement: bool = False

    @property
    def production(self) -> bool:
        """Whether the environment is one that nothing is skipped for."""
        return self.environment.startswith(_PRODUCTION)


def refusals(options: Options, functions: Collection[str]) -> list[str]:
    """Return why the options cannot be followed; nothing where they can.

    Args:
        options: What was asked for.
        functions: The names of the functions that there are.
    """
    return [
        *_bad_values(options, functions),
        *_unsafe(options),
        *_conflicts(options),
    ]


def _bad_values(options: Options, functions: Collection[str]) -> Iterator[str]:
    known = ", ".join(sorted(functions))
    if not _ENVIRONMENT.fullmatch(options.environment):
        yield (
            f"{options.environment!r} is no environment: it is 1 to 10"
            " lower-case letters and digits, a letter first."
        )
    for name in options.functions:
        if name not in functions:
            yield f"--lambda-only {name}: no such function; there are {known}."
    back = options.rollback
    if back and back.package not in functions:
        yield f"--rollback {back.package}: no such function, of {known}."
    if back and not _VERSION.fullmatch(back.version):
        yield (
            f"--rollback {back.package} {back.version}: a version has the"
            " form 1.4.0, or 1.4.0-dev.0123456789ab."
        )


def _unsafe(options: Options) -> Iterator[str]:
    for flag, given in (
        ("--skip-tests", options.skip_tests),
        ("--skip-security", options.skip_security),
    ):
        if given and options.strict:
            yield f"{flag} with --strict: strict is that nothing is left out."
        if given and options.production:
            yield (
                f"{flag} with {options.environment}: nothing is left out for"
                f" an environment whose name begins with {_PRODUCTION}."
            )


def _conflicts(options: Options) -> Iterator[str]:
    """Yield each pair that contradicts itself."""
    later = {
        "--lambda-only": options.lambda_only,
        "--orchestrator": options.orchestrator is not None,
        "--create-bucket": options.create_bucket,
        "--allow-replacement": options.allow_replacement,
        "--no-push": options.no_push,
    }
    earlier = {
        "--skip-tests": options.skip_tests,
        "--skip-security": options.skip_security,
        "--strict": options.strict,
    }
    if options.validate_only:
        deploying = {
            **later,
            "--dry-run": options.dry_run,
            "--rollback": options.rollback is not None,
        }
        for flag in _given(deploying):
            yield (
                f"{flag} with --validate-only: it stops before anything is"
                " published or deployed."
            )
    if options.rollback:
        for flag in _given({**later, **earlier}):
            yield (
                f"{flag} with --rollback: it takes one function back to a"
                " version that was published, and does nothing else."
            )
    if options.dry_run and options.create_bucket:
        yield "--create-bucket with --dry-run: a dry run creates nothing."
    if options.lambda_only and options.orchestrator:
        yield (
            "--orchestrator with --lambda-only: which orchestrator is called"
            " is a parameter of the stack; leave one of the two out."
        )


def _given(flags: dict[str, bool]) -> list[str]:
    return [flag for flag, given in flags.items() if given]
