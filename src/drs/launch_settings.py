"""Give DRS and EC2 a protection group's launch configuration.

Decides per server what to write, in the order of contract section 11: DRS
first, since that adds a template version of its own, then the template's
new version, then its default. What a failed server means for the launch is
the caller's decision.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from drs.domain.errors import may_repeat
from drs.domain.launch_config import (
    config_hash,
    drs_changes,
    ec2_part,
    effective_configs,
)
from drs.domain.launch_results import AppliedStatus, ServerApplied
from drs.domain.launch_template import template_changes, version_description
from drs.domain.ports import DrsRegion
from shared.context import carried
from shared.domain.errors import DrError

AT_A_TIME: Final = 10
DELAYS: Final = (1, 2, 4, 8)
NO_TEMPLATE: Final = "DRS has no launch template for the server"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """A try that failed in a way that may pass."""

    failure: ServerApplied


def apply_launch_settings(
    region: DrsRegion,
    group: Mapping[str, Any],
    server_ids: Sequence[str],
    *,
    done: Collection[str] = (),
    delays: Sequence[int] = DELAYS,
    sleep: Callable[[float], None],
) -> dict[str, ServerApplied]:
    """Apply the group's configuration to its servers, ten at a time.

    Args:
        region: DRS and EC2 of the group's account and Region.
        group: The whole stored protection group.
        server_ids: The servers that are about to be launched.
        done: Servers that already have a result; they are passed over.
        delays: Seconds between tries; one try more than there are delays.
        sleep: Waits between tries, in the caller's thread.

    Returns:
        A result for every server that was not passed over. Nothing is
        raised for a server: the one that could not be configured says so.
    """
    left = [one for one in dict.fromkeys(server_ids) if one not in done]
    configs = effective_configs(group, left)
    results: dict[str, ServerApplied] = {}
    for delay in (*delays, None):
        answers = _round(region, group, {one: configs[one] for one in left})
        left = []
        for one, answer in answers.items():
            if isinstance(answer, _Again):
                left.append(one)
                results[one] = answer.failure
            else:
                results[one] = answer
        if not left or delay is None:
            break
        sleep(delay)
    return results


def _round(
    region: DrsRegion,
    group: Mapping[str, Any],
    configs: Mapping[str, Mapping[str, Any]],
) -> dict[str, ServerApplied | _Again]:
    name = str(group["groupName"])
    if not configs:
        return {}
    tried = carried(partial(_tried, region, name))
    with ThreadPoolExecutor(min(AT_A_TIME, len(configs))) as pool:
        answers = pool.map(tried, configs, configs.values())
        return dict(zip(configs, answers, strict=True))


def _tried(
    region: DrsRegion,
    group_name: str,
    server_id: str,
    config: Mapping[str, Any],
) -> ServerApplied | _Again:
    try:
        return _applied(region, group_name, server_id, config)
    except DrError as error:
        failure = ServerApplied(
            status=AppliedStatus.FAILED,
            config_hash=config_hash(config),
            reason=error.message,
            code=error.code,
        )
        return _Again(failure=failure) if may_repeat(error) else failure


def _applied(
    region: DrsRegion,
    group_name: str,
    server_id: str,
    config: Mapping[str, Any],
) -> ServerApplied:
    settings = region.launch_settings(server_id)
    if not settings.template_id:
        return ServerApplied(
            status=AppliedStatus.SKIPPED,
            config_hash=config_hash(config),
            reason=NO_TEMPLATE,
        )
    fields = drs_changes(config, settings)
    if fields:
        region.update_launch_settings(server_id, fields)
    _apply_template(
        region,
        settings.template_id,
        ec2_part(config),
        version_description(group_name, server_id),
    )
    return ServerApplied(
        status=AppliedStatus.APPLIED,
        config_hash=config_hash(config),
        template_id=settings.template_id,
    )


def _apply_template(
    region: DrsRegion,
    template_id: str,
    config: Mapping[str, Any],
    description: str,
) -> None:
    if not config:
        return
    current = region.default_template_version(template_id)
    changes = template_changes(config, current.content)
    if not changes:
        return
    number = region.create_template_version(
        template_id,
        source=current.number,
        changes=changes,
        description=description,
    )
    region.set_default_template_version(template_id, number)
