"""Fail when a file is longer than the house allows; there is no list of exceptions."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE_LINES, TEST_LINES, WEB_LINES = 400, 600, 250
GENERATED = ("src/datelier/wire/v1/", "web/src/api/generated/", "web/src/api/schema.ts")


def limit(path: str) -> int | None:
    """Return the most lines the file at `path` (relative, with slashes) may have."""
    if path.startswith(GENERATED):
        return None
    if path.endswith(".py"):
        return TEST_LINES if path.startswith("tests/") else SOURCE_LINES
    if path.startswith("web/") and path.endswith((".ts", ".tsx", ".css", ".mjs", ".js")):
        return WEB_LINES
    return None


def committed(root: Path) -> list[str]:
    """Return the files git knows or would add, as relative paths with slashes."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return sorted(path for path in set(listed.stdout.split("\0")) if path)


def too_long(root: Path) -> list[str]:
    """Return a sentence for each file that is over its limit."""
    found: list[str] = []
    for path in committed(root):
        most = limit(path)
        file = root / path
        if most is None or not file.is_file():
            continue
        with file.open(encoding="utf-8") as text:
            lines = sum(1 for _ in text)
        if lines > most:
            found.append(f"{path}: {lines} lines, at most {most}")
    return found


def main() -> int:
    """Print what is too long; the exit code says whether anything is."""
    found = too_long(ROOT)
    print("\n".join(found) or "All files are within their limits.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
