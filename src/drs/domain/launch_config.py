"""Launch settings as DRS and EC2 keep them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSettings:
    """The launch configuration DRS has for a server, under DRS's names."""

    source_server_id: str
    template_id: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """One version of an EC2 launch template, under EC2's names."""

    template_id: str
    number: int
    content: Mapping[str, Any] = field(default_factory=dict)
