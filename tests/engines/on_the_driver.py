"""The scenario driver as an engine; its clock is virtual."""

from pathlib import Path
from typing import Any

from tests.engines import script
from tests.engines.engines import Ended, Played, asked, cause, machine, names
from tests.engines.exceptions import error_payload
from tests.engines.scenarios import ELSEWHERE, Resumed, Scenario
from tests.support.scenario_driver.attempts import Delayed
from tests.support.scenario_driver.clock import VirtualClock
from tests.support.scenario_driver.driver import Driver
from tests.support.scenario_driver.errors import TaskFailed


class OnTheDriver:
    """Plays scenarios in no time."""

    def __init__(self, folder: Path) -> None:
        """Keep scripts and calls in a folder."""
        self._folder = folder

    def play(self, scenario: Scenario) -> Played:
        """Play a scenario to the end of its last execution."""
        script.write(self._folder, scenario.name, scenario.answers)
        driver = Driver(machine(scenario), self._invoke, VirtualClock())
        if scenario.successor:
            script.write(self._folder, ELSEWHERE.name, ELSEWHERE.answers)
            driver.start(scenario.successor, ELSEWHERE.input)
        driver.start(scenario.name, scenario.input)
        self._end_pauses(driver, scenario)
        driver.clock.run_all(within=1e9)
        return Played(
            executions=[
                Ended(
                    name=run.name,
                    entered=run.entered,
                    status=run.status,
                    error=run.error,
                    cause=cause(run.cause),
                )
                for run in driver.runs.values()
                if run.name in names(scenario)
                and run.name != scenario.successor
            ],
            calls=[
                asked(c) for c in script.calls(self._folder, scenario.name)
            ],
        )

    def _invoke(self, payload: Any) -> Any:
        found = script.answer(self._folder, payload)
        if error := error_payload(found):
            name, told = error
            raise TaskFailed(name, told)
        reply = found.get(script.REPLY)
        if script.LATE in found:
            return Delayed(after=found[script.LATE], reply=reply)
        return reply

    def _end_pauses(self, driver: Driver, scenario: Scenario) -> None:
        for number, pause in enumerate(scenario.pauses):
            token = self._token(driver, scenario.name, number)
            if isinstance(pause, Resumed):
                driver.send_task_success(token, pause.output)
            else:
                driver.send_task_failure(token, pause.error, pause.cause)

    def _token(self, driver: Driver, name: str, number: int) -> str:
        """Wait for the token of the pause with this number."""
        driver.clock.run_until(
            lambda: len(script.tokens(self._folder, name)) > number
        )
        return script.tokens(self._folder, name)[number]
