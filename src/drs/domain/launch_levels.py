"""The levels of a group's launch configuration that a request touches.

Says what is set where and what follows from it; whether that can work is
decided in ``launch_values`` and ``launch_checks``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from drs.domain.launch_config import (
    effective_configs,
    group_config,
    own_config,
)

GROUP_PATH: Final = "launchConfig"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A group's configuration, or that of one of its servers.

    Attributes:
        path: Where the request has it, for messages.
        own: What is set here.
        effective: What holds with what is set above it.
        before: What held so far; empty where nothing did.
        server_id: The server, empty at the group's level.
    """

    path: str
    own: Mapping[str, Any]
    effective: Mapping[str, Any]
    before: Mapping[str, Any] = field(default_factory=dict)
    server_id: str = ""

    def path_of(self, name: str) -> str:
        """Return the path of a field, which may be set above."""
        path = self.path if name in self.own else GROUP_PATH
        return f"{path}.{name}"

    @property
    def address(self) -> tuple[str, str]:
        """Return the subnet and the static address that hold."""
        return _address(self.effective)

    @property
    def has_other_address(self) -> bool:
        """Tell whether a static address holds that did not hold so far."""
        return bool(self.address[1]) and self.address != _address(self.before)

    @property
    def is_moved(self) -> bool:
        """Tell whether a static address stays while its subnet changes."""
        subnet, address = _address(self.before)
        return bool(subnet) and address == self.address[1]


def levels_of(
    group: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    *,
    of_group: bool,
    paths: Mapping[str, str],
) -> list[Level]:
    """Return the levels of a group that are to be checked.

    Args:
        group: The whole group as it is to be.
        before: The whole group as it is; None for one that is created.
        of_group: Whether its own level is among them.
        paths: The servers with entries that are, and where those are.
    """
    found = []
    if of_group:
        config = group_config(group)
        old = group_config(before) if before else {}
        found.append(
            Level(path=GROUP_PATH, own=config, effective=config, before=old)
        )
    entries = {
        entry["sourceServerId"]: entry for entry in group.get("servers") or ()
    }
    now = effective_configs(group, paths)
    then = effective_configs(before, paths) if before else {}
    found += [
        Level(
            path=path,
            own=own_config(entries.get(server, {})),
            effective=now[server],
            before=then.get(server, {}),
            server_id=server,
        )
        for server, path in paths.items()
    ]
    return found


def _address(config: Mapping[str, Any]) -> tuple[str, str]:
    address = str(config.get("staticPrivateIp") or "")
    return str(config.get("subnetId") or ""), address
