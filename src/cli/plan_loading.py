"""From a file's path to a plan that is right in shape and meaning."""

from pathlib import Path

import msgspec

from cli.domain.plan_checks import meaning_problems
from cli.domain.plan_file import PlanFile, published_schema
from cli.domain.plan_schema import shape_problems
from cli.domain.problems import BadPlanFile
from cli.yaml_source import Document, read_document


def load_plan(path: Path) -> PlanFile:
    """Read and check a plan file.

    Raises:
        BadPlanFile: With every fault that was found, in the file's order.
    """
    return checked_plan(read_document(path))


def checked_plan(document: Document) -> PlanFile:
    """Turn a document into a plan.

    Raises:
        BadPlanFile: With every fault that was found, in the file's order.
    """
    problems = list(shape_problems(document.value, published_schema()))
    if not problems:
        plan = msgspec.convert(document.value, PlanFile)
        problems = list(meaning_problems(plan))
        if not problems:
            return plan
    raise BadPlanFile([document.fault(problem) for problem in problems])
