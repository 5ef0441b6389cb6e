"""Reads the command line of scripts/deploy.sh into options.

What may be asked together is decided in the domain.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pipeline.domain.options import Options, Orchestrator, Rollback

_ENDS = """\
exit status:
  0    done, or nothing was to do
  1    a gate of stages 1 to 4 stopped it; nothing was deployed
  2    refused before anything ran: the options, or the machine
  3    stage 5 did not deploy it; the summary says what became of it
  130  interrupted
"""


def read(arguments: Sequence[str], checkout: Path) -> Options:
    """Return the options; ends the program where they cannot be read."""
    given = _parser().parse_args(arguments)
    named = given.rollback
    return Options(
        checkout=checkout,
        environment=given.environment,
        validate_only=given.validate_only,
        lambda_only=given.lambda_only is not None,
        functions=tuple(given.lambda_only or ()),
        skip_tests=given.skip_tests,
        skip_security=given.skip_security,
        dry_run=given.dry_run,
        orchestrator=given.orchestrator and Orchestrator(given.orchestrator),
        rollback=named and Rollback(package=named[0], version=named[1]),
        yes=given.yes,
        strict=given.strict,
        no_push=given.no_push,
        create_bucket=given.create_bucket,
        allow_replacement=given.allow_replacement,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/deploy.sh",
        description="Validates, tests, publishes and deploys the checkout.",
        epilog=_ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "environment",
        metavar="ENV",
        help="the installation's Environment; local is the local cloud",
    )
    _add_scope(parser)
    _add_gates(parser)
    return parser


def _add_scope(parser: argparse.ArgumentParser) -> None:
    scope = parser.add_argument_group("what is deployed")
    scope.add_argument(
        "--validate-only",
        action="store_true",
        help="stop after stage 3",
    )
    scope.add_argument(
        "--lambda-only",
        nargs="*",
        metavar="NAME",
        help="the code of these functions alone, or of all; after ENV",
    )
    scope.add_argument(
        "--orchestrator",
        choices=[str(one) for one in Orchestrator],
        help="which orchestrator the state machine calls",
    )
    scope.add_argument(
        "--rollback",
        nargs=2,
        metavar=("PACKAGE", "VERSION"),
        help="a function back to a version that was published; stage 5 alone",
    )
    scope.add_argument(
        "--dry-run",
        action="store_true",
        help="publish, show what would be changed, and change nothing",
    )
    scope.add_argument(
        "--create-bucket",
        action="store_true",
        help="create the artifacts' bucket where there is none",
    )
    scope.add_argument(
        "--allow-replacement",
        action="store_true",
        help="let tables, buckets and user pools be replaced or removed",
    )
    scope.add_argument(
        "--no-push",
        action="store_true",
        help="do not push the branch to its remote",
    )
    scope.add_argument(
        "--yes", action="store_true", help="apply without asking"
    )


def _add_gates(parser: argparse.ArgumentParser) -> None:
    gates = parser.add_argument_group(
        "gates", "Nothing is skipped for an environment named prod*."
    )
    gates.add_argument(
        "--strict",
        action="store_true",
        help="let reported gates that failed or could not run block too",
    )
    gates.add_argument(
        "--skip-tests", action="store_true", help="leave stage 3 out"
    )
    gates.add_argument(
        "--skip-security", action="store_true", help="leave stage 2 out"
    )
