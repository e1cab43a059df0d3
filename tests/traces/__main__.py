"""Both corpora of traced numbers, with every miss: `make traces`.

Misquotes must all be untraced, and at least 98 % of the honest phrasings traced. Arguments: `--seed N`
for other schemas, `--count N` for more cases, `--rounds N` for several seeds in turn.
"""

import argparse
import sys
from collections import Counter

from tests.traces.corpus import Outcome, judge
from tests.traces.honest import honest
from tests.traces.misquotes import misquotes

HONEST_SHARE = 0.98


def run(seed: int, count: int) -> tuple[list[Outcome], list[Outcome], list[Outcome]]:
    """All misquotes, the ones that were not caught, the honest ones that were not traced."""
    lies = [judge(case) for case in misquotes(seed, count)]
    truths = [judge(case) for case in honest(seed, count)]
    return lies, [o for o in lies if not o.is_caught], [o for o in truths if not o.is_traced]


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main() -> int:
    """Print both tables and every miss; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    broken = False
    for seed in range(options.seed, options.seed + options.rounds):
        lies, passed, untraced = run(seed, options.count)
        for outcome in [*passed, *untraced]:
            say(outcome.describe())
        kinds = Counter(outcome.case.kind for outcome in lies)
        say(f"\nSeed {seed}: misquotes caught {len(lies) - len(passed)} of {len(lies)}")
        for kind, number in kinds.items():
            missed = sum(outcome.case.kind == kind for outcome in passed)
            say(f"  {kind:22} {number - missed:4} of {number}")
        good = options.count - len(untraced)
        say(f"Honest phrasings traced {good} of {options.count} ({good / options.count:.1%})")
        for kind, number in Counter(outcome.case.kind for outcome in untraced).items():
            say(f"  not traced: {kind:12} {number}")
        broken |= bool(passed) or good / options.count < HONEST_SHARE
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
