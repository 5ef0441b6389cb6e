"""Starts the emulator with the overlay; the supervisor runs it as a program.

The emulator reads its own settings from the environment; the options here are
the overlay's. `--without` leaves a piece out: the tests use it to see that the
emulator still needs the piece.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from local_cloud.emulator import (
    callbacks,
    calls,
    change_sets,
    decisions,
    ec2_iam,
    engine,
    events_iam,
    loopback,
    metric_math,
    nested_stacks,
    opt_in_regions,
    recorded_types,
    rest_api,
    state_machine_role,
    tables,
    whoami,
    workers,
)


def main(arguments: Sequence[str]) -> None:
    """Install the overlay and serve until a signal ends the process."""
    options = _parser().parse_args(arguments)
    engine.require_pinned()
    for name, install in _pieces(options).items():
        if name not in options.without:
            install()
    # The emulator parses the command line once more.
    sys.argv = ["ministack"]
    engine.app.main()


def _pieces(options: argparse.Namespace) -> dict[str, Callable[[], object]]:
    return {
        "callbacks": callbacks.install,
        "calls": calls.install,
        "change-sets": change_sets.install,
        "decisions": decisions.install,
        "ec2-iam": ec2_iam.install,
        "events-iam": events_iam.install,
        "loopback": loopback.install,
        "metric-math": metric_math.install,
        "nested-stacks": nested_stacks.install,
        "opt-in-regions": opt_in_regions.install,
        "recorded-types": recorded_types.install,
        "rest-api": rest_api.install,
        "state-machine-role": state_machine_role.install,
        "tables": tables.install,
        "whoami": lambda: whoami.serve(options.whoami_port),
        "workers": lambda: workers.install(
            runtime_python=options.runtime_python,
            state=options.state,
            layers=options.layers,
        ),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="local_cloud.emulator.launch")
    parser.add_argument("--runtime-python", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--layers", type=Path, required=True)
    parser.add_argument("--whoami-port", type=int, required=True)
    parser.add_argument("--without", action="append", default=[])
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
