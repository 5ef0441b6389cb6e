"""Estates, tags, staging accounts, quotas: what the control path sets up."""

from typing import Any

import pytest

from drs_simulator.domain.faults import ControlError, ServiceFault
from drs_simulator.domain.memory import restore, saved
from drs_simulator.domain.quotas import Quotas
from drs_simulator.domain.times import duration
from tests.drs_simulator.builders import (
    ACCOUNT,
    OTHER,
    REGION,
    Service,
    an_estate,
)


def refused(service: Service, operation: str, **request: Any) -> str:
    with pytest.raises(ServiceFault) as error:
        service.call(operation, **request)
    return error.value.code


def test_ids_follow_from_account_region_and_hostname() -> None:
    first, second = Service(2), Service(2, seed=99)

    answer = first.simulator.load_estate(an_estate(1))

    assert first.ids == second.ids
    [region] = answer["regions"]
    assert region["servers"]["db-0"] in first.ids
    assert all(len(server_id) == 19 for server_id in first.ids)


def test_a_given_id_is_kept() -> None:
    service = Service(0)

    service.simulator.load_estate(
        an_estate(1, sourceServerID="s-0123456789abcdef0")
    )

    assert service.ids == ["s-0123456789abcdef0"]


def test_describing_a_server_anew_keeps_what_jobs_did() -> None:
    service = Service(1)
    service.launch_all(*service.ids)

    service.simulator.load_estate(an_estate(1, replicationState="STALLED"))

    [server] = service.pages("DescribeSourceServers")
    assert server["lastLaunchResult"] == "SUCCEEDED"
    assert server["dataReplicationInfo"]["dataReplicationError"]
    assert "recoveryInstanceId" in server


def test_an_estate_can_replace_everything() -> None:
    service = Service(3)

    service.simulator.load_estate({**an_estate(1), "replace": True})

    assert len(service.ids) == 1


def test_the_estate_is_shown_as_it_stands() -> None:
    service = Service(1)
    service.launch_all(*service.ids)

    shown = service.simulator.estate()

    [account] = shown["accounts"]
    [region] = account["regions"]
    [server] = region["servers"]
    assert (account["accountId"], region["region"]) == (ACCOUNT, REGION)
    assert (region["jobs"], region["activeJobs"]) == (1, [])
    assert server["launched"] and server["lastLaunch"] == "LAUNCHED"


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (an_estate(1, hostnme="x"), "hostnme"),
        (an_estate(1, replicationState="FINE"), "FINE"),
        (an_estate(1, account="12"), "12"),
        (an_estate(1, sourceServerID="s-1"), "s-1"),
        (an_estate(2, sourceServerID="s-0123456789abcdef0"), "twice"),
        (an_estate(1, launchConfiguration={"bootMode": "UEFI"}), "bootMode"),
        ({}, "accounts"),
    ],
)
def test_an_estate_with_a_mistake_is_refused_by_name(
    document: dict[str, Any], named: str
) -> None:
    service = Service(1)

    with pytest.raises(ControlError, match=named):
        service.simulator.load_estate(document)

    assert len(service.ids) == 1


def test_a_source_instance_shows_its_cloud_of_origin() -> None:
    service = Service(
        1,
        instanceId="i-0123456789abcdef0",
        originAccountId=ACCOUNT,
        originRegion="us-west-2",
    )

    [server] = service.pages("DescribeSourceServers")

    hints = server["sourceProperties"]["identificationHints"]
    assert hints["awsInstanceID"] == "i-0123456789abcdef0"
    assert server["sourceCloudProperties"]["originRegion"] == "us-west-2"


def test_a_region_never_initialised_refuses_every_reading() -> None:
    service = Service(0)
    service.simulator.load_estate(an_estate(0, initialized=False))

    assert refused(service, "DescribeJobs") == "UninitializedAccountException"


class TestStaging:
    """Extended source servers."""

    def extended(self) -> tuple[Service, str]:
        service = Service(0)
        service.simulator.load_estate(an_estate(1, account=OTHER))
        [found] = service.pages(
            "ListExtensibleSourceServers", stagingAccountID=OTHER
        )
        service.call(
            "CreateExtendedSourceServer", sourceServerArn=found["arn"]
        )
        return service, str(found["arn"])

    def test_an_extended_server_shares_its_origins_replication(self) -> None:
        service, arn = self.extended()

        service.simulator.call(
            OTHER,
            REGION,
            "StopReplication",
            {"sourceServerID": arn.rpartition("/")[2]},
        )

        [server] = service.pages("DescribeSourceServers")
        replication = server["dataReplicationInfo"]
        assert replication["dataReplicationState"] == "STOPPED"

    def test_its_own_replication_cannot_be_stopped(self) -> None:
        service, _ = self.extended()

        code = refused(
            service, "StopReplication", sourceServerID=service.ids[0]
        )

        assert code == "ResourceNotFoundException"

    def test_it_is_found_by_its_staging_account(self) -> None:
        service, _ = self.extended()

        found = service.pages(
            "DescribeSourceServers", filters={"stagingAccountIDs": [OTHER]}
        )

        assert len(found) == 1

    def test_it_launches_in_the_target_account(self) -> None:
        service, _ = self.extended()

        job = service.launch_all(*service.ids)

        [participant] = job["participatingServers"]
        assert participant["launchStatus"] == "LAUNCHED"

    def test_a_server_is_extended_once(self) -> None:
        service, arn = self.extended()

        code = refused(
            service, "CreateExtendedSourceServer", sourceServerArn=arn
        )

        assert code == "ValidationException"

    def test_an_extended_server_is_not_extended_further(self) -> None:
        service, _ = self.extended()
        third = "333333333333"
        service.simulator.load_estate(an_estate(0, account=third))
        [server] = service.pages("DescribeSourceServers")

        with pytest.raises(ServiceFault) as error:
            service.simulator.call(
                third,
                REGION,
                "CreateExtendedSourceServer",
                {"sourceServerArn": server["arn"]},
            )

        assert error.value.code == "ValidationException"

    def test_an_account_that_does_not_trust_is_closed(self) -> None:
        service = Service(0)
        document = an_estate(1, account=OTHER)
        document["accounts"][0]["extendableBy"] = ["333333333333"]
        service.simulator.load_estate(document)

        code = refused(
            service, "ListExtensibleSourceServers", stagingAccountID=OTHER
        )

        assert code == "AccessDeniedException"

    def test_the_quota_of_source_servers_holds(self) -> None:
        service = Service(1, quotas=Quotas(source_servers=1))
        service.simulator.load_estate(an_estate(1, account=OTHER))
        [found] = service.pages(
            "ListExtensibleSourceServers", stagingAccountID=OTHER
        )

        code = refused(
            service, "CreateExtendedSourceServer", sourceServerArn=found["arn"]
        )

        assert code == "ServiceQuotaExceededException"

    @pytest.mark.parametrize(
        ("arn", "code"),
        [
            ("arn:aws:s3:::a-bucket-of-mine", "ValidationException"),
            (
                f"arn:aws:drs:{REGION}:{ACCOUNT}:source-server/s-1",
                "ValidationException",
            ),
            (
                f"arn:aws:drs:{REGION}:{OTHER}:source-server/s-1",
                "ResourceNotFoundException",
            ),
        ],
    )
    def test_an_arn_that_cannot_be_extended_is_refused(
        self, arn: str, code: str
    ) -> None:
        service = Service(0)
        service.simulator.load_estate(an_estate(1, account=OTHER))

        found = refused(
            service, "CreateExtendedSourceServer", sourceServerArn=arn
        )

        assert found == code


class TestTags:
    """Tags by ARN."""

    def test_jobs_and_instances_have_tags(self) -> None:
        service = Service(1)
        job = service.launch_all(*service.ids, tags={"Wave": "1"})
        [instance] = service.pages("DescribeRecoveryInstances")

        for arn in (job["arn"], instance["arn"]):
            service.call("TagResource", resourceArn=arn, tags={"Seen": "x"})

        assert service.job(job["jobID"])["tags"] == {"Wave": "1", "Seen": "x"}
        found = service.call(
            "ListTagsForResource", resourceArn=instance["arn"]
        )
        assert found == {"tags": {"Seen": "x"}}

    @pytest.mark.parametrize(
        ("arn", "code"),
        [
            ("arn:aws:s3:::a-bucket-of-mine", "ValidationException"),
            (
                f"arn:aws:drs:{REGION}:{OTHER}:job/drsjob-1",
                "AccessDeniedException",
            ),
            (
                f"arn:aws:drs:eu-west-1:{ACCOUNT}:job/drsjob-1",
                "ResourceNotFoundException",
            ),
            (
                f"arn:aws:drs:{REGION}:{ACCOUNT}:job/drsjob-1",
                "ResourceNotFoundException",
            ),
        ],
    )
    def test_an_arn_of_nothing_here_is_refused(
        self, arn: str, code: str
    ) -> None:
        service = Service(1)

        assert refused(service, "ListTagsForResource", resourceArn=arn) == code

    @pytest.mark.parametrize(
        "tags", [{"aws:mine": "x"}, {f"key-{i}": "x" for i in range(51)}]
    )
    def test_tags_out_of_bounds_are_refused(
        self, tags: dict[str, str]
    ) -> None:
        service = Service(1)
        [server] = service.pages("DescribeSourceServers")

        code = refused(
            service, "TagResource", resourceArn=server["arn"], tags=tags
        )

        assert code == "ValidationException"


class TestQuotas:
    """Who has which quota."""

    def test_the_closest_exception_holds(self) -> None:
        quotas = Service().simulator.quotas

        quotas.adjust({"L-B827C881": 90})
        quotas.adjust({"servers_per_job": 80}, ACCOUNT)
        quotas.adjust({"servers_per_job": 70}, ACCOUNT, REGION)

        assert quotas.of(OTHER, REGION).servers_per_job == 90
        assert quotas.of(ACCOUNT, "eu-west-1").servers_per_job == 80
        assert quotas.of(ACCOUNT, REGION).servers_per_job == 70

    @pytest.mark.parametrize(
        ("values", "region"),
        [({"L-NONE": 1}, ""), ({"L-B827C881": -1}, ""), ({}, REGION)],
    )
    def test_a_quota_that_is_none_is_refused(
        self, values: dict[str, int], region: str
    ) -> None:
        with pytest.raises(ControlError):
            Service().simulator.quotas.adjust(values, region=region)


class TestMemory:
    """A service that is saved and restored goes on as if nothing were."""

    def test_a_restored_service_goes_on(self) -> None:
        first, second = Service(2), Service(0)
        job_id = first.start(*first.ids, tags={"Wave": "1"})
        first.simulator.inject({"op": "DescribeJobs", "delay": 1})
        first.simulator.quotas.adjust({"concurrent_jobs": 5})

        restore(second.simulator, saved(first.simulator))
        for service in (first, second):
            service.clock.forward(1000)

        assert second.job(job_id)["status"] == "COMPLETED"
        assert second.job(job_id)["tags"] == {"Wave": "1"}
        assert second.simulator.injection.listed()
        assert second.simulator.quotas.default.concurrent_jobs == 5
        assert second.start(*second.ids) == first.start(*first.ids)

    @pytest.mark.parametrize("content", [b"", b"{}", b"[1]"])
    def test_a_file_that_is_none_is_refused_with_a_remedy(
        self, content: bytes
    ) -> None:
        with pytest.raises(ControlError, match="remove the file"):
            restore(Service().simulator, content)

    def test_another_format_is_refused(self) -> None:
        content = saved(Service().simulator).replace(
            b'"format":1', b'"format":9', 1
        )

        with pytest.raises(ControlError, match="format 9"):
            restore(Service().simulator, content)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "PT0S"),
        (59.9, "PT59S"),
        (3_600, "PT1H"),
        (86_400, "P1D"),
        (90_061, "P1DT1H1M1S"),
        (-5, "PT0S"),
    ],
)
def test_a_duration_is_written_as_iso_8601(seconds: float, text: str) -> None:
    assert duration(seconds) == text
