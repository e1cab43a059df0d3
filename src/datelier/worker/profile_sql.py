"""The SELECTs of a profile: few passes over the table, each for many columns at once.

They are guarded and run like any other statement. Names are quoted, literals are numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from datelier.worker.engines.base import ColumnInfo
from datelier.worker.profile_speech import Kind, Speech, is_whole, kind_of

VALUES_MAX: Final = 200
BINS: Final = 20
_TEXT_SHOWN: Final = 200
_PATTERN_CHARACTERS: Final = 40
FacetKind = Literal["values", "patterns", "bins"]


@dataclass(frozen=True, slots=True)
class Base:
    """The rows a profile looks at.

    Attributes:
        table: The table as SQL.
        first: Only that many rows, in whatever order the engine gives them; None for all.
        rough: Distinct values and quantiles may be approximate.
    """

    table: str
    first: int | None = None
    rough: bool = False

    def sql(self, columns: str = "*") -> str:
        """What stands behind FROM."""
        if self.first is None:
            return self.table
        return f"(SELECT {columns} FROM {self.table} LIMIT {self.first}) AS base"  # noqa: S608 - quoted


class Column:
    """One column and what is asked of it, in the order of the answer's cells."""

    def __init__(self, info: ColumnInfo, speech: Speech) -> None:
        self.info = info
        self.kind: Kind = kind_of(info.type)
        self.whole = self.kind == "number" and is_whole(info.type)
        self._speech = speech
        name = speech.quote(info.name)
        self.sql = name
        # What is compared and counted: a value of a comparable type, else its text.
        self.value = name if self.kind in {"number", "moment", "boolean"} else self._text(name)

    def _text(self, sql: str) -> str:
        return self._speech.text.format(sql)

    @property
    def finite(self) -> str:
        """The value, NULL where it is NaN or infinite."""
        speech, name = self._speech, self.sql
        if self.kind == "number" and not self.whole and speech.finite:
            test = speech.finite.format(speech.number.format(name))
            return f"CASE WHEN {test} THEN {name} END"
        if self.kind == "moment" and speech.finite_moment:
            return f"CASE WHEN {speech.finite_moment.format(name)} THEN {name} END"
        return name

    @property
    def scale(self) -> str:
        """The finite value as a double, seconds for moments."""
        speech = self._speech
        return (speech.seconds if self.kind == "moment" else speech.number).format(self.finite)

    def questions(self, base: Base) -> list[tuple[str, str]]:
        """`(field, aggregate)` pairs that one pass answers."""
        asked = [("filled", f"count({self.sql})")]
        if self.kind == "opaque":
            return asked
        distinct = self._speech.rough_distinct if base.rough else None
        asked.append(("distinct", (distinct or "count(DISTINCT {})").format(self.value)))
        if self.kind in {"number", "moment"}:
            return asked + self._of_scale(base)
        if self.kind == "boolean":
            return asked
        return asked + self._of_text()

    def _of_scale(self, base: Base) -> list[tuple[str, str]]:
        speech, finite, scale = self._speech, self.finite, self.scale
        asked = [
            ("finite", f"count({finite})"),
            ("min", self._text(f"min({finite})")),
            ("max", self._text(f"max({finite})")),
            ("low", f"min({scale})"),
            ("high", f"max({scale})"),
        ]
        if self.kind == "number":
            asked.append(("mean", f"avg({scale})"))
            many = speech.rough_quantiles if base.rough else speech.quantiles
            inner = scale
        else:
            many = None if base.rough else speech.quantiles_of_moments
            inner = finite
        return [*asked, ("quantiles", many.format(inner))] if many else asked

    def _of_text(self) -> list[tuple[str, str]]:
        length = self._speech.length.format(self.value)
        return [
            ("min", f"min({self._speech.part.format(self.value, _TEXT_SHOWN)})"),
            ("max", f"max({self._speech.part.format(self.value, _TEXT_SHOWN)})"),
            ("shortest", f"min({length})"),
            ("longest", f"max({length})"),
            ("mean_length", self._speech.number.format(f"avg({length})")),
            ("empty", f"count(CASE WHEN {self.value} = '' THEN 1 END)"),
        ]


def overview(columns: Sequence[Column], base: Base) -> str:
    """One row: the number of rows, then the answers of every column in order."""
    asked = ["count(*)", *(sql for column in columns for _, sql in column.questions(base))]
    return f"SELECT {', '.join(asked)} FROM {base.sql()}"  # noqa: S608 - quoted


@dataclass(frozen=True, slots=True)
class Facet:
    """A grouping of one column: its values, the shapes of its texts, or the bins of a histogram."""

    column: Column
    kind: FacetKind
    low: float = 0.0
    high: float = 0.0
    bins: int = BINS

    def sql(self, speech: Speech) -> str:
        """The group of a row, as text."""
        if self.kind == "values":
            return speech.text.format(self.column.sql)
        if self.kind == "patterns":
            cut = speech.part.format(self.column.value, _PATTERN_CHARACTERS)
            return (speech.pattern or "{}").format(cut)
        width = (self.high - self.low) / self.bins
        low, step = (speech.number.format(repr(value)) for value in (self.low, width))
        place = f"floor(({self.column.scale} - {low}) / {step})"
        # The largest value closes the last bin instead of opening one of its own.
        inside = f"CASE WHEN {place} >= {self.bins} THEN {self.bins - 1} ELSE {place} END"
        return speech.text.format(speech.whole.format(inside))


def groups(facets: Sequence[Facet], base: Base, speech: Speech) -> str:
    """Rows `(facet, value, count, kinds)`: the most frequent groups of every facet.

    `kinds` is how many groups the facet has altogether.
    """
    if speech.grouping_sets:
        return _in_one_pass(facets, base, speech)
    parts = [
        f"SELECT g, v, n, kinds FROM (SELECT {number} AS g, v, count(*) AS n,"  # noqa: S608 - quoted
        f" count(*) OVER () AS kinds, row_number() OVER (ORDER BY count(*) DESC, v) AS r"
        f" FROM (SELECT {facet.sql(speech)} AS v FROM {base.sql(facet.column.sql)}) AS f"
        f" WHERE v IS NOT NULL GROUP BY v) AS c WHERE r <= {VALUES_MAX}"
        for number, facet in enumerate(facets)
    ]
    return " UNION ALL ".join(parts) + " ORDER BY 1, 3 DESC, 2"


def _in_one_pass(facets: Sequence[Facet], base: Base, speech: Speech) -> str:
    names = [f"f{number}" for number in range(len(facets))]
    made = ", ".join(f"{f.sql(speech)} AS {name}" for f, name in zip(facets, names, strict=True))
    which = " ".join(f"WHEN grouping({name}) = 0 THEN {i}" for i, name in enumerate(names))
    value = " ".join(f"WHEN grouping({name}) = 0 THEN {name}" for name in names)
    sets = ", ".join(f"({name})" for name in names)
    return (
        f"SELECT g, v, n, kinds FROM (SELECT g, v, n, count(*) OVER (PARTITION BY g) AS kinds,"  # noqa: S608 - quoted
        f" row_number() OVER (PARTITION BY g ORDER BY n DESC, v) AS r FROM"
        f" (SELECT CASE {which} END AS g, CASE {value} END AS v, count(*) AS n"
        f" FROM (SELECT {made} FROM {base.sql()}) AS f GROUP BY GROUPING SETS ({sets})) AS s"
        f" WHERE v IS NOT NULL) AS c WHERE r <= {VALUES_MAX} ORDER BY 1, 3 DESC, 2"
    )


def duplicates(columns: Sequence[Column], base: Base, speech: Speech) -> str:
    """One number: how many rows repeat an earlier one in all of `columns`."""
    keys = [
        column.sql if column.kind != "opaque" else speech.text.format(column.sql)
        for column in columns
    ]
    return (
        f"SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM {base.sql()}"  # noqa: S608 - quoted
        f" GROUP BY {', '.join(keys)} HAVING count(*) > 1) AS d"
    )
