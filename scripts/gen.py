"""Write every generated file anew.

A generator is a script `scripts/gen_*.py` that writes its files and, with `--check`, fails when
they differ from what it would write. Generators run in the order of their names.
"""

import sys
from pathlib import Path

from scripts.console import ROOT, StepFailed, clean_environment, run_step
from scripts.stamps import VENV


def generators() -> list[Path]:
    """Return the generators, in the order they run."""
    return sorted((ROOT / "scripts").glob("gen_*.py"))


def main() -> int:
    """Run the generators; stop at the first that fails."""
    try:
        for path in generators():
            command: list[str | Path] = [VENV / "bin" / "python", path]
            run_step(f"Generate ({path.name})", command, env=clean_environment(PYTHONPATH="src"))
    except StepFailed:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
