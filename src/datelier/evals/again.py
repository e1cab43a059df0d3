"""An old conversation on today's data: its queries run anew, its figures looked up again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import BaseModel

from datelier.evals.api import Api, Json, all_rows
from datelier.evals.cells import Difference, differ
from datelier.evals.values import Tolerance
from datelier.queries.trace.errors import TraceError
from datelier.queries.trace.evaluate import Value, evaluate
from datelier.queries.trace.formats import parse_format, shown
from datelier.queries.trace.formula import Reference, parse_placeholder
from datelier.queries.trace.locales import locale_of
from datelier.queries.trace.receipts import row_key
from datelier.queries.trace.tables import NUMBERS, Table, as_number

_ROUNDING = Tolerance()
_CITED = frozenset({"exact", "derived", "matched"})


class QueryAgain(BaseModel):
    """A query of an answer, and what it gives today.

    Attributes:
        status: ``failed`` when it does not run any more, ``gone`` when its stored rows are.
    """

    question: str
    handle: str
    version: int
    title: str | None
    sql: str
    source: str
    ran_at: str
    status: Literal["same", "changed", "failed", "gone"]
    why: str = ""
    difference: Difference | None = None


class FigureAgain(BaseModel):
    """A figure of an answer, and what it would be today; `where` is its formula or its cell."""

    question: str
    shown: str
    now: str
    where: str
    status: Literal["same", "changed", "lost"]
    why: str = ""


class ThreadAgain(BaseModel):
    """A conversation on today's data."""

    format: Literal["datelier-rerun"] = "datelier-rerun"
    format_version: Literal[1] = 1
    thread_id: str
    title: str
    asked_at: str
    ran_at: datetime
    queries: list[QueryAgain]
    figures: list[FigureAgain]

    @property
    def is_same(self) -> bool:
        """Whether nothing has changed."""
        return all(one.status == "same" for one in (*self.queries, *self.figures))


@dataclass(slots=True)
class _Fresh:
    """The results of today, by handle and version; without a version the newest so far."""

    tables: dict[tuple[int, int], Table] = field(default_factory=dict[tuple[int, int], Table])
    newest: dict[int, Table] = field(default_factory=dict[int, Table])

    def put(self, table: Table) -> None:
        self.tables[table.handle, table.version] = table
        self.newest[table.handle] = table

    def find(self, reference: Reference) -> Table:
        if reference.version is None:
            found = self.newest.get(reference.handle)
        else:
            found = self.tables.get((reference.handle, reference.version))
        if found is None:
            raise TraceError("no_such_query", f"Q{reference.handle} gave no result today.")
        return found


def run_again(
    api: Api, thread_id: str, failure: type[Exception], say: Callable[[str], None]
) -> ThreadAgain:
    """Run a thread's queries again, outside of it, and compare.

    Args:
        api: The server.
        thread_id: The thread; it stays as it is.
        failure: What `api` raises when a call fails.
        say: Told how far it is.

    Raises:
        Exception: The thread cannot be read.
    """
    thread = api.call("GET", f"/threads/{thread_id}")
    answers = list(_answers(api.call("GET", f"/threads/{thread_id}/messages")["data"]))
    count = sum(len(_parts(answer, "data-query")) for _, answer in answers)
    fresh = _Fresh()
    queries: list[QueryAgain] = []
    figures: list[FigureAgain] = []
    for question, answer in answers:
        for query in _parts(answer, "data-query"):
            say(f"{len(queries) + 1} of {count} queries")
            queries.append(_query(api, question, query, fresh, failure))
        cited = [one for one in _parts(answer, "data-citation") if one["kind"] in _CITED]
        figures += [_figure(question, figure, fresh) for figure in cited]
    return ThreadAgain(
        thread_id=thread["id"],
        title=thread["title"],
        asked_at=thread["created_at"],
        ran_at=datetime.now(UTC),
        queries=queries,
        figures=figures,
    )


def _answers(messages: list[Json]) -> Iterator[tuple[str, Json]]:
    """Yield every finished answer with its question."""
    known = {message["id"]: message for message in messages}
    for message in messages:
        if message["role"] == "assistant" and message["status"] == "complete":
            asked = known.get(message["parent_id"] or "", {"parts": []})
            said = (part["text"] for part in asked["parts"] if part["type"] == "text")
            yield " ".join(said), message


def _parts(message: Json, kind: str) -> list[Json]:
    """Return the last state of each data part of a kind; of queries those that have a result."""
    found = {
        part.get("id", str(place)): part["data"]
        for place, part in enumerate(message["parts"])
        if part["type"] == kind
    }
    return [data for data in found.values() if kind != "data-query" or data.get("result_id")]


def _query(
    api: Api, question: str, query: Json, fresh: _Fresh, failure: type[Exception]
) -> QueryAgain:
    out = QueryAgain(
        question=question,
        handle=query["handle"],
        version=query["version"],
        title=query["title"],
        sql=query["sql"],
        source=query["source_name"],
        ran_at=query["ran_at"],
        status="same",
    )
    body = {"source_id": query["source_id"], "sql": query["sql"], "limit": query["row_limit"]}
    try:
        version = api.call("POST", "/queries", body)
        if version["status"] != "done":
            error = version.get("error") or {"message": f"It was {version['status']}."}
            out.status, out.why = "failed", error["message"]
            return out
        now = _table(query, version, all_rows(api, version["result_id"]))
    except failure as error:
        out.status, out.why = "failed", str(error)
        return out
    fresh.put(now)
    try:
        before = _table(query, query, all_rows(api, query["result_id"]))
    except failure as error:
        out.status, out.why = "gone", str(error)
        return out
    out.difference = differ(before, now)
    out.status = "same" if out.difference.is_none else "changed"
    return out


def _table(query: Json, version: Json, page: Json) -> Table:
    return Table(
        int(query["handle"][1:]),
        query["version"],
        tuple(column["name"] for column in page["columns"]),
        tuple(column["type"] for column in page["columns"]),
        page["data"],
        bool(version.get("truncated")),
        frozenset(version.get("withheld") or ()),
    )


def _figure(question: str, figure: Json, fresh: _Fresh) -> FigureAgain:
    cells: list[Json] = figure["cells"]
    cell: Json = cells[0] if cells else {}
    where = figure["formula"] or _place(cell)
    out = FigureAgain(question=question, shown=figure["shown"], now="", where=where, status="same")
    try:
        value = _today(figure, fresh)
        out.now = shown(value, parse_format(figure["format"] or ""), locale_of(None))
    except TraceError as error:
        out.status, out.why = "lost", error.message
        return out
    before: object = figure["value"] if figure["formula"] else cell.get("value")
    if _is_same(before, value):
        out.now = figure["shown"]
    else:
        out.status = "changed"
    return out


def _place(cell: Json) -> str:
    if not cell:
        return ""
    row = ", ".join(cell["key"].values()) or "all rows"
    return f"{cell['query']}: {row}, {cell['column']}"


def _today(figure: Json, fresh: _Fresh) -> Value:
    """Return what a figure is today.

    Raises:
        TraceError: Its cells are not there any more.
    """
    if figure["formula"]:
        form = f" | {figure['format']}" if figure["format"] else ""
        return evaluate(parse_placeholder(figure["formula"] + form), fresh.find)
    if figure["cells"]:
        return _looked_up(figure["cells"][0], fresh)
    raise TraceError("no_such_row", "The figure belongs to no cell.")


def _looked_up(cell: Json, fresh: _Fresh) -> Value:
    """Return today's value of a cell that a typed figure was found in: the row of the same name."""
    table = fresh.find(Reference(int(cell["query"][1:]), cell["version"]))
    if cell["row"] is None or not cell["column"]:
        raise TraceError("no_such_row", "The figure belongs to no single cell.")
    place = table.column(cell["column"])
    rows = [row for row in range(table.rows) if row_key(table, row) == cell["key"]]
    if not cell["key"]:
        rows = [cell["row"]] if cell["row"] < table.rows else []
    if len(rows) != 1:
        named = ", ".join(cell["key"].values())
        raise TraceError("no_such_row", f"{table.name} has no single row {named} today.")
    raw, kind = table.data[place][rows[0]], table.types[place]
    if raw is None:
        raise TraceError("no_value", "The cell is NULL today.")
    return Value(raw, kind, as_number(raw) if kind in NUMBERS else None, (), is_cell=True)


def _is_same(before: Any, now: Value) -> bool:
    if now.number is None:
        return str(before) == str(now.raw)
    try:
        return _ROUNDING.allows(Decimal(str(before)), now.number)
    except InvalidOperation:
        return False
