"""What an action would do, on a terminal."""

import json
from collections.abc import Iterator
from typing import Any

from datelier.cli.client import Json
from datelier.cli.output import table


def indented(value: Any) -> str:
    """Return JSON for the screen, escaped, so that nothing in it can pretend to be more."""
    text = json.dumps(value, indent=2, ensure_ascii=True)
    return "\n".join(f"      {line}" for line in text.splitlines())


def preview_lines(preview: Json | None) -> Iterator[str]:
    """Say what a request's actions would do: of writes the rows, of others the JSON."""
    if not preview:
        return
    each: dict[str, Any] = preview.get("actions") or {"": preview}
    for key, one in each.items():
        label = f"preview of [{key}]" if len(each) > 1 else "preview"
        yield f"  {label}:"
        if one.get("kind") == "sql_write":
            yield from _write_lines(one)
        else:
            yield indented(one)


def _write_lines(one: Json) -> Iterator[str]:
    yield f"      {_plain(one['statement'])}"
    count = one.get("estimated_rows")
    if count is not None:
        yield f"      {'' if one.get('exact') else 'about '}{count} rows"
    for note in (one.get("note"), one.get("rows_note")):
        if note:
            yield f"      {_plain(note)}"
    before: list[list[Any]] = one.get("before") or one.get("rows") or []
    after: list[list[Any]] = one.get("after") or before
    rows = [
        [_cell(old, new) for old, new in zip(was, will, strict=True)]
        for was, will in zip(before, after, strict=True)
    ]
    if rows:
        drawn = table([_plain(name) for name in one["columns"]], rows)
        yield from (f"      {line}" for line in drawn.splitlines())
    if one.get("truncated"):
        yield "      There are more rows."


def _cell(old: Any, new: Any) -> str:
    return _plain(old) if old == new else f"{_plain(old)} -> {_plain(new)}"


def _plain(value: Any) -> str:
    if value is None:
        return "NULL"
    # Quoted and escaped like JSON, without the quotes: control characters stay visible.
    return json.dumps(str(value), ensure_ascii=True)[1:-1].replace('\\"', '"')
