"""A version names one content for ever."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from deployment.domain.releases import Package, code_sha256

FOLDERS = ("query_handler", "shared", "drs", "cli")


def a_package(content: str = "zip", version: str = "1.2.0") -> Package:
    return Package(
        name="query-handler",
        source="query_handler",
        version=version,
        libraries={"shared": "0.2.0", "drs": "0.3.0"},
        sha256=hashlib.sha256(content.encode()).hexdigest(),
    )


def test_what_is_released_has_the_version_of_its_file() -> None:
    assert a_package().published_version(frozenset({"cli"})) == "1.2.0"


@given(st.sets(st.sampled_from(FOLDERS)).map(frozenset))
def test_a_version_is_plain_only_where_nothing_in_the_zip_is_unreleased(
    unreleased: frozenset[str],
) -> None:
    version = a_package().published_version(unreleased)

    assert (version == "1.2.0") == (not unreleased - {"cli"})


@given(st.text(), st.text())
def test_unreleased_contents_share_a_version_only_where_they_are_the_same(
    first: str, second: str
) -> None:
    versions = {
        a_package(content).published_version(None)
        for content in (first, second)
    }

    assert (len(versions) == 1) == (first == second)
    assert all(each.startswith("1.2.0-dev.") for each in versions)
    assert all(len(each) <= 40 for each in versions)


def test_the_manifest_names_libraries_hash_and_commit() -> None:
    package = a_package()

    assert package.manifest("1.2.0", "c0ffee") == {
        "name": "query-handler",
        "version": "1.2.0",
        "libraries": {"drs": "0.3.0", "shared": "0.2.0"},
        "sha256": package.sha256,
        "commit": "c0ffee",
    }


def test_the_hash_is_written_as_lambda_writes_it() -> None:
    digest = hashlib.sha256(b"").hexdigest()

    assert code_sha256(digest) == (
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    )
