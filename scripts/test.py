"""Run the tests of Python and of the web app, and say at the end what was left out.

Without arguments the Python tests are shared by some processes, about a file at a time, and the
web tests run beside them and are printed at the end. With arguments, which go to pytest, one
process runs what they name. With `CI=true` anything left out is a failure.
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

_PYTHON_REPORT = LOGS / "left-out-python.json"
_WEB_REPORT = LOGS / "web-tests.json"
_WEB_LOG = LOGS / "web-tests.log"
# Each has servers of its own, with gigabytes in the largest files.
_PROCESSES_MAX = 4


def main() -> int:
    """Run both suites; the exit code says whether one failed or, in CI, left something out."""
    began = time.monotonic()
    arguments = sys.argv[1:]
    LOGS.mkdir(exist_ok=True)
    for report in (_PYTHON_REPORT, _WEB_REPORT):
        report.unlink(missing_ok=True)
    beside = None
    if not web.is_there():
        say("·", "Web tests: this checkout has no web/package.json")
    elif arguments:
        say("·", "Web tests: not asked for")
    else:
        beside = _web()
    try:
        broken = [] if _python(arguments) else ["Python tests"]
    except KeyboardInterrupt:
        if beside is not None:
            beside.terminate()
        raise
    left_out = _read(_PYTHON_REPORT, [])
    if beside is not None:
        broken += [] if _ended(beside) else ["Web tests"]
        left_out += _left_out_web(_read(_WEB_REPORT, {}))
    return _conclude(broken, left_out, time.monotonic() - began)


def _python(arguments: list[str]) -> bool:
    say("»", "Python tests (pytest)")
    command = [VENV / "bin" / "python", "-m", "pytest", "-p", "tests.support.left_out"]
    command += arguments or _shared()
    env = clean_environment(DATELIER_TEST_LEFT_OUT=str(_PYTHON_REPORT))
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0


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


def _conclude(broken: list[str], left_out: list[str], seconds: float) -> int:
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
    if broken:
        failed(f"{'; '.join(broken)} ({seconds:.0f} s)")
        return 1
    done(f"All tests passed ({seconds:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
