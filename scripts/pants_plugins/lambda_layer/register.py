"""The `lambda_layer` target: requirements in a zip under `python/`.

Pants 2.17 has no target for a Lambda layer; 2.18 has `python_aws_lambda_layer`,
which takes this one's place in an upgrade. Where the host matches Lambda
(Linux, x86-64) wheels are resolved for its interpreter, elsewhere for
Lambda's platform by name.
"""

from dataclasses import dataclass

from pants.backend.python.target_types import PythonResolveField
from pants.backend.python.util_rules.pex import (
    Pex,
    PexLayout,
    PexPlatforms,
)
from pants.backend.python.util_rules.pex_cli import PexCliProcess
from pants.backend.python.util_rules.pex_from_targets import (
    PexFromTargetsRequest,
)
from pants.core.goals.package import (
    BuiltPackage,
    BuiltPackageArtifact,
    OutputPathField,
    PackageFieldSet,
)
from pants.core.util_rules.system_binaries import PythonBinary
from pants.engine.process import Process, ProcessResult
from pants.engine.rules import Get, collect_rules, rule
from pants.engine.target import (
    COMMON_TARGET_FIELDS,
    Dependencies,
    Target,
)
from pants.engine.unions import UnionRule

_PLATFORMS = PexPlatforms(["linux_x86_64-cp-312-cp312"])
_PLATFORM_ARGS = ("--manylinux=manylinux2014", "--resolve-local-platforms")


# Wheels that some program has run from hold bytecode by then, and name it in
# their RECORD, so a layer would depend on what ran on this machine before.
_WITHOUT_BYTECODE = """
import os, sys, zipfile

def without_bytecode(record):
    lines = record.splitlines(keepends=True)
    return b"".join(one for one in lines if b"__pycache__/" not in one)

name = sys.argv[1]
with zipfile.ZipFile(name) as given, zipfile.ZipFile(
    name + ".new", "w", zipfile.ZIP_DEFLATED
) as kept:
    for entry in sorted(given.infolist(), key=lambda one: one.filename):
        if "__pycache__" in entry.filename or entry.is_dir():
            continue
        fixed = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
        fixed.external_attr = entry.external_attr
        fixed.compress_type = zipfile.ZIP_DEFLATED
        content = given.read(entry)
        if entry.filename.endswith(".dist-info/RECORD"):
            content = without_bytecode(content)
        kept.writestr(fixed, content)
os.replace(name + ".new", name)
"""


class LambdaLayerDependencies(Dependencies):
    """The requirements that the layer holds."""


class LambdaLayer(Target):
    """A zip that Lambda unpacks at /opt for the functions that name it."""

    alias = "lambda_layer"
    core_fields = (
        *COMMON_TARGET_FIELDS,
        LambdaLayerDependencies,
        OutputPathField,
        PythonResolveField,
    )
    help = "A Lambda layer with Python requirements under `python/`."


@dataclass(frozen=True)
class LambdaLayerFieldSet(PackageFieldSet):
    """What packaging a layer reads from its target."""

    required_fields = (LambdaLayerDependencies,)

    dependencies: LambdaLayerDependencies
    output_path: OutputPathField


@rule(desc="Package a Lambda layer")
async def package_lambda_layer(field_set: LambdaLayerFieldSet) -> BuiltPackage:
    """Resolve the requirements and lay them out, with fixed timestamps."""
    pex = await Get(
        Pex,
        PexFromTargetsRequest(
            addresses=[field_set.address],
            internal_only=False,
            include_source_files=False,
            output_filename="layer.pex",
            platforms=_PLATFORMS,
            layout=PexLayout.PACKED,
            additional_args=_PLATFORM_ARGS,
            additional_lockfile_args=_PLATFORM_ARGS,
        ),
    )
    output = field_set.output_path.value_or_default(file_ending="zip")
    laid_out = await Get(
        ProcessResult,
        PexCliProcess(
            subcommand=("venv", "create"),
            extra_args=(
                f"--dest-dir={output.removesuffix('.zip')}",
                "--prefix=python",
                "--layout=flat-zipped",
                f"--pex-repository={pex.name}",
                *_PLATFORMS.generate_pex_arg_list(),
            ),
            additional_input_digest=pex.digest,
            output_files=(output,),
            description=f"Build {output}",
        ),
    )
    python = await Get(PythonBinary)
    result = await Get(
        ProcessResult,
        Process(
            argv=(python.path, "-c", _WITHOUT_BYTECODE, output),
            input_digest=laid_out.output_digest,
            output_files=(output,),
            description=f"Leave bytecode out of {output}",
        ),
    )
    return BuiltPackage(
        digest=result.output_digest,
        artifacts=(BuiltPackageArtifact(output),),
    )


def target_types():
    """The targets that BUILD files may name."""
    return [LambdaLayer]


def rules():
    """What Pants learns from this plugin."""
    return [
        *collect_rules(),
        UnionRule(PackageFieldSet, LambdaLayerFieldSet),
    ]
