"""The words that BUILD files are written in, and the walls they carry.

A directory may use what its word allows and nothing else; Pants refuses every
other import (README.md lists the walls). What a newer Pants would change
(how a Lambda zip is made) is in this file alone.
"""

_SDK = ("//3rdparty/python/reqs#boto3", "//3rdparty/python/reqs#boto3-stubs")
_MSGSPEC = "//3rdparty/python/reqs#msgspec"
_POWERTOOLS = "//3rdparty/python/reqs#aws-lambda-powertools"


def library(used_by, may_use=()):
    """A versioned package that others import."""
    _package(may_use=may_use, used_by=used_by)


def lambda_function(name, may_use, used_by=(), files=()):
    """A versioned package that is deployed; the SDK layer has the rest."""
    _package(may_use=may_use, used_by=used_by, files=files)
    python_awslambda(
        name="lambda",
        runtime="python3.12",
        handler="handler.py:lambda_handler",
        include_requirements=False,
        output_path=f"lambda/{name}.zip",
    )


def pure(may_use=()):
    """Decisions only: the standard library, itself, and other pure code."""
    python_sources()
    __dependencies_rules__(("*", "/**", *may_use, _MSGSPEC, "!*"))


def adapters(may_use=()):
    """The only kind of directory that may touch the AWS SDK."""
    python_sources()
    __dependencies_rules__(("*", "/**", *may_use, *_SDK, _MSGSPEC, "!*"))


def _package(may_use, used_by, files=()):
    python_sources(dependencies=[":version", *files])
    resource(name="version", source="VERSION")
    __dependencies_rules__(("*", "/**", *may_use, _MSGSPEC, _POWERTOOLS, "!*"))
    __dependents_rules__(("*", "/**", *used_by, "//tests/**", "!*"))
