# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversion as a command: `python -m mien.models.capture.conversion SOURCE TARGET`."""

import sys
from pathlib import Path

from ...errors import WeightsError
from . import convert_all


def main(arguments: list[str]) -> int:
    """Convert; 0 done, 1 failed with a line on stderr, 2 bad use."""
    if len(arguments) != 2:
        print("usage: python -m mien.models.capture.conversion SOURCE TARGET", file=sys.stderr)
        return 2
    try:
        convert_all(Path(arguments[0]), Path(arguments[1]))
    except WeightsError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"The tracker's weights are in {arguments[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
