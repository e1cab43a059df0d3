"""Correcting data with the demo model: count what is missing, propose one write, count again.

It proposes texts only, because a number that nobody measured would be made up. Whether the write
is made is for a person to say; it is proposed once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from datelier.kit.markdown import code_block
from datelier.llms.demo.answer import name, show, tell
from datelier.llms.demo.dialects import translated
from datelier.llms.demo.plan import Plan
from datelier.llms.demo.question import Ask
from datelier.llms.demo.results import Outcome
from datelier.llms.demo.schema import Column, Source, Table, quoted
from datelier.llms.demo.words import contains

WRITE: Final = "write_sql"
_CORRECTS: Final = re.compile(r"\b(correct\w*|fix|fill|repair|clean|replace|set)\b")
_VALUE: Final = re.compile(r"\b(?:with|to|as|by)\s+[\"'\u201c]([^\"'\u201d]{1,100})[\"'\u201d]")
_DEFAULT: Final = "Unknown"
# One text for all of them would be worse than none.
_OWN: Final = frozenset({"email", "mail", "phone", "url", "name", "address"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A write, and the row of the result that it is about."""

    source_id: str
    sql: str
    row: int


def corrects(ask: Ask) -> bool:
    """Whether a question about missing values asks for a correction too."""
    return ask.shape == "nulls" and _CORRECTS.search(ask.text.lower()) is not None


def propose(ask: Ask, plan: Plan, sources: Sequence[Source], counted: Outcome) -> Proposal | None:
    """Return the write to propose for what a count has found; None when there is none."""
    source = next(source for source in sources if source.id == plan.source_id)
    named = any(contains(ask.words, c.stems) for table in source.tables for c in table.columns)
    best: tuple[int, int] | None = None
    for place, row in enumerate(counted.rows):
        table, column = _named(source, row)
        score = 0 if table is None or column is None else _score(ask, column)
        if score > named:  # whoever names a column wants no other one corrected
            best = max((score, -place), best or (0, 0))
    if best is None:
        return None
    table, column = _named(source, counted.rows[-best[1]])
    assert table is not None
    assert column is not None
    found = _VALUE.search(ask.text)
    value = (found[1] if found else _DEFAULT).replace("'", "''")
    field = quoted(column.name)
    sql = f"UPDATE {table.name} SET {field} = '{value}' WHERE {field} IS NULL"  # noqa: S608  # proposed
    sql = translated(sql, source.dialect)
    return Proposal(source.id, sql, -best[1])


def _named(source: Source, row: Sequence[str | None]) -> tuple[Table | None, Column | None]:
    table = next((table for table in source.tables if table.label == row[0]), None)
    return table, table.named(str(row[1])) if table is not None else None


def _score(ask: Ask, column: Column) -> int:
    """How well a column fits: named in the question, or one that a common text can fill."""
    if column.kind != "text":
        return 0
    if contains(ask.words, column.stems):
        return 2
    return 0 if column.is_key or _OWN & set(column.stems) else 1


def tell_corrected(
    plan: Plan, queries: Sequence[Outcome], proposal: Proposal | None, write: Outcome | None
) -> str:
    """Return the answer: what was found, what was done about it, and what is left."""
    counted = queries[0]
    if not counted.rows:
        return tell(plan, counted, None, None)
    if proposal is None or write is None:
        return (
            f"{tell(plan, counted, None, None)}\n\nI propose no correction: the demo model fills in "
            "texts only, and makes up no numbers, names or addresses."
        )
    row = proposal.row
    column = f"{name(counted, row, 0)}.{name(counted, row, 1)}"
    found = f"{show(counted, row, 2)} of {show(counted, row, 3)} rows had no value in {column}."
    if write.failed or write.text.startswith("Not executed"):
        said = " ".join(line for line in write.text.splitlines() if not line.startswith("<"))
        shown = code_block(proposal.sql, "sql")
        done = f"The correction was not made. {said}\n\nIt would be:\n\n{shown}"
    else:
        done = f"The correction was approved and made. {_left(counted, queries, row)}"
    cards = [query for query in queries if query.handle]
    return "\n\n".join([f"{found} {done}", *(f"{{{{card {card.handle}}}}}" for card in cards)])


def _left(counted: Outcome, queries: Sequence[Outcome], row: int) -> str:
    if len(queries) == 1:
        return ""
    again = queries[-1]
    for place, cells in enumerate(again.rows):
        if cells[:2] == counted.rows[row][:2]:
            return f"Counted again, {show(again, place, 2)} of {show(again, place, 3)} are missing."
    return "Counted again, none is missing."
