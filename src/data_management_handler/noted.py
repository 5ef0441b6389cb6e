"""Operations whose entry in the audit trail follows what they did.

Of the API the front notes them. What they change of groups, plans and
accounts has entries of its own, written with each change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_management_handler.audit import Operation
from data_management_handler.domain.request import request_of
from data_management_handler.ports import Ports
from shared import trail
from shared.domain.audit import AuditResult, changed, entry_at, result_of
from shared.domain.errors import DrError
from shared.domain.execution import Wire
from shared.domain.wire import MAX_ID_CHARACTERS

_NAMELESS = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """An operation, what it is about, and what its entry tells of it.

    Attributes:
        names: The field of the reply that holds the thing's id where the
            path does not.
        fields: Fields of the request and the reply that the entry keeps.
    """

    operation: Operation
    resource: str
    names: str = ""
    fields: Sequence[str] = ()

    def direct(self) -> Operation:
        """Return the operation as it is invoked directly."""

        def noted(event: Wire, ports: Ports) -> Any:
            try:
                reply = self.operation(event, ports)
            except DrError as error:
                self._note(event, {}, ports, error)
                raise
            self._note(event, reply, ports)
            return reply

        return noted

    def _note(
        self,
        event: Wire,
        reply: Mapping[str, Any],
        ports: Ports,
        error: DrError | None = None,
    ) -> None:
        try:
            request = request_of(event)
        except DrError:
            # What cannot be read as a request names nobody and nothing.
            return
        told = {**request.body, **reply} if error is None else {}
        entry = entry_at(
            ports.clock.now(),
            user=request.user,
            action=request.operation,
            resource_type=self.resource,
            resource_id=str(
                request.path.get("id") or told.get(self.names) or _NAMELESS
            )[:MAX_ID_CHARACTERS],
            result=AuditResult.ALLOWED if error is None else result_of(error),
            changes=changed({name: told.get(name) for name in self.fields}),
            error_code="" if error is None else error.code,
        )
        trail.note(entry, ports.audit)
