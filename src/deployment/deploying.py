"""A deployment in its parts: publish, plan, prepare, make, read back.

The pipeline asks people between the parts; the local cloud does not. What a
part decides is in `domain`, what it asks AWS is in `aws`.
"""

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deployment.artifacts import Artifacts, inspect, sha256_of
from deployment.aws.account import Account
from deployment.aws.bucket import Bucket
from deployment.aws.readback import Meant, running_code, verify
from deployment.aws.stack import ChangeSet, Deployed, Stack
from deployment.domain import selection, uploads
from deployment.domain.errors import DeployFailed
from deployment.domain.names import (
    MAIN_TEMPLATE,
    PACKAGES,
    PROJECT,
    layer_key,
    package_named,
    state_machine_key,
    version_parameter,
    zip_key,
)
from deployment.domain.parameters import Plan, kept_by, plan
from deployment.domain.releases import Release
from deployment.templates import declared, of_environment

type Report = Callable[[str], None]

_ORIGINAL = "UseOriginalOrchestrator"
# An update of API, functions and distribution may take most of an hour.
_PATIENCE = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One installation: an account, a Region and an environment's name.

    Attributes:
        account: Where it is.
        environment: The last part of its names.
        templates: The directory of the main template.
        patience: How many seconds CloudFormation may take.
    """

    account: Account
    environment: str
    templates: Path
    patience: float = _PATIENCE

    @property
    def given(self) -> dict[str, str]:
        """The parameters that its file sets."""
        return of_environment(self.templates, self.environment)

    @property
    def project(self) -> str:
        """The first part of its names."""
        return self.given.get("ProjectName", PROJECT)

    @property
    def stack(self) -> Stack:
        """Its stack, whether it is there or not."""
        return Stack(
            self.account, self.project, self.environment, self.patience
        )

    def bucket(self, deployed: Deployed | None) -> Bucket:
        """Answer the bucket that it is deployed from."""
        has = deployed.parameters if deployed else {}
        usual = (
            f"{self.project}-{self.environment}-{self.account.account_id}-"
            f"{self.account.region}"
        )
        name = self.given.get("ArtifactBucket") or has.get(
            "ArtifactBucket", usual
        )
        return Bucket(self.account, name)

    def template_url(self, bucket: str, prefix: str) -> str:
        """Answer where CloudFormation finds the main template."""
        domain = "amazonaws.com"
        if self.account.region.startswith("cn-"):
            domain += ".cn"
        return (
            f"https://s3.{self.account.region}.{domain}/{bucket}/{prefix}/"
            f"{MAIN_TEMPLATE}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to become of an installation.

    Attributes:
        plan: The parameters.
        url: The main template; None keeps the one that is deployed.
        before: What is deployed; None where the installation is new.
        bucket: Where everything of it lies.
    """

    plan: Plan
    url: str | None
    before: Deployed | None
    bucket: Bucket

    @property
    def is_nothing(self) -> bool:
        """Tell whether everything is as it is to be."""
        return self.before is not None and not self.plan.changed

    def in_words(self) -> list[str]:
        """Say each parameter that changes."""
        return [
            f"{name}: {'(none)' if old is None else old} -> "
            f"{self.plan.values[name]}"
            for name, old in sorted(self.plan.changed.items())
        ]


def unpublished(
    bucket: Bucket,
    artifacts: Artifacts,
    release: Release,
    only: Collection[str] | None = None,
) -> dict[str, Path]:
    """Answer what the bucket does not hold: the file for each key.

    Args:
        bucket: Where it would be uploaded to.
        artifacts: The files.
        release: Their versions.
        only: The packages to upload, where not everything is.

    Raises:
        AlreadyPublished: A key holds other content.
    """
    files = artifacts.keys(release)
    if only is not None:
        zips = _zips(release)
        files = {
            key: path for key, path in files.items() if zips.get(key) in only
        }
    hashes = {key: sha256_of(path) for key, path in files.items()}
    missing = uploads.missing(hashes, bucket.hashes(hashes))
    return {key: files[key] for key in sorted(missing)}


def publish(
    bucket: Bucket,
    artifacts: Artifacts,
    release: Release,
    commit: str,
    only: Collection[str] | None = None,
) -> list[str]:
    """Upload what the bucket does not hold; answer the keys.

    Args:
        bucket: Where to.
        artifacts: The files.
        release: Their versions.
        commit: What they were built from.
        only: The packages to upload, where not everything is.

    Raises:
        AlreadyPublished: A key holds other content; nothing was uploaded.
    """
    zips = _zips(release)
    missing = unpublished(bucket, artifacts, release, only)
    for key, path in missing.items():
        bucket.put(key, path, sha256_of(path))
        if key in zips:
            version = release.packages[zips[key]].version
            manifest = inspect(path).manifest(version, commit)
            bucket.note(key.removesuffix("zip") + "json", manifest)
    return list(missing)


def whole(
    installation: Installation,
    release: Release,
    before: Deployed | None,
    original: bool | None,
) -> Change:
    """Plan the deployment of everything that was built.

    Args:
        installation: Where to.
        release: What.
        before: What is deployed.
        original: Whether the orchestrator that calls DRS itself is to be
            used; None keeps what is.

    Raises:
        BadParameter: A parameter is missing, or not as it may be.
    """
    bucket = installation.bucket(before)
    running = _running(installation, before)
    wanted = {
        "ProjectName": installation.project,
        "Environment": installation.environment,
        "ArtifactBucket": bucket.name,
        **installation.given,
        **selection.wanted_by_all(release, running),
        **_orchestrator(original),
    }
    return Change(
        plan=plan(
            declared(installation.templates),
            before.parameters if before else None,
            wanted,
        ),
        url=installation.template_url(bucket.name, release.template_prefix),
        before=before,
        bucket=bucket,
    )


def functions_only(
    installation: Installation,
    release: Release,
    before: Deployed,
    names: Collection[str],
    original: bool | None,
) -> Change:
    """Plan new code of functions, and nothing else.

    Args:
        installation: Where to.
        release: What was built.
        before: What is deployed.
        names: The packages; all where there is none.
        original: As for `whole`.
    """
    chosen = [package_named(each) for each in names] or list(PACKAGES)
    running = _running(installation, before)
    wanted = {
        **selection.versions_to_set(release, running, chosen),
        **_orchestrator(original),
    }
    return _with_the_same_template(installation, before, wanted)


def earlier(
    installation: Installation, before: Deployed, name: str, version: str
) -> Change:
    """Plan the return of a package to a version that was published.

    Raises:
        NotPublished: The bucket does not hold it.
        UnknownPackage: There is no such package.
    """
    package = package_named(name)
    installation.bucket(before).require(package, version)
    wanted = {version_parameter(package): version}
    return _with_the_same_template(installation, before, wanted)


def back(installation: Installation, made: Change, now: Deployed) -> Change:
    """Plan the return to what was before a change.

    Raises:
        DeployFailed: There was nothing before.
    """
    if made.before is None:
        raise DeployFailed(
            f"Stack {installation.stack.name} is new: there is nothing to go "
            "back to. Mend what is wrong and deploy again."
        )
    former = made.before.parameters
    url = None
    if made.url is not None:
        url = installation.template_url(
            former["ArtifactBucket"], former["TemplatePrefix"]
        )
    changed = {
        name: now.parameters.get(name)
        for name, value in former.items()
        if now.parameters.get(name) != value
    }
    return Change(
        plan=Plan(values=former, kept=frozenset(), changed=changed),
        url=url,
        before=now,
        bucket=installation.bucket(made.before),
    )


def prepare(installation: Installation, change: Change) -> ChangeSet | None:
    """Make the change set; None where CloudFormation sees no change."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return installation.stack.prepare(
        change.plan, change.url, f"{stamp}-{secrets.token_hex(3)}"
    )


def read_back(installation: Installation, now: Deployed) -> None:
    """Compare what runs with what the stack's parameters name.

    Raises:
        Differs: With every difference.
    """
    bucket = installation.bucket(now)
    has = now.parameters
    layer = layer_key(has["SdkLayerVersion"])
    machine = state_machine_key(has["StateMachineVersion"])
    zips = {
        name: zip_key(name, has[version_parameter(name)]) for name in PACKAGES
    }
    hashes = bucket.hashes([layer, *zips.values()])
    verify(
        installation.account,
        list(installation.stack.resources()),
        now.outputs,
        Meant(
            code={name: hashes[key] for name, key in zips.items()},
            layer=hashes[layer],
            state_machine=bucket.text(machine),
            original=has[_ORIGINAL] == "true",
        ),
    )


def deploy(
    installation: Installation,
    artifacts: Artifacts,
    *,
    original: bool,
    report: Report,
) -> Deployed:
    """Do everything at once, without asking anybody.

    Args:
        installation: Where to.
        artifacts: What.
        original: Whether the orchestrator that calls DRS itself is to be
            used.
        report: Is told what a stack in a bad state leads to.

    Raises:
        DeploymentError: It was refused, or has failed.
    """
    release = artifacts.release()
    before = installation.stack.settle(report)
    bucket = installation.bucket(before)
    if not bucket.is_there():
        bucket.create()
    publish(bucket, artifacts, release, commit="")
    change = whole(installation, release, before, original)
    now = before
    if not change.is_nothing:
        change_set = prepare(installation, change)
        if change_set is not None:
            now = installation.stack.execute(change_set)
    if now is None:
        raise DeployFailed(
            f"CloudFormation finds nothing in stack "
            f"{installation.stack.name} to make. Look at cfn/main.yaml."
        )
    return now


def _zips(release: Release) -> dict[str, str]:
    return {
        zip_key(name, each.version): name
        for name, each in release.packages.items()
    }


def _with_the_same_template(
    installation: Installation, before: Deployed, wanted: Mapping[str, str]
) -> Change:
    return Change(
        plan=kept_by(before.parameters, wanted),
        url=None,
        before=before,
        bucket=installation.bucket(before),
    )


def _running(
    installation: Installation, before: Deployed | None
) -> dict[str, str]:
    if before is None:
        return {}
    return running_code(installation.account, before.outputs)


def _orchestrator(original: bool | None) -> dict[str, str]:
    if original is None:
        return {}
    return {_ORIGINAL: "true" if original else "false"}
