"""Filters are held against real values before a statement runs.

A model that writes ``region = 'north'`` where the column holds ``North`` gets zero rows and may
pass them on as an answer. So each text that a text column is compared with is looked up: in the
value index where it is complete, by a question to the database otherwise. What matches nothing is
said with the nearest real values, and what could not be looked up is said too.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from datelier.kit.context import Context
from datelier.kit.errors import DatelierError
from datelier.kit.log import get_logger
from datelier.queries.nearest import nearest, squashed
from datelier.queries.text import cell_text
from datelier.sources.gateway import Order, WorkerGateway
from datelier.sources.grounding import Schemas, pieces_of
from datelier.sources.preview import rows_of
from datelier.sources.privacy import table_key
from datelier.sources.rendering import Piece
from datelier.sources.sql_names import qualified, quote
from datelier.sources.target import open_target
from datelier.worker.errors import WorkerError

if TYPE_CHECKING:
    from datelier.queries.literals import TextFilter

log = get_logger(__name__)

MOST_FILTERS: Final = 40
CHECK_SECONDS: Final = 6.0
MOST_VALUES: Final = 20_000
_LIKELY: Final = 2_000
# Engines whose texts are equal without regard to capitals and spaces at the end, as a rule.
_FOLDING: Final = frozenset({"mysql", "sqlserver"})
_LIKE_FOLDING: Final = frozenset({"mysql", "sqlserver", "sqlite"})


@dataclass(frozen=True, slots=True)
class Miss:
    """A text that no row holds, and the values that come nearest; none are known if empty."""

    table: str
    column: str
    text: str
    pattern: bool
    nearest: tuple[str, ...]

    @property
    def said(self) -> str:
        """One sentence for people and models."""
        compared = "like" if self.pattern else "="
        what = f"No row of {self.table} has {self.column} {compared} {_literal(self.text)}"
        if not self.nearest:
            return f"{what}, and no value is like it"
        return f"{what}; nearest: {', '.join(map(_literal, self.nearest))}"

    def to_json(self) -> dict[str, Any]:
        """Return it as tools answer it."""
        return {
            "table": self.table,
            "column": self.column,
            "value": self.text,
            "nearest": list(self.nearest),
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found about a statement's filters.

    Attributes:
        misses: Texts that no row holds.
        unchecked: Columns whose filters could not be looked up, with the reason.
    """

    misses: tuple[Miss, ...] = ()
    unchecked: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """What the model is told before it reads the result; empty when all is well."""
        lines = [f"Filter check: {miss.said}." for miss in self.misses]
        if self.misses:
            lines.append(
                "These texts chose nothing. Correct them and run the query again, or tell the user "
                "that there is no such value; do not present the result as if they had matched."
            )
        lines += [f"Filter check: {one}." for one in self.unchecked]
        return "\n".join(lines)


def _literal(text: str) -> str:
    return f"“{cell_text(text, 60)}”"


async def check_filters(
    ctx: Context, source_id: UUID, sql: str, schemas: Schemas | None = None
) -> Findings:
    """Look up the texts of a statement's filters; no transaction may be open.

    Args:
        ctx: The caller.
        source_id: The source that the statement will run on.
        sql: The statement; one that cannot be read has no findings, as it will not run.
        schemas: The schemas that may be used, where not all of them are.
    """
    if "'" not in sql and '"' not in sql:
        return Findings()
    pieces = await pieces_of(ctx, [source_id], schemas or {})
    if not pieces:
        return Findings()
    piece = pieces[0]
    try:
        filters = await asyncio.to_thread(_filters, sql, piece)
    except (WorkerError, RecursionError):
        return Findings()
    if not filters:
        return Findings()
    return await _Check(ctx, source_id, piece, dict(schemas or {}).get(source_id)).of(filters)


def _filters(sql: str, piece: Piece) -> "list[TextFilter]":
    from datelier.queries.literals import text_filters  # noqa: PLC0415  # lazy: sqlglot takes a second of CPU

    return text_filters(sql, piece.structured["dialect"], piece.catalog)


@dataclass(slots=True)
class _Check:
    ctx: Context
    source_id: UUID
    piece: Piece
    schemas: Sequence[str] | None
    deadline: float = field(default_factory=lambda: monotonic() + CHECK_SECONDS)

    async def of(self, filters: "Sequence[TextFilter]") -> Findings:
        hidden = [one for one in filters if self._is_private(one)]
        unchecked = [
            f"the values of {self._name(one)}.{one.column} are private and were not looked up"
            for one in hidden
        ]
        seen = [one for one in filters if one not in hidden]
        if len(seen) > MOST_FILTERS:
            unchecked.append(f"{len(seen) - MOST_FILTERS} further texts were not looked up")
        open_ = [one for one in seen[:MOST_FILTERS] if not self._is_indexed(one)]
        misses: list[Miss] = []
        for one, found in zip(open_, await self._probe(open_), strict=True):
            if found is None:
                place = f"{self._name(one)}.{one.column}"
                unchecked.append(f"whether {place} holds {_literal(one.text)} is not known")
            elif not found:
                misses.append(await self._miss(one))
        return Findings(tuple(misses), tuple(dict.fromkeys(unchecked)))

    def _name(self, one: "TextFilter") -> str:
        return qualified(self.piece.engine, one.table)

    def _is_private(self, one: "TextFilter") -> bool:
        return self.piece.rule.hides(table_key(one.table.schema_name, one.table.name), one.column)

    def _index(self, one: "TextFilter") -> tuple[str, ...] | None:
        found = self.piece.values.get(
            (table_key(one.table.schema_name, one.table.name), one.column)
        )
        return None if found is None else found.values

    def _is_indexed(self, one: "TextFilter") -> bool:
        """Whether the index knows a value that the filter chooses."""
        values = self._index(one)
        if values is None or not one.plain:
            return False
        engine = self.piece.engine
        if one.pattern:
            folds = one.folds or engine in _LIKE_FOLDING
            wanted = re.compile(_regular(one.text), re.DOTALL | (re.IGNORECASE if folds else 0))
            return any(wanted.fullmatch(value) for value in values)
        if one.text in values:
            return True
        key = one.text.rstrip(" ").casefold()
        return engine in _FOLDING and any(v.rstrip(" ").casefold() == key for v in values)

    async def _probe(self, filters: "Sequence[TextFilter]") -> list[bool | None]:
        """Ask the database of each filter whether any row meets it; None where it did not say."""
        if not filters:
            return []
        answers = await self._ask(filters)
        if answers is not None or len(filters) == 1:
            return answers or [None]
        # One of them cannot be asked so: it must not keep the others from being looked up.
        single = [await self._ask([one]) for one in filters]
        return [None if answer is None else answer[0] for answer in single]

    async def _ask(self, filters: "Sequence[TextFilter]") -> list[bool | None] | None:
        cases = ", ".join(
            f"CASE WHEN EXISTS (SELECT 1 FROM {self._name(one)} WHERE {one.condition}) "  # noqa: S608  # rendered from the checked tree, and checked again by the worker
            f"THEN 1 ELSE 0 END AS m{place}"
            for place, one in enumerate(filters)
        )
        columns = await self._run(f"SELECT {cases}", 1)
        if columns is None or len(columns) != len(filters):
            return None
        return [bool(int(column[0])) for column in columns]

    async def _miss(self, one: "TextFilter") -> Miss:
        values = self._index(one)
        if values is None:
            values = await self._values(one)
        wanted = re.sub(r"[%_]+", " ", one.text) if one.pattern else one.text
        near = await asyncio.to_thread(nearest, wanted, values)
        return Miss(self._name(one), one.column, one.text, one.pattern, tuple(near))

    async def _values(self, one: "TextFilter") -> tuple[str, ...]:
        """Return the values of a column; of one with very many those that look likely."""
        column = quote(one.column, self.piece.engine)
        select = f"SELECT DISTINCT {column} AS v FROM {self._name(one)} WHERE {column}"  # noqa: S608  # quoted
        found = await self._column(f"{select} IS NOT NULL", MOST_VALUES)
        if len(found) < MOST_VALUES:
            return found
        words = re.findall(r"\w+", squashed(one.text))
        if not words:
            return found
        longest = max(words, key=len)
        parts = dict.fromkeys([f"{words[0][:3]}%", f"%{longest}%", f"%{longest[-4:]}"])
        likes = " OR ".join(f"LOWER({column}) LIKE '{part}'" for part in parts)
        select = f"SELECT DISTINCT {column} AS v FROM {self._name(one)} WHERE {likes}"  # noqa: S608  # quoted; words are word characters
        return (*found, *await self._column(select, _LIKELY))

    async def _column(self, sql: str, most: int) -> tuple[str, ...]:
        columns = await self._run(sql, most)
        return tuple(str(cell) for cell in columns[0] if cell is not None) if columns else ()

    async def _run(self, sql: str, rows: int) -> list[list[Any]] | None:
        left = self.deadline - monotonic()
        if left < 0.2:
            return None
        gateway = self.ctx.resources.get(WorkerGateway)
        try:
            target = (await open_target(self.ctx, self.source_id)).within(self.schemas)
            order = Order("execute", {"sql": sql, "row_limit": rows}, left)
            async with asyncio.timeout(left + 1):
                answer = await gateway.perform_on(self.ctx, target, order)
            return (await rows_of(answer)).data
        except (DatelierError, TimeoutError) as error:
            log.info("filter_not_checked", reason=type(error).__name__)
            return None


def _regular(pattern: str) -> str:
    """Return a pattern of LIKE as a regular expression."""
    parts = {"%": ".*", "_": "."}
    return "".join(parts.get(char, re.escape(char)) for char in pattern)
