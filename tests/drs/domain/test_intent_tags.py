"""How a job is recognised as ours."""

from hypothesis import given
from hypothesis import strategies as st

from drs.domain.intent_tags import carries, intent_tags
from drs.domain.job import Job

INTENT = st.tuples(
    st.uuids().map(str),
    st.uuids().map(str),
    st.integers(0, 99),
    st.integers(0, 40),
)


def test_the_tags_name_execution_plan_wave_and_job() -> None:
    assert intent_tags("e", "p", 2, 0) == {
        "DRSOrchestration:ExecutionId": "e",
        "DRSOrchestration:PlanId": "p",
        "DRSOrchestration:WaveNumber": "2",
        "DRSOrchestration:JobIndex": "0",
    }


@given(INTENT, INTENT)
def test_a_job_is_of_one_intent_only(
    mine: tuple[str, str, int, int], other: tuple[str, str, int, int]
) -> None:
    job = Job(job_id="j", tags={**intent_tags(*mine), "cost": "x"})

    assert carries(job, intent_tags(*mine))
    assert carries(job, intent_tags(*other)) == (mine == other)


def test_no_tags_recognise_nothing() -> None:
    assert not carries(Job(job_id="j"), {})


def test_a_job_with_nothing_but_our_tags_is_ours() -> None:
    tags = intent_tags("e", "p", 2, 0)

    assert carries(Job(job_id="j", tags=tags), tags)
