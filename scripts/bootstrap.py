"""Prepare a checkout: `python -m scripts.bootstrap run|dev`.

Needs Python 3.11 with pip, and nothing else: the packages come from the hashed locks in
`requirements/`, as wheels only, so no compiler is used; Node comes from a wheel too. Each step
says what it does and is skipped when its inputs have not changed.
"""

import fcntl
import re
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from scripts import web
from scripts.console import LOGS, ROOT, StepFailed, clean_environment, done, failed, run_step, say
from scripts.stamps import VENV, digest, forget, is_current, set_done

PYTHON = VENV / "bin" / "python"
_OLDEST = (3, 11)


def main() -> int:
    """Prepare the checkout for the profile named on the command line."""
    profile = sys.argv[1] if len(sys.argv) > 1 else "dev"
    if profile not in {"run", "dev"}:
        failed(f"Unknown profile {profile!r}: use run or dev")
        return 2
    if sys.version_info < _OLDEST:
        failed(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}")
        return 2
    began = time.monotonic()
    try:
        with _alone():
            prepare(profile)
    except StepFailed:
        return 1
    except KeyboardInterrupt:
        failed("Interrupted; the next time goes on from here")
        return 130
    done(f"Ready ({time.monotonic() - began:.1f} s)")
    return 0


def prepare(profile: str) -> None:
    """Do every step of a profile that is not done yet.

    Raises:
        StepFailed: A step failed and said why.
    """
    if VENV.is_symlink():
        say("·", f"Python packages: {VENV.name} is a link, left as it is")
    else:
        _make_venv()
        _install_packages(profile)
        _install_project()
    web.build()


@contextmanager
def _alone() -> Generator[None]:
    LOGS.mkdir(exist_ok=True)
    with (LOGS / "lock").open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("»", "Waiting for another bootstrap of this checkout …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make_venv() -> None:
    wanted = digest(sys.version, sys.base_prefix)
    if PYTHON.exists() and is_current("venv", wanted):
        return
    if _usable():  # made by hand, or by an older interpreter that still serves
        set_done("venv", wanted)
        return
    label = f"Virtual environment in {VENV.name} (Python {sys.version.split()[0]})"
    make: list[str | Path] = [sys.executable, "-m", "venv", "--clear", VENV]
    try:
        run_step(label, make)
    except StepFailed:
        # Debian keeps ensurepip in a package of its own; pip can also work from outside.
        say("»", "Trying again without ensurepip (Debian: `apt install python3-venv` adds it)")
        run_step(label, [*make, "--without-pip"])
    set_done("venv", wanted)


def _usable() -> bool:
    if not PYTHON.exists():
        return False
    code = f"import sys; sys.exit(sys.version_info < {_OLDEST})"
    found = subprocess.run([PYTHON, "-c", code], env=clean_environment(), check=False)
    return found.returncode == 0


def _pip(*arguments: str) -> list[str | Path]:
    quiet = ("--disable-pip-version-check", "--no-input")
    if any(VENV.glob("lib/python3.*/site-packages/pip/__main__.py")):
        return [PYTHON, "-m", "pip", *quiet, *arguments]
    return [sys.executable, "-m", "pip", "--python", str(PYTHON), *quiet, *arguments]


def _install_packages(profile: str) -> None:
    run_lock, dev_lock = (ROOT / "requirements" / f"{name}.txt" for name in ("run", "dev"))
    # dev is a superset of run at the same versions, so having it is having both.
    stamp = f"packages-{profile}"
    wanted = digest(run_lock, dev_lock)
    if is_current("packages-dev", wanted) or is_current(stamp, wanted):
        return
    lock = dev_lock if profile == "dev" else run_lock
    names = re.findall(r"^[a-z0-9][^=\s]*==", lock.read_text(encoding="utf-8"), re.MULTILINE)
    forget("packages-run")
    forget("packages-dev")
    command = _pip(
        *("install", "--require-hashes", "--only-binary", ":all:", "--no-deps"),
        *("--progress-bar", "off", "-r", str(lock)),
    )
    label = f"Python packages from requirements/{lock.name} ({len(names)} packages)"
    run_step(label, command, watch=_counter(len(names)))
    set_done(stamp, wanted)


def _counter(total: int) -> Callable[[str], str]:
    seen = 0

    def watch(line: str) -> str:
        nonlocal seen
        if line.startswith(("Collecting ", "Requirement already", "Ignoring ")):
            seen += 1
            name = line.split()[1 if line.startswith(("Coll", "Ign")) else 3]
            return f"[{min(seen, total)}/{total}] {re.split('[=;]', name)[0].rstrip(':')}"
        return "installing …" if line.startswith("Installing collected") else ""

    return watch


def _install_project() -> None:
    wanted = digest(ROOT / "pyproject.toml", ROOT / "README.md")
    if (VENV / "bin" / "datelier").exists() and is_current("project", wanted):
        return
    forget("project")
    command = _pip("install", "--no-deps", "--no-index", "--no-build-isolation", "-e", str(ROOT))
    run_step("Datelier itself (editable)", command)
    set_done("project", wanted)


if __name__ == "__main__":
    sys.exit(main())
