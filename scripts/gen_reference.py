"""Write `docs/reference` from the code: settings, error codes and the OpenAPI document.

    python scripts/gen_reference.py [--check]

With --check nothing is written; the exit code says whether the files are current.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic_core import PydanticUndefined

from datelier.app.server import openapi_document
from datelier.kit.errors import DatelierError
from datelier.kit.settings import Settings

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"


def settings_page() -> str:
    """Return the table of settings."""
    lines = [
        "# Settings",
        "",
        "Every process reads these once, at start. Times are seconds, sizes are bytes.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        if name == "home":
            default = "`~/.local/share/datelier`"
        elif field.default is PydanticUndefined or field.default is None:
            default = ""
        else:
            default = f"`{field.default}`"
        lines.append(f"| `DATELIER_{name.upper()}` | {default} | {field.description or ''} |")
    return "\n".join(lines) + "\n"


def _subclasses(root: type[DatelierError]) -> Iterator[type[DatelierError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _subclasses(kind)


def errors_page() -> str:
    """Return the table of error codes."""
    kinds = {
        (kind.code, kind.status): kind
        for kind in _subclasses(DatelierError)
        if kind.__module__.startswith("datelier")
    }
    lines = [
        "# Error codes",
        "",
        "Every error answer has one shape, `application/problem+json`: `type`, `title`, `status`, `detail`, `code`,",
        "and where they apply `hint`, `errors`, `resource`, `service`, `retry_after`, always with `correlation_id`.",
        "",
        "| code | status | meaning |",
        "|---|---|---|",
    ]
    for (code, status), kind in sorted(kinds.items(), key=lambda item: (item[0][1], item[0][0])):
        meaning = (kind.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
        lines.append(f"| `{code}` | {status} | {' '.join(meaning.split())} |")
    return "\n".join(lines) + "\n"


def openapi_text() -> str:
    """Return the OpenAPI document as stable JSON."""
    return json.dumps(openapi_document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the pages, or compare them with --check."""
    pages = {
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "openapi.json": openapi_text(),
    }
    stale = [
        name
        for name, text in pages.items()
        if not (REFERENCE / name).exists() or (REFERENCE / name).read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv:
        if stale:
            print(f"docs/reference is out of date ({', '.join(stale)}): run `make gen`")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(pages[name], encoding="utf-8")
        print(f"wrote docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
