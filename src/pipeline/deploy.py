"""Stage 5: shows the change, makes it, and believes nothing of it.

What was made is read back and asked whether it works; where it does not, the
former parameters are brought back. Which change is planned, and which is too
much, is decided in the deployment's domain.
"""

import sys
from dataclasses import dataclass, field

from deployment import smoke
from deployment.aws.stack import ChangeSet, Deployed
from deployment.deploying import (
    Change,
    Installation,
    back,
    earlier,
    functions_only,
    prepare,
    read_back,
    whole,
)
from deployment.domain.change_sets import losses
from deployment.domain.errors import (
    DeployFailed,
    DeploymentError,
    WouldReplace,
)
from deployment.domain.selection import left_out
from pipeline.domain.gate import GateResult
from pipeline.domain.options import Options, Orchestrator
from pipeline.gates import Report
from pipeline.sites import Site, artifacts_of, site_of
from pipeline.steps import Skipped, Step, taken

_NOTHING = "nothing is to change"


@dataclass(slots=True, kw_only=True)
class Deployment:
    """One deployment on its way; each step finds what the last has left."""

    options: Options
    site: Site
    report: Report
    installation: Installation | None = field(default=None)
    change: Change | None = field(default=None)
    change_set: ChangeSet | None = field(default=None)
    now: Deployed | None = field(default=None)
    made: bool = field(default=False)

    def prepare(self) -> str:
        """Plan the change and show it."""
        self.installation = installation = self.site.find()
        before = installation.stack.settle(
            self.report, mend=not self.options.dry_run
        )
        self.now = before
        self.change = change = self._planned(installation, before)
        if change.is_nothing:
            self.report("    Nothing is to change.")
            return _NOTHING
        for line in change.in_words():
            self.report(f"    {line}")
        self.change_set = prepare(installation, change)
        if self.change_set is None:
            self.report("    CloudFormation sees no change.")
            return _NOTHING
        self._show(self.change_set)
        lost = losses(self.change_set.rows)
        if lost and not self.options.allow_replacement:
            installation.stack.drop(self.change_set)
            raise WouldReplace(
                f"What holds data would be lost: {'; '.join(lost)}. If that "
                "is meant, deploy with --allow-replacement. Nothing was "
                "changed."
            )
        count = len(self.change_set.rows)
        return f"{count} resource{'s' if count > 1 else ''}"

    def make(self) -> str:
        """Make the change, once it is agreed to."""
        if self.installation is None or self.change_set is None:
            raise Skipped(_NOTHING)
        if self.options.dry_run:
            self.installation.stack.drop(self.change_set)
            raise Skipped("--dry-run: the change set is dropped")
        if not self._agreed():
            self.installation.stack.drop(self.change_set)
            raise DeployFailed("It was not agreed to. Nothing was changed.")
        self.now = self.installation.stack.execute(self.change_set)
        self.made = True
        return f"stack {self.installation.stack.name} is {self.now.status}"

    def read_back(self) -> str:
        """Compare what runs with what was meant."""
        installation, now = self._there()
        try:
            read_back(installation, now)
        except DeploymentError as error:
            raise self._undone(error) from error
        return "code, layer, aliases, tables, state machine"

    def smoke_test(self) -> str:
        """Ask what is deployed whether it works."""
        _, now = self._there()
        try:
            api_url = self.site.settle(now)
            smoke.check(api_url)
            return f"{api_url}; {self.site.drill()}"
        except DeploymentError as error:
            raise self._undone(error) from error

    def _planned(
        self, installation: Installation, before: Deployed | None
    ) -> Change:
        """Plan what the options ask for."""
        options = self.options
        original = None
        if options.orchestrator:
            original = options.orchestrator is Orchestrator.DIRECT
        if options.rollback:
            return earlier(
                installation,
                self._existing(before),
                options.rollback.package,
                options.rollback.version,
            )
        release = artifacts_of(options.checkout).release()
        if not options.lambda_only:
            return whole(installation, release, before, original)
        existing = self._existing(before)
        for line in left_out(release, existing.parameters):
            self.report(f"    Not deployed with --lambda-only: {line}.")
        return functions_only(
            installation, release, existing, options.functions, original
        )

    def _existing(self, before: Deployed | None) -> Deployed:
        if before is None:
            raise DeployFailed(
                "Nothing is deployed here yet. Deploy everything first, "
                f"with `scripts/deploy.sh {self.options.environment}`."
            )
        return before

    def _there(self) -> tuple[Installation, Deployed]:
        """Answer what is deployed; skip the step where nothing is."""
        if self.options.dry_run:
            raise Skipped("--dry-run")
        if self.installation is None or self.now is None:
            raise Skipped("nothing is deployed")
        return self.installation, self.now

    def _show(self, change_set: ChangeSet) -> None:
        width = max(len(row.path) for row in change_set.rows)
        for row in change_set.rows:
            told = f"    {row.action:8} {row.path:{width}}  {row.kind}"
            if row.is_loss:
                told += "  !! LOSES WHAT IT HOLDS !!"
            elif row.may_be_loss:
                told += "  (may be replaced, with what it holds)"
            elif row.replacement == "True":
                told += "  (replaced)"
            self.report(told)

    def _agreed(self) -> bool:
        if self.options.yes or not sys.stdin.isatty():
            return True
        self.report("    Make this change? [y/N]")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def _undone(self, error: DeploymentError) -> DeploymentError:
        """Go back to what was before; answer what there is to say."""
        installation, change, now = self.installation, self.change, self.now
        if not self.made or not installation or not change or not now:
            return error
        self.report(f"    {error}")
        self.report("    Going back to the former parameters.")
        try:
            change_set = prepare(installation, back(installation, change, now))
            if change_set is not None:
                self.now = now = installation.stack.execute(change_set)
                read_back(installation, now)
                self.site.settle(now)
        except DeploymentError as second:
            return type(error)(f"{error}\nIt was not rolled back: {second}")
        return type(error)(
            f"Rolled back to the former parameters, since: {error}"
        )


def run(options: Options, report: Report) -> list[GateResult]:
    """Deploy what is published."""
    return deployed(
        Deployment(
            options=options,
            site=site_of(options.checkout, options.environment),
            report=report,
        )
    )


def deployed(deployment: Deployment) -> list[GateResult]:
    """Take the steps of a deployment."""
    return taken(
        [
            Step(name="change set", take=deployment.prepare),
            Step(name="change", take=deployment.make),
            Step(name="read back", take=deployment.read_back),
            Step(name="smoke test", take=deployment.smoke_test),
        ],
        deployment.report,
    )
