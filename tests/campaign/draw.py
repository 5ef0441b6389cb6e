"""What a seed means: an estate, a plan, the others, and what people do.

Everything is drawn before the run begins and is plain data, so that it can
be printed and looked at. What goes wrong at which call is drawn in
``faults``.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from drs_simulator.domain.records import Outcome
from tests.support.world import Orchestrator

REGIONS = ("us-east-1", "eu-west-1")
PLAN = "plan-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A source server and what becomes of its next launch."""

    number: int
    region: str
    tier: str
    outcome: Outcome
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A job of somebody else: when, where, of which servers, how long."""

    at: float
    region: str
    servers: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person asks for, once or twice in a row."""

    at: float
    operation: str
    wave: int
    twice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """All that a run starts from."""

    seed: int
    orchestrator: Orchestrator
    kind: str
    servers: tuple[Server, ...]
    spare: tuple[Server, ...]
    groups: tuple[dict[str, Any], ...]
    waves: tuple[dict[str, Any], ...]
    quotas: dict[str, int]
    foreign: tuple[Foreign, ...]
    requests: tuple[Request, ...]
    page_size: int
    listed_after: float
    resumed_after: float
    retried: bool
    faults: float
    events: dict[str, float] = field(default_factory=dict)

    def of(self, tier: str) -> list[Server]:
        """Return the servers of a group."""
        return [one for one in self.servers if one.tier == tier]


def draw(seed: int, *, small: bool = False, plain: bool = False) -> Draw:
    """Return what a seed means.

    Args:
        seed: Any integer.
        small: Fewer servers and shorter jobs, for slow tables.
        plain: Without faults at calls.
    """
    random = Random(f"estate {seed}")
    crowd = "" if small else _crowd(random)
    tiers = [f"tier-{n}" for n in range(_count(random, small))]
    late = random.random() < 0.3
    shortest = 120 if late else 20
    servers = _servers(random, tiers, crowd, shortest, small)
    spare = _spare(random, len(servers))
    return Draw(
        seed=seed,
        orchestrator=random.choice(("generic", "direct")),
        kind=random.choice(("DRILL", "RECOVERY")),
        servers=servers,
        spare=spare,
        groups=_groups(random, tiers, servers),
        waves=_waves(random, tiers),
        quotas={} if crowd else _quotas(random),
        foreign=() if small else _foreign(random, servers, spare),
        requests=_requests(random, len(tiers)),
        page_size=random.choice((1, 2, 3, 5, 100)) if not crowd else 100,
        listed_after=random.uniform(5, 90) if late else 0,
        resumed_after=random.choice((1, 30) if small else (1, 30, 200, 2000)),
        retried=random.random() < 0.4,
        faults=0 if plain else random.choice((0, 0.5, 1, 1, 1.5, 3)),
        events={
            "lost": random.choice((0, 0.2, 1)),
            "twice": random.choice((0, 0.3)),
            "late": random.choice((1, 60, 600)),
        },
    )


def _count(random: Random, small: bool) -> int:
    """Return how many waves there are."""
    return random.choice((1, 2) if small else (1, 2, 2, 3, 3, 4, 5))


def _crowd(random: Random) -> str:
    """Return which tier, rarely, has more servers than a job takes."""
    chance = random.random()
    if chance < 0.004:
        return "large"
    return "wide" if chance < 0.012 else ""


def _servers(
    random: Random, tiers: list[str], crowd: str, shortest: int, small: bool
) -> tuple[Server, ...]:
    found: list[Server] = []
    trouble = random.choice((0, 0, 0, 0.1, 0.4))
    longest = random.choice((40, 90) if small else (40, 120, 300, 300, 900))
    for place, tier in enumerate(tiers):
        region = random.choice(REGIONS)
        count = random.randint(1, 2 if small else 6)
        if crowd and place == 0:
            count = 101 + random.randrange(20) + 110 * (crowd == "large")
        equal = random.random() < 0.3
        at = random.uniform(shortest, shortest + longest)
        for _ in range(count):
            outcome = Outcome.LAUNCHED
            if random.random() < trouble:
                outcome = random.choice(
                    (Outcome.FAILED, Outcome.SKIPPED, Outcome.UNFINISHED)
                )
            again = random.uniform(shortest, shortest + longest)
            found.append(
                Server(
                    number=len(found) + 1,
                    region=region,
                    tier=tier,
                    outcome=outcome,
                    seconds=round(at if equal else again),
                )
            )
    return tuple(found)


def _spare(random: Random, before: int) -> tuple[Server, ...]:
    """Return servers of nobody's plan, whose jobs take up room."""
    return tuple(
        Server(
            number=before + 1 + n,
            region=random.choice(REGIONS),
            tier="spare",
            outcome=Outcome.LAUNCHED,
            seconds=60,
        )
        for n in range(4)
    )


def _groups(
    random: Random, tiers: list[str], servers: tuple[Server, ...]
) -> tuple[dict[str, Any], ...]:
    groups = []
    for tier in tiers:
        members = [one for one in servers if one.tier == tier]
        ids = [f"s-{one.number:0>17}" for one in members]
        tagged = random.random() < 0.6
        config: dict[str, Any] = {}
        if random.random() < 0.2 and len(ids) < 50:
            config = {"copyTags": True, "instanceType": "m5.large"}
        optional = {}
        if random.random() < 0.15:
            optional = {"criticality": "optional"}
        groups.append(
            {
                "groupId": tier,
                "groupName": tier,
                "region": members[0].region,
                "accountId": "",
                "serverSelectionTags": {"tier": tier} if tagged else {},
                "sourceServerIds": [] if tagged else ids,
                "launchConfig": config,
                **optional,
                "servers": [],
            }
        )
    return tuple(groups)


def _waves(random: Random, tiers: list[str]) -> tuple[dict[str, Any], ...]:
    order = list(range(len(tiers)))
    if random.random() < 0.3:
        random.shuffle(order)
    waves: list[dict[str, Any]] = []
    for number, tier in enumerate(tiers):
        wave: dict[str, Any] = {"protectionGroupId": tier}
        before = order[: order.index(number)]
        if before and random.random() < 0.5:
            some = random.sample(before, random.randint(1, len(before)))
            wave["dependsOnWaves"] = sorted(some)
        if random.random() < 0.15:
            wave["pauseBeforeWave"] = True
        if random.random() < 0.4:
            wave["onFailure"] = "continue"
        if random.random() < 0.2:
            wave["failureToleranceCount"] = random.randint(1, 2)
        if random.random() < 0.15:
            wave["maxWaitSeconds"] = random.choice((120, 600, 1800))
        waves.append(wave)
    return tuple(waves)


def _quotas(random: Random) -> dict[str, int]:
    per_job = random.randint(2, 5)
    return {
        "servers_per_job": per_job,
        "concurrent_jobs": random.randint(1, 4),
        "servers_in_jobs": random.randint(per_job, 3 * per_job),
    }


def _foreign(
    random: Random, servers: tuple[Server, ...], spare: tuple[Server, ...]
) -> tuple[Foreign, ...]:
    jobs = []
    for _ in range(random.choice((0, 0, 0, 1, 2, 4))):
        pool = servers if random.random() < 0.6 else spare
        region = random.choice(pool).region
        here = [one.number for one in pool if one.region == region]
        count = min(len(here), random.randint(1, 2))
        jobs.append(
            Foreign(
                at=round(random.uniform(0, 900)),
                region=region,
                servers=tuple(random.sample(here, count)),
                seconds=round(random.uniform(60, 1500)),
            )
        )
    return tuple(jobs)


def _requests(random: Random, waves: int) -> tuple[Request, ...]:
    chosen = []
    for _ in range(random.choice((0, 0, 0, 1, 1, 3))):
        chosen.append(
            Request(
                at=round(random.uniform(0, 1500), 1),
                operation=random.choice(
                    (
                        "pause",
                        "pause",
                        "resume",
                        "skip_wave",
                        "cancel_execution",
                    )
                ),
                wave=random.randrange(waves),
                twice=random.random() < 0.3,
            )
        )
    return tuple(sorted(chosen, key=lambda one: one.at))
