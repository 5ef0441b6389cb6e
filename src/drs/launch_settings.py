"""Give DRS and EC2 a protection group's launch configuration.

Decides per server what to write, in the order of contract section 11: DRS
first, since that adds a template version of its own, then the template's
new version, then its default. What a failed server means for the launch is
the caller's decision.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from drs.domain.errors import may_repeat
from drs.domain.launch_config import (
    LaunchSettings,
    config_hash,
    drs_changes,
    ec2_part,
    effective_configs,
)
from drs.domain.launch_results import AppliedStatus, ServerApplied
from drs.domain.launch_template import template_changes, version_description
from drs.domain.ports import DrsRegion, DrsRegions
from drs.reach import Context, region_of
from shared import metrics
from shared.context import carried
from shared.domain.errors import DrError
from shared.domain.metrics import Metric

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
    delays: Sequence[int] = DELAYS,
    sleep: Callable[[float], None],
) -> dict[str, ServerApplied]:
    """Apply the group's configuration to its servers, ten at a time.

    Args:
        region: DRS and EC2 of the group's account and Region.
        group: The whole stored protection group.
        server_ids: The servers that are about to be launched.
        delays: Seconds between tries; one try more than there are delays.
        sleep: Waits between tries, in the caller's thread.

    Returns:
        A result for every server. Nothing is raised for one: the server
        that could not be configured says so.
    """
    left = list(dict.fromkeys(server_ids))
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
        metrics.record(Metric.DRS_RETRIES, len(left))
        sleep(delay)
    return results


def get_server_launch_configurations(
    server_ids: Iterable[str],
    region: str,
    account_context: Context = None,
    *,
    regions: DrsRegions | None = None,
    reach: DrsRegion | None = None,
) -> dict[str, dict[str, Any]]:
    """Return what DRS has for each server, asked ten at a time.

    Args:
        server_ids: The servers asked about.
        region: Where they are.
        account_context: Whose; the hub's without one.
        regions: The ways in; this container's without them.
        reach: The way into the Region, where the caller has it already.

    Returns:
        Exactly one entry per asked id: ``launchTemplateId`` and
        ``settings``, or, where DRS gave none, ``error``, ``errorCode`` and
        whether it ``mayPass``.
    """
    way = reach or region_of(region, account_context, regions)
    asked = list(dict.fromkeys(server_ids))
    entries = _at_once(lambda one: _entry(way, one), asked)
    return dict(zip(asked, entries, strict=True))


def _entry(region: DrsRegion, server_id: str) -> dict[str, Any]:
    try:
        found = region.launch_settings(server_id)
    except DrError as error:
        return {
            "sourceServerId": server_id,
            "error": error.message,
            "errorCode": error.code,
            "mayPass": may_repeat(error),
        }
    return {
        "sourceServerId": server_id,
        "launchTemplateId": found.template_id,
        "settings": dict(found.fields),
    }


def _at_once[T, R](work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    if not items:
        return []
    with ThreadPoolExecutor(min(AT_A_TIME, len(items))) as pool:
        return list(pool.map(carried(work), items))


def _round(
    region: DrsRegion,
    group: Mapping[str, Any],
    configs: Mapping[str, Mapping[str, Any]],
) -> dict[str, ServerApplied | _Again]:
    name = str(group["groupName"])
    found = get_server_launch_configurations(
        configs, region.region, reach=region
    )
    answers = _at_once(
        lambda one: _tried(region, name, found[one], configs[one]),
        list(configs),
    )
    return dict(zip(configs, answers, strict=True))


def _tried(
    region: DrsRegion,
    group_name: str,
    found: Mapping[str, Any],
    config: Mapping[str, Any],
) -> ServerApplied | _Again:
    if "error" in found:
        return _failed(
            config,
            found["error"],
            found["errorCode"],
            may_pass=found["mayPass"],
        )
    settings = LaunchSettings(
        source_server_id=found["sourceServerId"],
        template_id=found["launchTemplateId"],
        fields=found["settings"],
    )
    try:
        return _applied(region, group_name, settings, config)
    except DrError as error:
        return _failed(
            config, error.message, error.code, may_pass=may_repeat(error)
        )


def _failed(
    config: Mapping[str, Any], reason: str, code: str, *, may_pass: bool
) -> ServerApplied | _Again:
    failure = ServerApplied(
        status=AppliedStatus.FAILED,
        config_hash=config_hash(config),
        reason=reason,
        code=code,
    )
    return _Again(failure=failure) if may_pass else failure


def _applied(
    region: DrsRegion,
    group_name: str,
    settings: LaunchSettings,
    config: Mapping[str, Any],
) -> ServerApplied:
    server_id = settings.source_server_id
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
