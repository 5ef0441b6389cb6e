"""Stage 4: builds, pushes, and uploads under keys that are written once.

Everything that may refuse is asked before anything leaves this machine. What
has which version is decided in the deployment's domain.
"""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from deployment.artifacts import Artifacts
from deployment.aws.bucket import Bucket
from deployment.deploying import Installation, publish, unpublished
from deployment.domain.errors import DeploymentError, NoBucket
from deployment.domain.names import package_named
from pipeline.domain.gate import GateResult, Kind
from pipeline.domain.options import Options
from pipeline.gates import Report
from pipeline.sites import Site, artifacts_of, site_of
from pipeline.steps import Skipped, Step, taken


class GitFailed(DeploymentError):
    """Git could not do what it was asked to."""


class UncommittedChanges(DeploymentError):
    """What is deployed is in no commit."""


@dataclass(slots=True, kw_only=True)
class Publication:
    """One publication on its way; each step finds what the last has left."""

    options: Options
    site: Site
    report: Report
    installation: Installation | None = field(default=None)

    def tree(self) -> str:
        """Warn of what no commit has."""
        changed = _git(self.options.checkout, "status", "--porcelain")
        files = changed.splitlines()
        if files:
            raise UncommittedChanges(
                f"{len(files)} files are not committed, such as "
                f"{files[0][3:]}: nobody else can build what is deployed."
            )
        return _commit(self.options.checkout)

    def build(self) -> str:
        """Build what changed."""
        self.site.build()
        release = artifacts_of(self.options.checkout).release()
        for name, package in sorted(release.packages.items()):
            self.report(f"    {name} {package.version}")
        return f"templates {release.template_prefix}"

    def target(self) -> str:
        """Reach the place, and see that its bucket is there."""
        installation = self.site.open(self.report)
        stack = installation.stack
        bucket = installation.bucket(stack.deployed())
        if not bucket.is_there():
            if not (self.options.create_bucket or self.site.ephemeral):
                raise NoBucket(
                    f"There is no bucket {bucket.name}. Create it with "
                    "--create-bucket (encrypted, versioned, closed to the "
                    "public), or name another as ArtifactBucket in "
                    f"cfn/parameters/{self.options.environment}.json. "
                    "Nothing was changed."
                )
            bucket.create()
            self.report(f"    Created bucket {bucket.name}.")
        self.installation = installation
        return f"{stack.name}, bucket {bucket.name}"

    def compare(self) -> str:
        """See that no published version would get other bytes."""
        bucket = self._bucket()
        artifacts = artifacts_of(self.options.checkout)
        missing = unpublished(
            bucket, artifacts, artifacts.release(), self._only(artifacts)
        )
        return f"{len(missing)} keys are new" if missing else "none is new"

    def push(self) -> str:
        """Push the branch to where it comes from."""
        checkout = self.options.checkout
        if self.options.no_push:
            raise Skipped("--no-push")
        if self.options.dry_run:
            raise Skipped("--dry-run")
        if self.site.ephemeral:
            raise Skipped("the local cloud is of this machine alone")
        if not _git(checkout, "remote").split():
            raise Skipped("no remote is configured")
        if not _git(checkout, "branch", "--show-current").strip():
            raise Skipped("no branch is checked out")
        _git(checkout, "push", "--quiet", _remote(checkout), "HEAD")
        return f"pushed {_commit(checkout)}"

    def upload(self) -> str:
        """Upload what the bucket does not hold."""
        artifacts = artifacts_of(self.options.checkout)
        written = publish(
            self._bucket(),
            artifacts,
            artifacts.release(),
            _commit(self.options.checkout),
            self._only(artifacts),
        )
        for key in written:
            self.report(f"    {key}")
        return f"{len(written)} new keys" if written else "all were there"

    def _bucket(self) -> Bucket:
        if self.installation is None:
            raise Skipped("there is no place to upload to")
        return self.installation.bucket(self.installation.stack.deployed())

    def _only(self, artifacts: Artifacts) -> set[str] | None:
        """Return the packages that are meant; None for everything."""
        if not self.options.lambda_only:
            return None
        named = {package_named(each) for each in self.options.functions}
        return named or set(artifacts.packages)


def run(options: Options, report: Report) -> list[GateResult]:
    """Publish what the checkout is, to where its environment is."""
    return published(
        Publication(
            options=options,
            site=site_of(options.checkout, options.environment),
            report=report,
        )
    )


def published(made: Publication) -> list[GateResult]:
    """Take the steps of a publication."""
    return taken(
        [
            Step(name="working tree", take=made.tree, kind=Kind.REPORTED),
            Step(name="build", take=made.build),
            Step(name="target", take=made.target),
            Step(name="versions", take=made.compare),
            Step(name="push", take=made.push),
            Step(name="upload", take=made.upload),
        ],
        made.report,
    )


def _commit(checkout: Path) -> str:
    return _git(checkout, "rev-parse", "HEAD").strip()


def _remote(checkout: Path) -> str:
    remotes = _git(checkout, "remote").split()
    return "origin" if "origin" in remotes else remotes[0]


def _git(checkout: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words],
            cwd=checkout,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise GitFailed(f"git cannot be run: {error}") from error
    if done.returncode:
        raise GitFailed(
            f"`git {' '.join(words)}` ended with {done.returncode}: "
            f"{done.stderr.strip()}"
        )
    return done.stdout
