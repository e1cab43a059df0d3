"""Fail when a rule is silenced and nothing beside it says why; there is no list of exceptions."""

import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from scripts.check_sizes import GENERATED, ROOT, committed

_WEB = (".ts", ".tsx", ".mjs", ".js", ".css")
_PYTHON_SILENCE = re.compile(
    r"#\s*(?:(?:ruff|flake8):\s*)?noqa\b(?:\s*:\s*[A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*)?"
    r"|#\s*pyright:\s*(?:ignore\b|basic\b|\w+\s*=\s*\w+)(?:\[[^\]]*\])?"
    r"|#\s*type:\s*ignore\b(?:\[[^\]]*\])?",
    re.IGNORECASE,
)
_WEB_SILENCE = re.compile(
    r"(?:eslint|stylelint)-disable(?:-next-line|-line)?\b|@ts-(?:expect-error|ignore|nocheck)"
)
_WORD = re.compile(r"[A-Za-z]{2}")


def silent(path: str, text: str) -> list[int]:
    """Return the lines of a file on which a rule is silenced without a reason beside it."""
    if path.endswith(".py"):
        return [at for at, comment in _comments(text) if _python_silent(comment)]
    return [at for at, line in enumerate(text.splitlines(), 1) if _web_silent(line)]


def _comments(text: str) -> Iterator[tuple[int, str]]:
    # Tokens, not lines: a string that speaks of such a comment silences nothing.
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _python_silent(comment: str) -> bool:
    found = list(_PYTHON_SILENCE.finditer(comment))
    if not found:
        return False
    # The reason may stand behind the last of several.
    return not _WORD.search(comment[found[-1].end() :])


def _web_silent(line: str) -> bool:
    found = _WEB_SILENCE.search(line)
    if found is None:
        return False
    rest = line[found.end() :]
    if found[0].startswith("@ts"):
        return not _WORD.search(rest)
    _, _, reason = rest.partition(" -- ")
    return not _WORD.search(reason)


def without_reason(root: Path) -> list[str]:
    """Return a sentence for each place under `root` where a rule is silenced without a reason."""
    return [
        f"{path}:{at}: a rule is silenced without a reason beside it"
        for path in committed(root)
        if _is_ours(path) and (root / path).is_file()
        for at in silent(path, (root / path).read_text(encoding="utf-8"))
    ]


def _is_ours(path: str) -> bool:
    if path.startswith(GENERATED):
        return False
    return path.endswith(".py") or (path.startswith("web/") and path.endswith(_WEB))


def main() -> int:
    """Print where a reason is missing; the exit code says whether one is."""
    found = without_reason(ROOT)
    print("\n".join(found) or "Every silenced rule has its reason beside it.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
