"""Looking at a wave's jobs with as few calls as the facts need."""

from msgspec.structs import replace

from drs.observation import look
from shared.domain.record import Intent, WaveEntry
from shared.domain.status import WaveStatus
from tests.drs.builders import an_entry, an_intent
from tests.support.fake_drs import FakeDrs, hub
from tests.support.fakes import FakeClock

REGION = "eu-west-1"


class Scene:
    """A wave of servers whose job has been started."""

    def __init__(self, servers: int = 2) -> None:
        self.clock = FakeClock()
        self.drs = FakeDrs(self.clock)
        self.ids = self.drs.has_servers(REGION, [{}] * servers)
        self.region = self.drs(hub(), REGION)
        self.entry: WaveEntry = an_entry(*self.ids)
        self.intent: Intent = an_intent(*self.ids)

    def start(self) -> None:
        job_id = self.region.start_recovery(self.ids, is_drill=True, tags={})
        self.intent = replace(self.intent, job_id=job_id)
        self.drs.calls.clear()

    def look(self) -> WaveEntry:
        self.drs.calls.clear()
        self.entry = look(
            self.entry,
            [self.intent],
            self.region,
            start_pending=False,
            now=self.clock.now(),
        )
        return self.entry

    def asked(self) -> list[str]:
        return [call.operation for call in self.drs.calls]


def test_a_wave_at_rest_costs_one_call() -> None:
    scene = Scene()
    scene.start()
    scene.look()

    scene.look()

    assert scene.asked() == ["DescribeJobs"]


def test_a_change_is_worth_reading_the_log() -> None:
    scene = Scene()
    scene.start()
    scene.look()
    scene.clock.sleep(120)

    entry = scene.look()

    assert "DescribeJobLogItems" in scene.asked()
    assert entry.status is WaveStatus.IN_PROGRESS


def test_launched_servers_are_looked_up_once() -> None:
    scene = Scene()
    scene.start()
    scene.clock.sleep(3600)

    entry = scene.look()
    first = scene.asked()
    scene.look()

    assert entry.status is WaveStatus.COMPLETED
    assert all(
        one.instance_id and one.private_ip for one in entry.server_statuses
    )
    assert first[-2:] == ["DescribeRecoveryInstances", "DescribeInstances"]
    assert scene.asked() == ["DescribeJobs"]


def test_a_failure_says_why() -> None:
    scene = Scene()
    scene.drs.will_fail(scene.ids[1], "no capacity")
    scene.start()
    scene.clock.sleep(3600)

    entry = scene.look()

    assert entry.status is WaveStatus.PARTIAL
    assert entry.server_statuses[1].error == "no capacity"


def test_a_skipped_server_is_told_by_the_log() -> None:
    scene = Scene()
    scene.drs.will_skip(scene.ids[0])
    scene.start()
    scene.clock.sleep(3600)

    entry = scene.look()

    assert entry.server_statuses[0].error_code == "SERVER_SKIPPED"


def test_a_vanished_job_is_decided_by_its_instances() -> None:
    scene = Scene()
    scene.start()
    scene.clock.sleep(3600)
    scene.drs.forgets_job(scene.intent.job_id)

    entry = scene.look()

    assert entry.status is WaveStatus.COMPLETED


def test_a_wave_without_a_job_asks_nothing() -> None:
    scene = Scene()
    scene.intent = replace(scene.intent, server_ids=(), job_id="")
    scene.entry = an_entry()

    look(
        scene.entry,
        [],
        scene.region,
        start_pending=True,
        now=scene.clock.now(),
    )

    assert scene.asked() == []
