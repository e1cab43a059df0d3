"""The tools that change something outside: always asked for, made exactly once."""

from typing import Annotated, Final

from pydantic import BaseModel, Field

from datelier.effects.preview import preview_write
from datelier.effects.writes import Written, write
from datelier.kit.tools import Preview, Tool, ToolContext, ToolResult
from datelier.queries.disclosure import model_error
from datelier.queries.schemas import SQL_MAX
from datelier.queries.text import error_text
from datelier.queries.tools import SourceRef, attached
from datelier.sources.errors import ActionFailed


class WriteSql(BaseModel):
    """Change rows."""

    source_id: SourceRef
    sql: Annotated[
        str,
        Field(
            min_length=1,
            max_length=SQL_MAX,
            description="One INSERT, UPDATE or DELETE statement.",
        ),
    ]


async def _write(at: ToolContext, given: WriteSql) -> ToolResult:
    source_id = await attached(at, given.source_id)
    try:
        written = await write(at, source_id, given.sql)
    except ActionFailed as error:
        body = await model_error(at.ctx, source_id, error.as_error())
        said = error_text(str(body["code"]), str(body["message"]), body.get("hint"), error.position)
        return ToolResult(f"Nothing was changed.\n{said}", {"error": body}, is_error=True)
    return ToolResult(_said(written), _output(written))


def _said(written: Written) -> str:
    rows = "an unknown number of rows" if written.rows is None else f"{written.rows} rows"
    what = f"{written.verb} on {written.table}" if written.verb else "The statement"
    again = " It was made before and was not made again." if written.again else ""
    return f"{what} was committed and changed {rows}.{again}"


def _output(written: Written) -> dict[str, object]:
    return {
        "verb": written.verb,
        "table": written.table,
        "rows": written.rows,
        "statement": written.sql,
    }


async def _preview(at: ToolContext, given: WriteSql) -> Preview:
    return await preview_write(at, await attached(at, given.source_id), given.sql)


WRITE_SQL: Final = Tool(
    "write_sql",
    "Change rows with SQL",
    "Change rows of an attached source with one INSERT, UPDATE or DELETE, in the source's dialect. "
    "A person is always asked first and sees which rows are affected; the call may come back "
    "edited or rejected. Propose one statement at a time, narrowed down by a WHERE.",
    WriteSql,
    "query:write",
    _write,
    effect="write",
    preview=_preview,
    repeatable=True,
)
