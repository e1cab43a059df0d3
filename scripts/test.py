"""Run the tests of Python and of the web app, and say at the end what was left out.

Without arguments the Python tests are shared by some processes, about a file at a time, and the
web tests run beside them and are printed at the end. A few that fail are run once more, alone, on
the machine that is quiet by then; one that passes only so is named at the end as unsteady. With
arguments, which go to pytest, one process runs what they name, once. With `CI=true` anything left
out is a failure.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from scripts import web
from scripts.console import LOGS, ROOT, clean_environment, done, failed, say
from scripts.stamps import VENV

_PYTHON_REPORT = LOGS / "python-tests.json"
_AGAIN_REPORT = LOGS / "python-tests-again.json"
_WEB_REPORT = LOGS / "web-tests.json"
_WEB_LOG = LOGS / "web-tests.log"
# Each has servers of its own, with gigabytes in the largest files.
_PROCESSES_MAX = 4
# What pytest exits with; anything else but 0 says that it could not run them all.
_TESTS_FAILED = 1
# More that fail are no coincidence of timing.
_AGAIN_MAX = 3


def main() -> int:
    """Run both suites; the exit code says whether one failed or, in CI, left something out."""
    began = time.monotonic()
    arguments = sys.argv[1:]
    LOGS.mkdir(exist_ok=True)
    for report in (_PYTHON_REPORT, _AGAIN_REPORT, _WEB_REPORT):
        report.unlink(missing_ok=True)
    beside = None
    if not web.is_there():
        say("·", "Web tests: this checkout has no web/package.json")
    elif arguments:
        say("·", "Web tests: not asked for")
    else:
        beside = _web()
    try:
        say("»", "Python tests (pytest)")
        code = _pytest(arguments or _shared(), _PYTHON_REPORT)
        outcomes: dict[str, list[str]] = _read(_PYTHON_REPORT, {})
        left_out, failing = outcomes.get("left_out", []), outcomes.get("failed", [])
        web_passed = beside is None or _ended(beside)
        again = code == _TESTS_FAILED and not arguments and 0 < len(failing) <= _AGAIN_MAX
        if again:
            say("»", f"Once more and alone, what failed beside the others ({len(failing)})")
            code = _pytest(failing, _AGAIN_REPORT)
            left_out += _read(_AGAIN_REPORT, {}).get("left_out", [])
    except KeyboardInterrupt:
        if beside is not None:
            beside.terminate()
        raise
    left_out += _left_out_web(_read(_WEB_REPORT, {}))
    broken = [
        *([] if code == 0 else ["Python tests"]),
        *([] if web_passed else ["Web tests"]),
    ]
    unsteady = failing if again and code == 0 else []
    return _conclude(broken, left_out, unsteady, time.monotonic() - began)


def _pytest(arguments: list[str], report: Path) -> int:
    command = [VENV / "bin" / "python", "-m", "pytest", "-p", "tests.support.outcomes"]
    env = clean_environment(DATELIER_TEST_OUTCOMES=str(report))
    return subprocess.run([*command, *arguments], cwd=ROOT, env=env, check=False).returncode


def _shared() -> list[str]:
    # By tests/support/distribution.py: what takes longest first, or one process ends long after
    # the others.
    # One more than there are processors, since many wait for servers and browsers.
    processes = min((os.cpu_count() or 1) + 1, _PROCESSES_MAX)
    return ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]


def _web() -> subprocess.Popen[bytes]:
    """Begin the web tests; what they say is kept until the Python tests have ended."""
    say("»", f"Web tests (vitest) run beside, into {_WEB_LOG.relative_to(ROOT)}")
    reporters = ("--reporter=default", "--reporter=json", f"--outputFile.json={_WEB_REPORT}")
    command = web.npm("run", "test", "--", *reporters)
    with _WEB_LOG.open("wb") as log:
        return subprocess.Popen(
            command, cwd=web.WEB, env=web.environment(), stdout=log, stderr=subprocess.STDOUT
        )


def _ended(beside: subprocess.Popen[bytes]) -> bool:
    say("»", "Web tests (vitest)")
    passed = beside.wait() == 0
    print(_WEB_LOG.read_text(encoding="utf-8", errors="replace"), flush=True)
    return passed


def _read(path: Path, otherwise: Any) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else otherwise


def _left_out_web(report: dict[str, Any]) -> list[str]:
    return [
        f"{Path(file['name']).name}: {test['fullName']} ({test['status']})"
        for file in report.get("testResults", [])
        for test in file["assertionResults"]
        if test["status"] not in {"passed", "failed"}
    ]


def _conclude(broken: list[str], left_out: list[str], unsteady: list[str], seconds: float) -> int:
    strict = os.environ.get("CI", "").lower() in {"1", "true"}
    if left_out:
        headline = f"Left out ({len(left_out)}):"
        failed(headline) if strict else say("·", headline)
        for name in left_out:
            print(f"    {name}")
        if strict:
            broken.append("nothing may be left out with CI=true")
    else:
        done("Nothing was left out")
    if unsteady:
        failed(f"Unsteady ({len(unsteady)}): failed beside the others, passed alone; mend these:")
        for name in unsteady:
            print(f"    {name}")
    if broken:
        failed(f"{'; '.join(broken)} ({seconds:.0f} s)")
        return 1
    done(f"All tests passed ({seconds:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
