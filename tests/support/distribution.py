"""Which tests run in one process after another, and which begin first."""

from functools import cache
from typing import Final

from typing_extensions import override
from xdist.scheduler import LoadFileScheduling

_FLOWS: Final = (
    "ask_command",
    "bad_data",
    "definitions",
    "documents",
    "first_chart",
    "models_that_misbehave",
    "own_data",
    "private_source",
    "restarts",
    "sorted_questions",
    "stop",
)
SHARING: Final = {
    # They share one running installation: each process would start one for itself.
    "one installation": tuple(f"tests/flows/test_{name}.py" for name in _FLOWS),
    # They plug and pull cables. A browser beside them would lose the pages that it loads just then.
    "machines of their own": (
        "tests/flows/test_remote_workers.py",
        "tests/browser/test_other_host.py",
    ),
}
"""Files that one process runs."""
_FOLDERS: Final = ("tests/cli/", "tests/evals/")
# What takes long, roughly in seconds: begun last, one process would still run it when the others
# have ended.
LONGEST: Final = {
    "one installation": 220,
    "machines of their own": 212,
    "tests/runs/test_fail_points.py": 195,
    "tests/runs/test_failover.py": 126,
    "tests/cli/": 120,
    "tests/walls/test_walls.py": 120,
    "tests/runs/test_waiting_cuts.py": 118,
    "tests/effects/test_crashes.py": 116,
    "tests/api/test_isolation_matrix.py": 90,
    "tests/flows/test_separate_processes.py": 84,
    "tests/walls/test_doors.py": 76,
    "tests/api/test_error_contract.py": 65,
    "tests/chat/analyst/test_failover.py": 62,
    "tests/walls/test_analytics.py": 58,
    "tests/queries/test_filter_check.py": 58,
    "tests/evals/": 45,
    "tests/flows/test_everything_killed.py": 42,
    "tests/chat/test_background.py": 40,
    "tests/engines/test_mariadb.py": 37,
    "tests/engines/test_limits.py": 33,
    "tests/flows/test_big_source.py": 31,
    "tests/walls/test_functions.py": 20,
    "tests/flows/test_guide.py": 20,
    "tests/browser/test_first_chart.py": 100,
    "tests/browser/test_running.py": 76,
    "tests/browser/test_analyst.py": 50,
    "tests/browser/test_answer_journey.py": 40,
    "tests/browser/test_approved_write.py": 40,
    "tests/browser/test_looks.py": 40,
    "tests/browser/test_agents.py": 35,
    "tests/browser/test_runs.py": 35,
    "tests/browser/test_charts.py": 26,
}


@cache
def unit_of(file: str) -> str:
    """Return what one process runs as a whole: a file, or the files that share an installation."""
    for unit, files in SHARING.items():
        if file in files:
            return unit
    return next((folder for folder in _FOLDERS if file.startswith(folder)), file)


def turn(nodeid: str) -> tuple[bool, int, str]:
    """Return by what tests are sorted: journeys in the browser last, otherwise the longest first."""
    unit = unit_of(nodeid.partition("::")[0])
    return unit.startswith("tests/browser/"), -LONGEST.get(unit, 0), unit


class ByUnit(LoadFileScheduling):
    """Gives processes one unit after another, in the order of the tests."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        return unit_of(super()._split_scope(nodeid))
