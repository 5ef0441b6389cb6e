"""The audit trail in DynamoDB, as moto plays it."""

from moto import mock_aws

from shared.aws.audit import DynamoAudit
from shared.aws.tables import DynamoExecutions
from shared.domain.audit import AuditResult, entry_at
from tests.contracts.tables import a_history_table
from tests.support.fakes import NOON, FakeClock


def test_entries_are_added_under_their_resource_and_kept_400_days() -> None:
    with mock_aws():
        table = a_history_table()
        trail = DynamoAudit(table, FakeClock())
        entry = entry_at(
            NOON,
            user="ann",
            action="pause_execution",
            resource_type="execution",
            resource_id="e-1",
            result=AuditResult.ALLOWED,
        )

        trail.write(entry)
        trail.write(entry)

        items = table.scan()["Items"]
        executions = DynamoExecutions(table, FakeClock())
        assert executions.active() == [] and executions.live() == []
    assert len(items) == 2
    for item in items:
        assert item["executionId"] == "audit#execution#e-1"
        assert str(item["planId"]).startswith("2026-01-01T12:00:00Z#")
        assert item["TTL"] == NOON + 400 * 86_400
        assert item["result"] == "allowed"
        assert "status" not in item
