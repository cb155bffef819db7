"""`python -m simulation --seeds 1000 [--first 0]`: many seeds; stops at the first one that fails and says which."""

from __future__ import annotations

import argparse
import sys
import time
import traceback

from simulation.run import simulate


def main() -> int:
    arguments = argparse.ArgumentParser(prog="simulation", description=__doc__)
    arguments.add_argument("--seeds", type=int, default=1000)
    arguments.add_argument("--first", type=int, default=0)
    given = arguments.parse_args()
    began = time.monotonic()
    for seed in range(given.first, given.first + given.seeds):
        try:
            simulate(seed)
        except Exception:
            traceback.print_exc()
            print(f"seed {seed} fails: run it alone with --first {seed} --seeds 1")
            return 1
    print(f"{given.seeds} seeds in {time.monotonic() - began:.1f} s, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
