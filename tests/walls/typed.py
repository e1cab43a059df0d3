"""`python -m tests.walls.typed SOURCE`: statements as JSON lines in, `datelier query` for each.

One process types all of them, because starting one per statement would take minutes. A line of
JSON comes out for each: the exit code and what was printed.
"""

import contextlib
import io
import json
import sys
from typing import Any

from datelier.cli.main import cli
from datelier.cli.outcome import CommandFailed


def _type(source: str, sql: str) -> dict[str, Any]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            code = cli.main(
                ["query", "run", "--source", source, "--json", "--", sql], standalone_mode=False
            )
        except CommandFailed as failure:
            said = f"{failure.message}\n{failure.hint or ''}"
            return {"exit": int(failure.exit_code), "code": failure.code, "said": said}
    return {"exit": int(code or 0), "code": "", "said": out.getvalue()}


def main() -> None:
    """Answer every line of standard input."""
    for line in sys.stdin:
        answer = _type(sys.argv[1], json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
