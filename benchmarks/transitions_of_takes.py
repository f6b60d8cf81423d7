# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how faces move between expressions, for ``models/vae/transitions.json``.

    python benchmarks/transitions_of_takes.py --data DIR

The takes are those under ``performances/train`` in DIR, which the networks learn from.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from mien.models.take import read_take
from mien.models.vae.transitions import TABLE, measured

TAKES = (
    "alexdjulin/alex_rom_3.csv",
    "alexdjulin/alex_rom_4.csv",
    "jmtechart/MySlate_3_Jason_Millers_iPhone.csv",
    "sentien",
)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("-o", "--output", type=Path, default=TABLE)
    arguments = parser.parse_args()
    folder = arguments.data / "performances" / "train"
    found = measured(read_take(folder / name).performance for name in TAKES)
    content = {"measured_on": list(TAKES), **found}
    text = json.dumps(content, indent=1)
    arguments.output.write_text(text + "\n", encoding="utf-8")
    for kind in ("rise", "fall"):
        for region, course in found[kind].items():
            print(kind, region, course["count"], course["seconds"], course["share"][::4])


if __name__ == "__main__":
    main()
