"""How DRS's answers become our values."""

from drs.aws.jobs import job, log_item
from drs.aws.servers import recovery_instance, source_server
from drs.domain.job import Job, LogItem
from drs.domain.servers import RecoveryInstance, SourceServer


def test_the_primary_interface_gives_the_address() -> None:
    item = {
        "sourceServerID": "s-1",
        "sourceProperties": {
            "networkInterfaces": [
                {"ips": ["10.0.0.1"]},
                {"ips": ["10.0.0.2", "10.0.0.3"], "isPrimary": True},
            ]
        },
    }

    assert source_server(item).source_ip == "10.0.0.2"


def test_an_interface_without_addresses_is_passed_over() -> None:
    item = {
        "sourceServerID": "s-1",
        "sourceProperties": {
            "networkInterfaces": [{"isPrimary": True}, {"ips": ["10.0.0.1"]}]
        },
    }

    assert source_server(item).source_ip == "10.0.0.1"


def test_what_an_answer_leaves_out_is_empty() -> None:
    assert source_server({"sourceServerID": "s-1"}) == SourceServer(
        source_server_id="s-1"
    )
    assert recovery_instance(
        {"recoveryInstanceID": "i-1"}
    ) == RecoveryInstance(recovery_instance_id="i-1", is_drill=False)
    assert job({"jobID": "drsjob-1"}) == Job(
        job_id="drsjob-1", status="", type=""
    )
    assert log_item({}) == LogItem(logged_at="", event="")


def test_values_we_do_not_know_are_carried_through() -> None:
    item = {
        "jobID": "drsjob-1",
        "status": "NEW_STATE",
        "type": "NEW_TYPE",
        "participatingServers": [
            {
                "sourceServerID": "s-1",
                "launchStatus": "NEW_STATUS",
                "launchActionsStatus": {"runs": []},
            }
        ],
    }

    found = job(item)

    assert (found.status, found.type) == ("NEW_STATE", "NEW_TYPE")
    assert found.participants[0].launch_status == "NEW_STATUS"
    assert found.participants[0].launch_actions_status == {"runs": []}
