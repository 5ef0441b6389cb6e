"""The versions that an artifact reports."""

from pathlib import Path

import shared
from shared.versions import versions


def test_a_version_is_the_line_in_the_packages_file() -> None:
    file = Path(shared.__file__).with_name("VERSION")

    found = versions("shared")

    assert found == {"shared": file.read_text().strip()}
