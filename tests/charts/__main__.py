"""Five hundred charts, honest and hostile, ruled by the guard and drawn in a browser: `make charts`.

Accepted ones must render, refused ones must say where and why, and none may reach the network.
Arguments: `--seed N` for other charts, `--count N` for more of them.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.charts.corpus import cases
from tests.charts.gallery import describe, misses
from tests.charts.page import easel


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Print every miss and a table; 1 when there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--count", type=int, default=500)
    options = parser.parse_args()
    corpus = cases(options.seed, options.count)
    began = time.monotonic()
    missed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, easel(Path(folder)) as canvas:
        for case in corpus:
            found = misses(canvas, case)
            if found:
                missed[case.kind] += 1
                say(describe(case, found))
    say(f"\nSeed {options.seed}: {len(corpus)} charts in {time.monotonic() - began:.0f} s")
    for (kind, wanted), count in sorted(Counter((c.kind, c.wanted) for c in corpus).items()):
        say(f"  {kind:20} must be {wanted:8} {count - missed[kind]:4} of {count}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
