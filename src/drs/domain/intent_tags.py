"""The tags by which a DRS job is recognised as the one an intent asked for.

StartRecovery takes no client token, so these four tags are the only proof
that a job found later is ours.
"""

from collections.abc import Mapping
from typing import Final

from drs.domain.job import Job

EXECUTION_ID: Final = "DRSOrchestration:ExecutionId"
PLAN_ID: Final = "DRSOrchestration:PlanId"
WAVE_NUMBER: Final = "DRSOrchestration:WaveNumber"
JOB_INDEX: Final = "DRSOrchestration:JobIndex"


def intent_tags(
    execution_id: str, plan_id: str, wave_number: int, job_index: int
) -> dict[str, str]:
    """Return the tags of the job that an intent asks for."""
    return {
        EXECUTION_ID: execution_id,
        PLAN_ID: plan_id,
        WAVE_NUMBER: str(wave_number),
        JOB_INDEX: str(job_index),
    }


def carries(job: Job, tags: Mapping[str, str]) -> bool:
    """Tell whether the job has every one of the tags, to the letter."""
    return bool(tags) and tags.items() <= job.tags.items()
