"""A local cloud for the length of one command.

A cloud that was up stays up; one that this command brought up goes down
with it, however the command ends, unless it is to be kept. An interrupted
command keeps nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cli.domain.ports import Cloud


@contextmanager
def running(
    cloud: Cloud, *, keep: bool, say: Callable[[str], None]
) -> Iterator[Cloud]:
    """Bring the cloud up, and leave it as it was found."""
    was_up = cloud.is_up()
    stays = was_up
    try:
        cloud.up()
        stays = was_up or keep
        yield cloud
    except KeyboardInterrupt:
        stays = was_up
        raise
    finally:
        if stays:
            cloud.release()
            say("The local cloud stays up; `dro local down` ends it.")
        else:
            cloud.down()
