"""A desk on which the demo model works: its tools, answered by DuckDB in this process."""

from dataclasses import dataclass, field
from typing import Any

import duckdb
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage, ToolMessage

from datelier.llms.demo.model import DemoChatModel
from datelier.queries.trace.check import Checked, check
from datelier.queries.trace.tables import Table
from tests.traces.corpus import answer as filled_answer


def tool(name: str) -> dict[str, Any]:
    told = {"name": name, "description": name, "parameters": {"type": "object"}}
    return {"type": "function", "function": told}


TOOLS = [tool(name) for name in ("execute_sql_query", "create_chart", "describe_source")]
_TYPES = {
    "BIGINT": "int64",
    "HUGEINT": "decimal",
    "INTEGER": "int32",
    "DOUBLE": "float64",
    "VARCHAR": "string",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "BOOLEAN": "boolean",
}


@dataclass
class Desk:
    """One thread over one DuckDB connection."""

    connection: duckdb.DuckDBPyConnection
    source_id: str = "0198c0de-0000-7000-8000-000000000001"
    attached: bool = True
    as_text: bool = False
    dialect: str = "duckdb"
    fail_first: int = 0
    decide: str | None = None  # what becomes of a proposed write; None: there is no such tool
    writes: list[str] = field(default_factory=list[str])
    messages: list[BaseMessage] = field(default_factory=list[BaseMessage])
    queries: list[str] = field(default_factory=list[str])
    charts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    tables: list[Table] = field(default_factory=list[Table])
    figures: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    results: list[list[tuple[Any, ...]]] = field(default_factory=list[list[tuple[Any, ...]]])

    def catalog(self) -> list[dict[str, Any]]:
        rows = self.connection.execute(
            "select table_name, column_name, data_type from information_schema.columns "
            "order by table_name, ordinal_position"
        ).fetchall()
        tables: dict[str, dict[str, Any]] = {}
        for table, column, kind in rows:
            found = tables.setdefault(table, {"name": table, "rows": None, "columns": []})
            found["columns"].append({"name": column, "type": kind})
        for table in tables.values():
            counted = self.connection.execute(f"select count(*) from {table['name']}").fetchone()
            table["rows"] = counted[0] if counted else 0
        return list(tables.values())

    async def ask(self, question: str) -> str:
        """Ask, run every tool call, and return the answer."""
        if not self.messages:
            source = {"id": self.source_id, "name": "Test", "engine": "files", "dialect": self.dialect,
                      "tables": self.catalog() if self.attached else []}  # fmt: skip
            self.messages.append(
                SystemMessage("Be careful.", additional_kwargs={"datelier": {"sources": [source]}})
            )
        self.messages.append(HumanMessage(question))
        tools = TOOLS if self.decide is None else [*TOOLS, tool("write_sql")]
        model = DemoChatModel().bind_tools(tools)
        for _ in range(8):
            answer = await model.ainvoke(self.messages)
            self.messages.append(answer)
            if not answer.tool_calls:
                return self._filled(answer.text, question)
            for call in answer.tool_calls:
                self.messages.append(self._run(call["name"], call["args"], str(call["id"])))
        raise AssertionError("the model never stopped calling tools")

    def _filled(self, written: str, question: str) -> str:
        """The answer as a reader sees it; `figures` is what the check says of its figures."""
        text, fills = filled_answer(written, self.tables, "en")
        cites = check(text, fills, Checked(self.tables, question))
        self.figures = [(text[c.start : c.end], c.kind) for c in cites]
        return text

    def _run(self, name: str, args: dict[str, Any], call_id: str) -> ToolMessage:
        if name == "describe_source":
            output = {"source_id": self.source_id, "tables": self.catalog()}
            return ToolMessage("described", tool_call_id=call_id, name=name, artifact=output)
        if name == "create_chart":
            self.charts.append(args)
            output = {"handle": f"C{len(self.charts)}", "version": 1}
            return ToolMessage("Chart C1 v1", tool_call_id=call_id, name=name, artifact=output)
        if name == "write_sql":
            return self._write(args["sql"], call_id)
        return self._query(args, call_id)

    def _write(self, sql: str, call_id: str) -> ToolMessage:
        self.writes.append(sql)
        if self.decide != "approve":
            text = f"Ada rejected Change rows with SQL: {self.decide}"
            return ToolMessage(text, tool_call_id=call_id, name="write_sql", status="error")
        self.connection.execute(sql)
        return ToolMessage("It was committed.", tool_call_id=call_id, name="write_sql")

    def _query(self, args: dict[str, Any], call_id: str) -> ToolMessage:
        self.queries.append(args["sql"])
        if self.fail_first:
            self.fail_first -= 1
            text = "The statement took too long."
            return ToolMessage(text, tool_call_id=call_id, name="execute_sql_query", status="error")
        done = self.connection.execute(args["sql"])
        names = [(str(c[0]), _TYPES.get(str(c[1]), "decimal")) for c in done.description or ()]
        rows = done.fetchall()
        self.results.append(rows)
        cells = [[None if cell is None else str(cell) for cell in row] for row in rows]
        columns = list(zip(*cells, strict=True)) if cells else [()] * len(names)
        self.tables.append(
            Table(len(self.results), 1, tuple(n for n, _ in names), tuple(k for _, k in names),
                  columns, facts={"sql": args["sql"]})
        )  # fmt: skip
        shown = [[None if cell is None else str(cell) for cell in row] for row in rows[:20]]
        handle = f"Q{len(self.results)}"
        lines = [f"Result {handle}.v1", f"Rows ({len(shown)} shown, {len(rows)} total):",
                 " | ".join(name for name, _ in names), "-" * 20,
                 *(" | ".join(cell or "" for cell in row) for row in shown)]  # fmt: skip
        artifact = {
            "handle": handle,
            "version": 1,
            "columns": [{"name": name, "type": kind} for name, kind in names],
            "rows": shown,
            "row_count": len(rows),
            "truncated": False,
        }
        return ToolMessage(
            "\n".join(lines),
            tool_call_id=call_id,
            name="execute_sql_query",
            artifact=None if self.as_text else artifact,
        )


def retail() -> duckdb.DuckDBPyConnection:
    """A small shop: 24 months of orders, with a dip in March 2026 in the north."""
    connection = duckdb.connect()
    connection.execute(
        """
        create table customers as select i as customer_id, 'Customer ' || (i % 40) as name,
            case when i % 7 = 0 then null else 'c' || i || '@example.com' end as email,
            case i % 3 when 0 then 'north' when 1 then 'south' else 'west' end as region
            from range(1, 61) t(i);
        create table products as select i as product_id, 'Product ' || i as name,
            case i % 4 when 0 then 'toys' when 1 then 'books' when 2 then 'food' else 'tools' end
            as category, (i * 1.5)::decimal(10,2) as unit_price from range(1, 21) t(i);
        create table orders as select i as order_id, 1 + i % 60 as customer_id,
            1 + i % 20 as product_id, timestamp '2024-06-01' + interval (i % 700) day as ordered_at,
            1 + i % 5 as quantity,
            case when (i % 700) between 638 and 668 and i % 3 = 0 then 1 else (1 + i % 20) * 1.5 end
            ::decimal(10,2) as unit_price,
            case when i % 50 = 0 then null when i % 3 = 0 then 'north' when i % 3 = 1 then 'south'
            else 'west' end as region,
            case i % 10 when 0 then 'cancelled' else 'paid' end as status,
            timestamp '2026-05-02' as loaded_at from range(1, 3001) t(i);
        insert into orders select * from orders where order_id in (5, 17);
        create table returns as select i as return_id, i * 3 as order_id, date '2026-01-01' as
            returned_on, 'damaged' as reason from range(1, 101) t(i);
        """
    )
    return connection
