"""Asking the routes of the configuration as API Gateway asks."""

from typing import Any

from data_management_handler.routes import ROUTES
from shared.domain.routes import match
from shared.http import answer
from tests.data_management_handler.desk import Desk
from tests.support.api_document import check_answer
from tests.support.requests import a_front, a_request, body_of


class Asked:
    """An answer, taken apart."""

    def __init__(self, reply: dict[str, Any]) -> None:
        self.status = reply["statusCode"]
        self.body = body_of(reply)
        self.said = (
            self.body.get("error") if isinstance(self.body, dict) else None
        )


def ask(desk: Desk, method: str, path: str, **more: Any) -> Asked:
    """Ask a route, and hold the answer against the API's description."""
    event = a_request(method, path, **more)
    asked = Asked(answer(event, desk.ports(), ROUTES, a_front(desk.trail)))
    check_answer(
        match(method, path, ROUTES).route.name, asked.status, asked.body
    )
    return asked
