"""Putting what was drawn into a world: servers, groups, quotas, plan."""

from shared.domain.plan import plan_from_item
from tests.campaign.draw import PLAN, Draw, Server
from tests.support.fake_drs import HUB, server_id
from tests.support.world import World


def furnish(world: World, drawn: Draw) -> None:
    """Load an estate; every server's next launch ends as drawn."""
    regions: dict[str, list[Server]] = {}
    for server in (*drawn.servers, *drawn.spare):
        regions.setdefault(server.region, []).append(server)
    simulator = world.drs.simulator
    simulator.load_estate(
        {
            "accounts": [
                {
                    "accountId": HUB,
                    "regions": [
                        {"region": region, "servers": list(map(_spec, those))}
                        for region, those in regions.items()
                    ],
                }
            ]
        }
    )
    simulator.quotas.adjust(drawn.quotas)
    if drawn.listed_after:
        world.drs.lists_jobs_after(drawn.listed_after)
    for group in drawn.groups:
        world.groups.put(group)
    world.plans.put(
        plan_from_item(
            {
                "planId": PLAN,
                "planName": f"Plan of seed {drawn.seed}",
                "version": 1,
                "waves": list(drawn.waves),
            }
        )
    )


def _spec(server: Server) -> dict[str, object]:
    return {
        "sourceServerID": server_id(server.number),
        "hostname": f"host-{server.number}",
        "tags": {"Name": f"host-{server.number}", "tier": server.tier},
        "launchSeconds": server.seconds,
        "launch": str(server.outcome),
        "reason": "no capacity" if server.outcome == "FAILED" else "",
    }
