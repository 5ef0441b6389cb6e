"""Runs cfn-lint on the files it is given; Pants brings the requirement."""

import sys

from cfnlint.runner import main  # type: ignore[import-untyped]

if __name__ == "__main__":
    sys.exit(main())
