"""Profile one table: every column counted, ranged and grouped, in as few passes as possible.

What could not be computed is None and is said in words, never 0. What was looked at is said too:
all rows, or the first N. Nothing is sampled silently.
"""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final, Protocol, cast

from datelier.wire.columnar import to_columnar_json
from datelier.wire.types import Batch
from datelier.worker import profile_sql
from datelier.worker.engines.base import Engine, Limits, Outcome, TableInfo
from datelier.worker.errors import WorkerError
from datelier.worker.profile_shape import (
    TOP,
    VALUE_LENGTH,
    Json,
    difference,
    histogram,
    length,
    patterns,
    plain,
    real,
    short,
    top,
    whole,
)
from datelier.worker.profile_speech import QUANTILES, SPEECH, Speech
from datelier.worker.profile_sql import VALUES_MAX, Base, Column, Facet

COLUMNS_MAX: Final = 200
FIRST_ROWS: Final = 100_000
_AT_ONCE: Final = 40  # columns or facets in one statement
_LONG_TEXT: Final = 200
_LONGEST_GROUPED: Final = 4096
_FEW: Final = 1000
_KEY_SHARE: Final = 0.9
_GIVE_UP: Final = frozenset({"timeout", "limit_exceeded"})
Told = Callable[[int, int, str], Awaitable[None]]


class Running(Protocol):
    """What a profile needs of the action it is part of."""

    engine: Engine

    async def rows(self, sql: str, limits: Limits) -> tuple[Batch, Outcome, str]:
        """Guard and run one small statement and return its first batch."""
        ...


class Profile:
    """One profile under way.

    Args:
        job: Runs the guarded statements.
        info: The table as the catalog describes it.
        table: Its name as SQL.
        seconds: When to stop, from now.
        tell: Takes `(done, total, step)` before each step.
        values_only: Only the full value lists of texts, for the value index.
    """

    def __init__(
        self, job: Running, info: TableInfo, table: str, seconds: float, tell: Told, *,
        values_only: bool = False,
    ) -> None:  # fmt: skip
        self._job = job
        self._info = info
        self._speech: Speech = SPEECH[job.engine.dialect]
        self._deadline = time.monotonic() + seconds
        self._tell = tell
        self._values_only = values_only
        self._statements = 0
        self._notes: list[str] = []
        self._columns = [Column(one, self._speech) for one in info.columns[:COLUMNS_MAX]]
        if values_only:
            self._columns = [column for column in self._columns if column.kind == "text"]
        big = info.rows is not None and info.rows > self._speech.exact_rows
        rough = big and self._speech.rough_distinct is not None
        self._base = Base(table, None if rough or not big else FIRST_ROWS, rough)
        self._rows: int | None = None
        self._facts: dict[str, Json] = {}
        self._total_steps = 2 + len(self._columns) // _AT_ONCE

    async def run(self) -> Json:
        """Return the profile as the protocol carries it; see `docs/reference/profiles.md`."""
        if len(self._info.columns) > COLUMNS_MAX:
            self._note(
                f"Only the first {COLUMNS_MAX} of {len(self._info.columns)} columns were looked at."
            )
        await self._tell(0, self._total_steps + 2, "Counting")
        await self._overview()
        await self._tell(self._total_steps, self._total_steps + 2, "Grouping values")
        await self._groups()
        if not self._values_only:
            await self._tell(self._total_steps + 1, self._total_steps + 2, "Looking for duplicates")
        duplicates = None if self._values_only else await self._duplicates()
        return self._answer(duplicates)

    def _note(self, words: str) -> None:
        self._notes.append(words)

    @property
    def _left(self) -> float:
        return self._deadline - time.monotonic()

    async def _ask(self, sql: str, seconds: float, rows: int) -> list[list[Any]]:
        """Run one statement; its columns. Raises WorkerError `timeout` when it takes too long."""
        if seconds < 0.2:
            raise WorkerError("timeout", "There was no time left.")
        self._statements += 1
        try:
            async with asyncio.timeout(seconds + 1.0):
                batch, _, _ = await self._job.rows(sql, Limits(rows=rows, timeout_s=seconds))
        except TimeoutError:
            # The session was left in the middle of a statement; the next one gets a fresh one.
            await asyncio.shield(self._job.engine.close())
            raise WorkerError("timeout", "It took too long.") from None
        return to_columnar_json(batch)

    # Counting

    async def _overview(self) -> None:
        """Count every column: over all rows when that is done in half the time, else the first."""
        try:
            await self._count_all(self._left / 2)
        except WorkerError as error:
            if error.code not in _GIVE_UP or self._base.first is not None:
                raise
            self._base = Base(self._base.table, FIRST_ROWS)
            self._facts.clear()
            self._note(
                "Counting all rows took too long or too much memory, so only the first rows "
                "were looked at."
            )
            await self._count_all(self._left / 2)

    async def _count_all(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        chunks = [
            self._columns[i : i + _AT_ONCE] for i in range(0, len(self._columns), _AT_ONCE)
        ] or [[]]
        for number, chunk in enumerate(chunks):
            if number:
                await self._tell(number, self._total_steps + 2, "Counting")
            await self._count(chunk, until)

    async def _count(self, columns: Sequence[Column], until: float) -> None:
        """Count some columns; where one of them cannot be, the others still are."""
        sql = profile_sql.overview(columns, self._base)
        try:
            cells = iter([c[0] for c in await self._ask(sql, until - time.monotonic(), 1)])
        except WorkerError as error:
            if error.code not in {"sql_failed", "sql_refused", "internal"} or not columns:
                raise
            if len(columns) == 1:
                self._facts[columns[0].info.name] = {"failed": error.message}
                return
            half = len(columns) // 2
            await self._count(columns[:half], until)
            await self._count(columns[half:], until)
            return
        self._rows = whole(next(cells))
        for column in columns:
            self._facts[column.info.name] = {
                field: next(cells) for field, _ in column.questions(self._base)
            }

    # Grouping

    async def _groups(self) -> None:
        facets = [facet for column in self._columns for facet in self._facets(column)]
        for start in range(0, len(facets), _AT_ONCE):
            chunk = facets[start : start + _AT_ONCE]
            sql = profile_sql.groups(chunk, self._base, self._speech)
            try:
                asked = await self._ask(sql, self._left * 0.7, VALUES_MAX * len(chunk))
            except WorkerError as error:
                if error.code not in {*_GIVE_UP, "sql_failed", "sql_refused"}:
                    raise
                why = "it took too long" if error.code in _GIVE_UP else error.message
                self._note(f"Frequent values, patterns and histograms were not computed: {why}.")
                return
            for facet in chunk:
                self._facts[facet.column.info.name][facet.kind] = []
            for number, value, count, kinds in zip(*asked, strict=True):
                facet = chunk[int(number)]
                facts = self._facts[facet.column.info.name]
                facts[facet.kind].append((value, int(count)))
                facts[f"{facet.kind}_kinds"] = int(kinds)

    def _facets(self, column: Column) -> Iterator[Facet]:
        facts = self._facts[column.info.name]
        filled, distinct = whole(facts.get("filled")), whole(facts.get("distinct"))
        if not filled or not distinct:
            return
        if self._values_only and distinct > VALUES_MAX:
            return
        longest = whole(facts.get("longest")) or 0
        repeated = distinct < filled and (distinct <= _FEW or distinct <= filled / 2)
        few = distinct <= (VALUES_MAX if column.kind == "text" else TOP)
        if (repeated or few) and longest <= _LONGEST_GROUPED:
            yield Facet(column, "values")
        if self._values_only:
            return
        average = facts.get("mean_length")
        brief = average is not None and float(average) <= _LONG_TEXT
        if column.kind == "text" and self._speech.pattern and brief:
            yield Facet(column, "patterns")
        low, high = real(facts.get("low")), real(facts.get("high"))
        if low is not None and high is not None and high > low and math.isfinite(high - low):
            steps = int(high - low) + 1 if column.whole else profile_sql.BINS
            yield Facet(column, "bins", low, high, max(1, min(profile_sql.BINS, steps)))

    # Duplicates

    async def _duplicates(self) -> int | None:
        """Rows that repeat an earlier one; None when that is not known."""
        unique = [c for c in self._columns if self._is_unique(c)]
        if unique or self._rows in {0, 1}:
            return 0  # a column that never repeats makes every row different
        if any(one.primary_key for one in self._info.columns) and self._base.first is None:
            return 0  # the database guarantees it
        if not self._columns or len(self._info.columns) > COLUMNS_MAX:
            self._note("Duplicate rows were not counted: the table is too wide.")
            return None
        if self._base.rough:
            self._note("Duplicate rows were not counted: the table is too large.")
            return None
        try:
            sql = profile_sql.duplicates(self._columns, self._base, self._speech)
            cells = await self._ask(sql, self._left, 1)
        except WorkerError as error:
            if error.code not in {*_GIVE_UP, "sql_failed", "sql_refused"}:
                raise
            why = "it took too long" if error.code in _GIVE_UP else error.message
            self._note(f"Duplicate rows were not counted: {why}.")
            return None
        return whole(cells[0][0]) or 0

    def _is_unique(self, column: Column) -> bool:
        facts = self._facts[column.info.name]
        distinct = whole(facts.get("distinct"))
        return distinct is not None and not self._base.rough and distinct == self._rows

    # The answer

    def _answer(self, duplicates: int | None) -> Json:
        columns = [self._column(column) for column in self._columns]
        complete = [one["completeness"] for one in columns if one["completeness"] is not None]
        return {
            "table": self._info.name,
            "row_count": self._rows if self._base.first is None else self._known_rows(),
            "rows_estimated": self._base.first is not None and self._info.rows_estimated,
            "basis": self._basis(),
            "completeness": sum(complete) / len(complete) if complete else None,
            "profile": columns,
            "duplicate_rows": duplicates,
            "keys": self._keys(),
            "not_computed": self._notes,
            "statements": self._statements,
        }

    def _known_rows(self) -> int | None:
        if self._rows is not None and self._base.first and self._rows < self._base.first:
            return self._rows
        return self._info.rows

    def _basis(self) -> Json:
        first = self._base.first
        if first is not None and self._rows == first:
            words = f"Of the first {first:,} rows, in the order the source gives them."
            return {"kind": "first_rows", "rows": first, "words": words}
        words = "All rows." if self._rows is None else f"All {self._rows:,} rows."
        if self._base.rough:
            words += " Distinct values and quantiles are approximate."
        return {"kind": "all", "rows": self._rows, "words": words}

    def _column(self, column: Column) -> Json:
        facts = self._facts[column.info.name]
        filled, rows = whole(facts.get("filled")), self._rows
        nulls = None if filled is None or rows is None else rows - filled
        distinct = whole(facts.get("distinct"))
        said = plain if column.kind == "number" else short
        answer: Json = {
            "name": column.info.name,
            "type": column.info.type,
            "kind": column.kind,
            "nulls": nulls,
            "completeness": None if nulls is None or not rows else (rows - nulls) / rows,
            "distinct": distinct,
            "distinct_exact": distinct is not None and not self._base.rough,
            "unique": None if distinct is None or not rows or self._base.rough
            else distinct == filled,
            "empty": whole(facts.get("empty")),
            "min": said(facts.get("min")),
            "max": said(facts.get("max")),
            "mean": real(facts.get("mean")),
            "quantiles": self._quantiles(column, facts),
            "quantiles_exact": not self._base.rough,
            "length": length(facts),
            "non_finite": difference(filled, whole(facts.get("finite"))),
            "top_values": top(facts),
            "patterns": patterns(facts),
            "histogram": histogram(column, facts),
            "values": None,
            "not_computed": self._gaps(column, facts),
        }  # fmt: skip
        answer["values"] = self._complete_values(column, facts, filled)
        return answer

    def _quantiles(self, column: Column, facts: Json) -> Json | None:
        said = facts.get("quantiles")
        if said is None:
            return None
        values: object = json.loads(said) if isinstance(said, str) else said
        if not isinstance(values, list):
            return None
        listed = cast("list[object]", values)
        shown = [real(v) if column.kind == "number" else short(v) for v in listed]
        return {f"p{round(q * 100):02d}": v for q, v in zip(QUANTILES, shown, strict=True)}

    def _gaps(self, column: Column, facts: Json) -> list[str]:
        """What is not known of a column, in words."""
        if "failed" in facts:
            return [f"Nothing could be computed: {facts['failed']}"]
        if column.kind == "opaque":
            return [f"Values of type {column.info.type} are only counted, not compared."]
        gaps: list[str] = []
        if column.kind in {"number", "moment"} and facts.get("filled") and "quantiles" not in facts:
            gaps.append("Quantiles: this engine has none for these values.")
        if "values" not in facts and whole(facts.get("distinct")):
            unique = self._is_unique(column)
            gaps.append(
                "Frequent values: every value occurs once."
                if unique
                else "Frequent values: nearly every value is different."
            )
        if column.kind == "text" and not self._speech.pattern:
            gaps.append("Patterns: this engine cannot compute them.")
        return gaps

    def _complete_values(self, column: Column, facts: Json, filled: int | None) -> list[str] | None:
        """Every value of a text with few of them, most frequent first; None unless complete."""
        pairs: list[tuple[Any, int]] | None = facts.get("values")
        everything = self._base.first is None and column.kind == "text"
        if not everything or pairs is None or sum(n for _, n in pairs) != filled:
            return None
        values = [str(value) for value, _ in pairs]
        return values if all(len(value) <= VALUE_LENGTH for value in values) else None

    def _keys(self) -> list[Json]:
        """Columns that look like keys: declared ones, and those that nearly never repeat."""
        keys: list[Json] = []
        for column in self._columns:
            facts = self._facts[column.info.name]
            filled, distinct = whole(facts.get("filled")), whole(facts.get("distinct"))
            if not filled or distinct is None or self._base.rough or column.kind == "moment":
                continue
            near = column.kind != "number" or column.whole
            declared = column.info.primary_key
            if declared or (near and filled > 1 and distinct >= _KEY_SHARE * filled):
                nulls = (self._rows or 0) - filled
                keys.append(
                    {
                        "columns": [column.info.name],
                        "duplicates": filled - distinct,
                        "nulls": nulls,
                        "declared": declared,
                    }
                )
        declared = [key for key in keys if key["declared"]]
        if len(declared) > 1:  # a key of several columns: the database keeps it unique
            names = [key["columns"][0] for key in declared]
            joint = {"columns": names, "duplicates": 0, "nulls": 0, "declared": True}
            keys = [joint, *(key for key in keys if not key["declared"])]
        return keys
