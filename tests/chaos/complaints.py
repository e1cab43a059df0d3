"""What the logs of a fleet say that no fault explains: a 500, a tool or a run that failed by a bug."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

_BUGS: Final = (
    "unexpected_error",
    "run_failed_unexpectedly",
    "tool_failed",
    "events_refused",
    "failed unexpectedly",
    "never retrieved",
)


def complaints(home: Path) -> list[str]:
    """Return bugs that the processes have logged, each kind once, with its number."""
    found: Counter[str] = Counter()
    for log in sorted(home.glob("*.log")):
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if any(bug in line for bug in _BUGS):
                found[f"{log.stem}: {_short(line)}"] += 1
    return [f"bug: {what} (x{count})" for what, count in found.items()]


def _short(line: str) -> str:
    try:
        said: dict[str, Any] = dict(json.loads(line))
    except ValueError:
        return line[:300]
    last = str(said.get("exception", "")).strip().rpartition("\n")[2]
    return f"{str(said.get('event')).strip()} {last}"[:300].strip()
