"""Finding servers by tags."""

import pytest

from drs.source_servers import servers_by_tags
from shared.domain.errors import BadRequest, Unavailable
from tests.support.fake_drs import FakeDrs, hub
from tests.support.fakes import FakeClock

REGION = "eu-west-1"


def test_the_selected_servers_come_in_id_order() -> None:
    drs = FakeDrs(FakeClock())
    ids = drs.has_servers(
        REGION, [{"Tier": "DB"}, {"Tier": "web"}, {"tier": "db "}]
    )

    found = servers_by_tags(drs(hub(), REGION), {"tier": "db"})

    assert [one.source_server_id for one in found] == [ids[0], ids[2]]


def test_an_empty_selection_does_not_reach_drs() -> None:
    drs = FakeDrs(FakeClock())

    with pytest.raises(BadRequest):
        servers_by_tags(drs(hub(), REGION), {})

    assert drs.calls == []


def test_a_region_that_cannot_be_asked_is_an_error_not_no_servers() -> None:
    drs = FakeDrs(FakeClock())
    drs.has_servers(REGION, [{"Tier": "db"}])
    drs.throttles_next("DescribeSourceServers", 1)

    with pytest.raises(Unavailable):
        servers_by_tags(drs(hub(), REGION), {"tier": "db"})
