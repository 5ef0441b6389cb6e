"""Connecting ports to AWS, once per container.

Which table, topic and peer is meant is said by the settings. Nothing here
decides anything.
"""

import os
from functools import cache

from shared.aws.account_names import AwsAccountNames
from shared.aws.audit import DynamoAudit
from shared.aws.callbacks import StepFunctionsCallbacks
from shared.aws.catalogue import DynamoCatalogue
from shared.aws.clients import (
    events_client,
    iam_client,
    lambda_client,
    organizations_client,
    states_client,
    topics_client,
)
from shared.aws.handlers import LambdaHandler
from shared.aws.machine import StepFunctionsMachine
from shared.aws.notifier import SnsTopics, TopicNotifier
from shared.aws.schedules import EventBridgeRule
from shared.aws.tables import (
    DynamoAccounts,
    DynamoExecutions,
    DynamoGroups,
    DynamoLocks,
    DynamoPlans,
    table,
)
from shared.aws.worker import LambdaWorker
from shared.clock import SystemClock
from shared.domain.catalogue import ACCOUNTS, GROUPS, PLANS, Catalogue
from shared.domain.ports import (
    AccountNames,
    Accounts,
    Callbacks,
    Executions,
    Groups,
    Handler,
    Machine,
    Plans,
    Worker,
)
from shared.domain.schedule import Rule
from shared.domain.trail import Trail
from shared.run import RunPorts
from shared.settings import (
    EXECUTION_HANDLER_READ_TIMEOUT,
    QUERY_HANDLER_READ_TIMEOUT,
    CommonSettings,
    TopicSettings,
    account_id_of,
    alias_of,
    history_table,
)

ASYNCHRONOUS_READ_TIMEOUT = 10


def run_ports(settings: CommonSettings, own_arn: str) -> RunPorts:
    """Return the history, the locks, the people and the time."""
    clock = SystemClock()
    history = table(settings.execution_history_table)
    return RunPorts(
        executions=DynamoExecutions(history, clock),
        locks=DynamoLocks(history, clock),
        notifier=TopicNotifier(topics(settings)),
        clock=clock,
        hub_account_id=account_id_of(own_arn),
        retention_days=settings.retention_days,
    )


def topics(settings: TopicSettings) -> SnsTopics:
    """Return the topics, one by one."""
    return SnsTopics(topics_client(), settings.topics, settings.console_url)


def plans(name: str) -> Plans:
    """Return the recovery plans."""
    return DynamoPlans(table(name), SystemClock())


def groups(name: str) -> Groups:
    """Return the protection groups."""
    return DynamoGroups(table(name), SystemClock())


def accounts(name: str) -> Accounts:
    """Return the registered target accounts."""
    return DynamoAccounts(table(name), SystemClock())


def executions(settings: CommonSettings) -> Executions:
    """Return the execution history."""
    history = table(settings.execution_history_table)
    return DynamoExecutions(history, SystemClock())


@cache
def own_executions() -> Executions:
    """Return the history for a function that is called by its name alone.

    Raises:
        SettingError: A variable of the environment is missing.
    """
    return DynamoExecutions(table(history_table(os.environ)), SystemClock())


def catalogues(
    settings: CommonSettings, accounts_table: str
) -> tuple[Catalogue, Catalogue, Catalogue]:
    """Return groups, plans and accounts, to be read and changed."""
    clock = SystemClock()
    history = table(settings.execution_history_table)
    its_groups = table(settings.protection_groups_table)
    its_plans = table(settings.recovery_plans_table)
    its_accounts = table(accounts_table)
    groups = DynamoCatalogue(GROUPS, its_groups, history, clock)
    return (
        groups,
        DynamoCatalogue(PLANS, its_plans, history, clock, needed=groups),
        DynamoCatalogue(ACCOUNTS, its_accounts, history, clock),
    )


def execution_handler(arn: str) -> Handler:
    """Return the execution handler as a peer."""
    return LambdaHandler(lambda_client(EXECUTION_HANDLER_READ_TIMEOUT), arn)


def query_handler(arn: str) -> Handler:
    """Return the query handler as a peer."""
    return LambdaHandler(lambda_client(QUERY_HANDLER_READ_TIMEOUT), arn)


def audit(name: str) -> Trail:
    """Return the audit trail, in the table of the executions."""
    return DynamoAudit(table(name), SystemClock())


def callbacks() -> Callbacks:
    """Return the tasks that wait for an answer."""
    return StepFunctionsCallbacks(states_client())


def machine(state_machine_arn: str) -> Machine:
    """Return the state machine."""
    return StepFunctionsMachine(states_client(), state_machine_arn)


def worker(own_arn: str) -> Worker:
    """Return this same function's alias, for work after the reply."""
    client = lambda_client(ASYNCHRONOUS_READ_TIMEOUT)
    return LambdaWorker(client, alias_of(own_arn))


def rule(name: str) -> Rule:
    """Return a rule of EventBridge."""
    return EventBridgeRule(events_client(), name)


def account_names() -> AccountNames:
    """Return the names of accounts."""
    return AwsAccountNames(iam_client(), organizations_client())
