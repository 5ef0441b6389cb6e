"""Which servers of a staging account a target account still lacks."""

from collections.abc import Iterable

from drs.domain.servers import SourceServer


def extensible(
    servers: Iterable[SourceServer],
    staging_account_id: str,
    own: Iterable[SourceServer],
) -> tuple[list[SourceServer], list[SourceServer]]:
    """Return the servers to be extended, and those that are already.

    Args:
        servers: The servers of the staging account in a Region.
        staging_account_id: The staging account; what others replicate for
            it cannot be extended from it.
        own: The servers of the target account in the same Region.
    """
    extended = {one.staging_server_arn for one in own}
    fresh: list[SourceServer] = []
    known: list[SourceServer] = []
    for server in servers:
        if not server.is_extended(staging_account_id):
            (known if server.arn in extended else fresh).append(server)
    return fresh, known
