"""Service Quotas, for the quotas of DRS only.

Decides the answers of GetServiceQuota and ListServiceQuotas. Any other
service or operation gets an error that says so.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from drs_simulator.domain.faults import ServiceFault
from drs_simulator.domain.ids import partition
from drs_simulator.domain.paging import page
from drs_simulator.domain.quotas import CATALOGUE, CODES, Quotas

TARGET = "ServiceQuotasV20190624."
SERVICE = "drs"

type Shown = dict[str, Any]


def answer_quotas(
    account: str, region: str, operation: str, body: bytes, quotas: Quotas
) -> bytes:
    """Return the body of the answer to a call of Service Quotas.

    Raises:
        ServiceFault: an unknown quota, service or operation.
    """
    action = _ACTIONS.get(operation)
    if action is None:
        raise ServiceFault(
            "UnsupportedOperation",
            f"The DRS simulator does not implement ServiceQuotas {operation};"
            f" it has {', '.join(_ACTIONS)}.",
        )
    request = json.loads(body or b"{}")
    if request.get("ServiceCode") != SERVICE:
        raise ServiceFault(
            "NoSuchResourceException",
            "The DRS simulator knows quotas of the service drs only, not of"
            f" {request.get('ServiceCode')}.",
            400,
        )
    shown = {
        CATALOGUE[name].code: _shown(account, region, name, quotas)
        for name in sorted(CATALOGUE)
    }
    return json.dumps(action(request, shown)).encode()


def _get(request: Mapping[str, Any], shown: Mapping[str, Shown]) -> Shown:
    code = request.get("QuotaCode")
    if code not in CODES:
        raise ServiceFault(
            "NoSuchResourceException",
            f"The service drs has no quota {code}.",
            400,
        )
    return {"Quota": shown[str(code)]}


def _list(request: Mapping[str, Any], shown: Mapping[str, Shown]) -> Shown:
    paged = {
        "maxResults": request.get("MaxResults"),
        "nextToken": request.get("NextToken"),
    }
    items, token = page("ListServiceQuotas", paged, sorted(shown.items()))
    return {"Quotas": items, **({"NextToken": token} if token else {})}


def _shown(account: str, region: str, name: str, quotas: Quotas) -> Shown:
    quota = CATALOGUE[name]
    return {
        "ServiceCode": SERVICE,
        "ServiceName": "AWS Elastic Disaster Recovery",
        "QuotaArn": f"arn:{partition(region)}:servicequotas:{region}:"
        f"{account}:{SERVICE}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": float(getattr(quotas, name)),
        "Unit": "None",
        "Adjustable": quota.adjustable,
        "GlobalQuota": False,
    }


_ACTIONS: Mapping[
    str, Callable[[Mapping[str, Any], Mapping[str, Shown]], Shown]
] = {"GetServiceQuota": _get, "ListServiceQuotas": _list}
