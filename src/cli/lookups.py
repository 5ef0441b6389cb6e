"""The commands that look: groups, servers, quotas, accounts, executions.

``--json`` writes the answer of the function as it is, for programs.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cli.domain.target import DATA, EXECUTION, QUERY
from cli.finding import find_group, find_plan
from cli.frame import Wiring, out, print_json, print_values, statuses
from cli.tables import moment, pairs, show

app = typer.Typer()

JsonOption = Annotated[
    bool, typer.Option("--json", help="Write one JSON value, for programs.")
]
AccountOption = Annotated[
    str,
    typer.Option(
        "--account", metavar="ID", help="A target account; else the hub's."
    ),
]


@app.command()
def groups(
    context: typer.Context,
    group: Annotated[
        str, typer.Argument(help="A group's name or id; else all of them.")
    ] = "",
    account: AccountOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the protection groups, or show one with its servers."""
    wiring: Wiring = context.obj
    with statuses():
        if group:
            _show_group(wiring, find_group(wiring, group), as_json)
            return
        query = {"accountId": account} if account else {}
        body = wiring.ask(DATA, "list_protection_groups", queryParams=query)
        if as_json:
            print_json(body)
            return
        show(
            out(),
            ("Group", "Region", "Account", "Servers", "Version", "Id"),
            [
                (
                    one["groupName"],
                    one["region"],
                    one.get("accountId") or "hub",
                    _chosen_by(one),
                    one.get("version"),
                    one["groupId"],
                )
                for one in body["groups"]
            ],
        )


def _chosen_by(group: Mapping[str, Any]) -> str:
    tags = pairs(group.get("serverSelectionTags"))
    return tags or f"{len(group.get('sourceServerIds') or ())} by id"


def _show_group(
    wiring: Wiring, group: Mapping[str, Any], as_json: bool
) -> None:
    servers = wiring.ask(
        QUERY,
        "get_protection_group_servers",
        protectionGroupId=group["groupId"],
    )
    if as_json:
        print_json({**group, "resolvedServers": servers})
        return
    print_values(
        {
            "group": group["groupName"],
            "id": group["groupId"],
            "region": group["region"],
            "account": group.get("accountId") or "hub",
            "servers": _chosen_by(group),
            "version": group.get("version"),
        }
    )
    _show_servers(servers)


@app.command()
def servers(
    context: typer.Context,
    region: Annotated[
        str, typer.Argument(help="The Region, such as us-east-1.")
    ],
    account: AccountOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the source servers that DRS replicates in a Region."""
    wiring: Wiring = context.obj
    with statuses():
        query = {"region": region}
        if account:
            query["accountId"] = account
        body = wiring.ask(QUERY, "get_drs_source_servers", queryParams=query)
        if as_json:
            print_json(body)
            return
        _show_servers(body["servers"])


def _show_servers(rows: list[Mapping[str, Any]]) -> None:
    show(
        out(),
        ("Server", "Name", "Replication", "Lag", "Last launch", "Group"),
        [
            (
                row.get("sourceServerID"),
                row.get("nameTag") or row.get("hostname"),
                row.get("replicationState"),
                row.get("lagDuration"),
                row.get("lastLaunchStatus"),
                (row.get("assignedToProtectionGroup") or {}).get(
                    "protectionGroupName"
                ),
            )
            for row in rows
        ],
    )


@app.command()
def quotas(
    context: typer.Context,
    account: AccountOption = "",
    region: Annotated[
        str, typer.Option(help="The Region whose jobs are counted.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show how much of the quotas of DRS an account uses."""
    wiring: Wiring = context.obj
    with statuses():
        query = {"accountId": account, "region": region}
        body = wiring.ask(
            QUERY,
            "get_drs_account_capacity",
            queryParams={name: it for name, it in query.items() if it},
        )
        if as_json:
            print_json(body)
            return
        _show_quotas(body)


def _show_quotas(body: Mapping[str, Any]) -> None:
    capacity = body.get("capacity") or {}
    limits = body.get("limits") or {}
    jobs = body.get("concurrentJobs") or {}
    in_jobs = body.get("serversInJobs") or {}
    print_values(
        {
            "account": f"{body.get('accountId')} {body.get('accountName')}",
            "region": body.get("region"),
            "replicating": f"{capacity.get('replicatingServers')} of "
            f"{capacity.get('maxReplicating')} ({capacity.get('status')})",
            "jobs": f"{jobs.get('current')} of {jobs.get('max')}",
            "servers in jobs": f"{in_jobs.get('current')} of "
            f"{in_jobs.get('max')}",
            "servers in a job": f"at most {limits.get('MAX_SERVERS_PER_JOB')}",
        }
    )
    show(
        out(),
        ("Region", "Servers", "Replicating", "Of", "Status"),
        [
            (
                row.get("region"),
                row.get("totalServers"),
                row.get("replicatingServers"),
                row.get("maxReplicating"),
                row.get("status"),
            )
            for row in capacity.get("regionalBreakdown") or ()
        ],
    )


@app.command()
def accounts(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the registered target accounts."""
    wiring: Wiring = context.obj
    with statuses():
        found = wiring.ask(DATA, "list_target_accounts")
        if as_json:
            print_json(found)
            return
        show(
            out(),
            ("Account", "Name", "Status", "Role", "Staging accounts"),
            [
                (
                    one["accountId"],
                    one.get("accountName"),
                    one.get("status"),
                    one.get("roleArn") or one.get("assumeRoleName"),
                    ", ".join(
                        str(staging.get("accountId"))
                        for staging in one.get("stagingAccounts") or ()
                    ),
                )
                for one in found
            ],
        )


@app.command()
def executions(
    context: typer.Context,
    plan: Annotated[
        str, typer.Option(help="Those of this plan, by name or id.")
    ] = "",
    status: Annotated[
        str, typer.Option(help="Those of this status, such as PAUSED.")
    ] = "",
    account: AccountOption = "",
    limit: Annotated[
        int, typer.Option(min=1, max=100, help="How many at most.")
    ] = 20,
    as_json: JsonOption = False,
) -> None:
    """List executions, the newest first."""
    wiring: Wiring = context.obj
    with statuses():
        asked = {"status": status.upper(), "accountId": account}
        if plan:
            asked["planId"] = str(find_plan(wiring, plan)["planId"])
        body = wiring.ask(
            EXECUTION,
            "list_executions",
            limit=limit,
            **{name: value for name, value in asked.items() if value},
        )
        if as_json:
            print_json(body)
            return
        _show_executions(body["items"])


def _show_executions(rows: list[Mapping[str, Any]]) -> None:
    show(
        out(),
        ("Execution", "Plan", "Type", "Status", "Started", "Ended"),
        [
            (
                row["executionId"],
                row.get("recoveryPlanName"),
                row.get("executionType"),
                row.get("status"),
                moment(row.get("startTime")),
                moment(row.get("endTime")),
            )
            for row in rows
        ],
    )
