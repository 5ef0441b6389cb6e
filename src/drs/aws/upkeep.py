"""What keeps source servers in order between launches: places and tags.

No launch makes these calls; only the data management handler does.
"""

from collections.abc import Mapping

from drs.aws.calls import Calls


def extend_server(calls: Calls, arn: str, tags: Mapping[str, str]) -> None:
    """Take over a server that another account replicates."""
    calls.call(
        "drs",
        "create_extended_source_server",
        sourceServerArn=arn,
        tags=dict(tags),
    )


def tag(calls: Calls, arn: str, tags: Mapping[str, str]) -> None:
    """Set tags of something of DRS; its other tags stay."""
    calls.call("drs", "tag_resource", resourceArn=arn, tags=dict(tags))
