"""Keeps every test away from real accounts, and laws off the wall clock."""

from collections.abc import Iterator

import pytest
from hypothesis import Phase, settings

# A loaded machine makes an example slow; that is no broken law. The suite
# asks the same examples each time, so that a change fails for its own sake;
# `--hypothesis-profile=search` asks new ones.
settings.register_profile("search", deadline=None)
settings.register_profile(
    "suite", parent=settings.get_profile("search"), derandomize=True
)
settings.load_profile("suite")
# A mutant (scripts/mutation) is to fail or not, the same each time and soon;
# nobody wants its smallest example.
settings.register_profile(
    "mutation",
    parent=settings.get_profile("suite"),
    max_examples=25,
    phases=(Phase.explicit, Phase.generate),
)


@pytest.fixture(autouse=True)
def no_real_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the AWS SDK credentials that no account accepts."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield
