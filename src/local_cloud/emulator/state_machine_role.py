"""Enforces a state machine's role on its tasks, which stock is not done.

Each task of a kind we use is turned into the action and resource that AWS
would check, and the role's policies are asked. A refusal is an error of the
task, so that Retry and Catch see it. A kind of task that this module cannot
judge is refused and named: a check that cannot run has not passed.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from local_cloud.emulator import engine

_role: ContextVar[str] = ContextVar("state_machine_role", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What AWS would ask the role for."""

    action: str
    resource: str


def install() -> None:
    """Check every task of every execution from now on."""
    machine = engine.stepfunctions
    execute = machine._execute_task
    invoke = machine._invoke_resource
    invoke_with_callback = machine._invoke_with_callback

    def execute_task(
        state: Any, raw_input: Any, execution: Mapping[str, Any], ctx: Any
    ) -> Any:
        arn = execution["stateMachineArn"]
        token = _role.set(machine._state_machines[arn]["roleArn"])
        try:
            return execute(state, raw_input, execution, ctx)
        finally:
            _role.reset(token)

    def invoke_resource(resource: str, payload: Any) -> Any:
        _require(resource, payload)
        return invoke(resource, payload)

    def invoke_callback(
        resource: str, payload: Any, token: str, state: Any
    ) -> Any:
        _require(resource, payload)
        return invoke_with_callback(resource, payload, token, state)

    machine._execute_task = execute_task
    machine._invoke_resource = invoke_resource
    machine._invoke_with_callback = invoke_callback


def needed(resource: str, payload: Any) -> Needed | None:
    """Answer what a task needs; None where no rule for its kind is here."""
    kind = resource.removeprefix("arn:aws:states:::").split(".")[0]
    given = payload if isinstance(payload, dict) else {}
    match kind:
        case "lambda:invoke":
            return Needed(
                action="lambda:InvokeFunction",
                resource=_function_arn(str(given.get("FunctionName", ""))),
            )
        case "states:startExecution":
            return Needed(
                action="states:StartExecution",
                resource=str(given.get("StateMachineArn", "")),
            )
    if resource.startswith("arn:aws:lambda:"):
        return Needed(action="lambda:InvokeFunction", resource=resource)
    return None


def _require(resource: str, payload: Any) -> None:
    wanted = needed(resource, payload)
    if wanted is None:
        raise engine.stepfunctions._ExecutionError(
            "States.Runtime",
            f"The local cloud has no rule that says what {resource} needs "
            "of the state machine's role: add it to state_machine_role.py.",
        )
    role = _role.get()
    if not _allows(role, wanted):
        raise engine.stepfunctions._ExecutionError(
            "States.TaskFailed",
            f"AccessDeniedException: {role} is not authorized to perform: "
            f"{wanted.action} on resource: {wanted.resource}",
        )


def _allows(role: str, wanted: Needed) -> bool:
    evaluator = engine.iam_evaluator
    account = engine.responses.get_account_id()
    policies = evaluator._gather_role_policies(
        role.rsplit("/", 1)[-1], account
    )
    question = evaluator.EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=account,
        action=wanted.action,
        resource_arn=wanted.resource,
        region=engine.responses.get_region(),
        source_ip="127.0.0.1",
        secure_transport=True,
    )
    decision: str = evaluator.evaluate(question, policies).decision
    return decision == "Allow"


def _function_arn(name: str) -> str:
    if name.startswith("arn:"):
        return name
    region = engine.responses.get_region()
    account = engine.responses.get_account_id()
    return f"arn:aws:lambda:{region}:{account}:function:{name}"
