"""Protection groups as stored."""

from typing import Any

import pytest

from shared.domain.errors import DatabaseError
from shared.domain.group import checked_group

GROUP: dict[str, Any] = {
    "groupId": "g-1",
    "groupName": "Databases",
    "region": "us-east-1",
    "accountId": "",
    "serverSelectionTags": {"tier": "db"},
    "sourceServerIds": [],
    "launchConfig": {"copyTags": True},
    "servers": [{"sourceServerId": "s-1", "launchTemplate": {}}],
    "colour": {"red": 1},
}


def test_a_group_is_carried_whole_but_for_its_nulls() -> None:
    assert checked_group({**GROUP, "description": None}) == GROUP


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"region": 3}, "$.region"),
        ({"serverSelectionTags": ["tier"]}, "$.serverSelectionTags"),
        ({"serverSelectionTags": {"tier": 1}}, "$.serverSelectionTags"),
        ({"sourceServerIds": "s-1"}, "$.sourceServerIds"),
        ({"launchConfig": "x"}, "$.launchConfig"),
        ({"servers": [{"useGroupDefaults": "no"}]}, "$.servers"),
        ({"accountId": []}, "$.accountId"),
    ],
)
def test_a_group_that_cannot_be_read_is_named_with_the_attribute(
    change: dict[str, Any], path: str
) -> None:
    with pytest.raises(DatabaseError) as refused:
        checked_group({**GROUP, **change})

    assert "'g-1'" in refused.value.message
    assert path in refused.value.message
