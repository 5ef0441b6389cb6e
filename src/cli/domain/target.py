"""Which installation a command is for, and what its functions are called."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

EXECUTION = "execution-handler"
QUERY = "query-handler"
DATA = "data-management-handler"
FUNCTIONS = (EXECUTION, QUERY, DATA)
_ALIAS = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An installation; empty values are those of the AWS configuration.

    Attributes:
        local: Whether it is the local cloud of this checkout.
        api_url: Where its API's paths begin, to ask that and not the
            functions.
    """

    project: str = "dro"
    environment: str = "dev"
    region: str = ""
    profile: str = ""
    endpoint_url: str = ""
    local: bool = False
    api_url: str = ""

    def command(self, *words: str) -> str:
        """Return a command for this installation, as a shell reads it."""
        return shlex.join(["dro", *self._options(), *words])

    def function_names(self) -> Mapping[str, str]:
        """Return what Lambda calls each function."""
        return {
            name: f"{self.project}-{name}-{self.environment}:{_ALIAS}"
            for name in FUNCTIONS
        }

    def _options(self) -> list[str]:
        usual = Target()
        told = {
            "--project": (self.project, usual.project),
            "--environment": (self.environment, usual.environment),
            "--region": (self.region, usual.region),
            "--profile": (self.profile, usual.profile),
            "--endpoint-url": (self.endpoint_url, usual.endpoint_url),
            "--api": (self.api_url, usual.api_url),
        }
        return [
            *(["--local"] if self.local else []),
            *(
                word
                for option, (value, default) in told.items()
                if value != default
                for word in (option, value)
            ),
        ]
