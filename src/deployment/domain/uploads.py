"""What is still to be uploaded, and what may not be."""

from collections.abc import Mapping

from deployment.domain.errors import AlreadyPublished


def missing(
    meant: Mapping[str, str], there: Mapping[str, str]
) -> frozenset[str]:
    """Answer the keys to upload.

    Args:
        meant: The hash of what is to lie under each key.
        there: The hash of what lies under a key already.

    Raises:
        AlreadyPublished: A key holds other content; nothing may be uploaded.
    """
    others = sorted(
        key for key in meant if key in there and there[key] != meant[key]
    )
    if others:
        raise AlreadyPublished(
            "A published version never changes, and the bucket holds other "
            f"content under {', '.join(others)}. Say what changed in "
            "src/PACKAGE/changes/<slug>.<kind>.md, and release it with "
            "`scripts/release PACKAGE`; without a release the fragment alone "
            "gives the build a version of its own. Nothing was uploaded."
        )
    return frozenset(meant) - frozenset(there)
