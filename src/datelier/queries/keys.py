"""SQL expressions by which the values of a stored column are ordered and compared, exactly."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from datelier.queries.stored import Stored
from datelier.wire.types import ColumnType

DECIMAL_DIGITS: Final = 38
_SHAPES_KEPT: Final = 256
_INTERVAL_RANK: Final = "CASE {} WHEN 'infinity' THEN 2 WHEN '-infinity' THEN 0 ELSE 1 END"
# -infinity has two spellings: the least number of its type, and that of DuckDB, one more.
_LEAST: Final[dict[ColumnType, int]] = {
    "date": -(2**31) + 1,
    "timestamp": -(2**63) + 1,
    "timestamptz": -(2**63) + 1,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The decimals of a column: most digits before and after the point, and whether all are plain.

    A plain decimal is digits with at most one sign and one point; NaN and infinity are not.
    """

    whole: int
    fraction: int
    plain: bool

    @property
    def type(self) -> str | None:
        """The DECIMAL that holds every value, or None."""
        fits = self.plain and self.whole + self.fraction <= DECIMAL_DIGITS
        return f"DECIMAL({DECIMAL_DIGITS},{self.fraction})" if fits else None


_shapes: OrderedDict[tuple[str, int], Shape] = OrderedDict()


def decimal_shape(stored: Stored, position: int) -> Shape:
    """Return the shape of a decimal column; one pass over the result, remembered."""
    key = (stored.key, position)
    found = _shapes.get(key)
    if found is None:
        name = f"c{position}"
        facts = (
            f"coalesce(max(length(ltrim(split_part({name}, '.', 1), '+-0'))), 0)",
            f"coalesce(max(length(split_part({name}, '.', 2))), 0)",
            f"count(*) FILTER (NOT regexp_full_match({name}, '[+-]?[0-9]+([.][0-9]+)?'))",
        )
        whole, fraction, odd = stored.row(f"SELECT {', '.join(facts)} FROM result")  # noqa: S608 - no outside text
        found = _shapes[key] = Shape(int(whole), int(fraction), not odd)
        while len(_shapes) > _SHAPES_KEPT:
            _shapes.popitem(last=False)
    return found


def column_key(stored: Stored, position: int) -> str:
    """Return the expression to compare and group a column's values by."""
    kind, name = stored.types[position], f"c{position}"
    if kind == "decimal":
        exact = decimal_shape(stored, position).type
        return f"CAST({name} AS {exact})" if exact else f"decimal_key({name})"
    if kind in _LEAST:
        least = _LEAST[kind]
        return f"CASE WHEN {name} < {least} THEN {least} ELSE {name} END"
    return name


def order_keys(stored: Stored, position: int) -> list[str]:
    """Return the expressions to sort a column by, the most significant first."""
    if stored.types[position] != "interval":
        return [column_key(stored, position)]
    name = f"c{position}"
    # As PostgreSQL orders them: a month counts 30 days, a day 24 hours.
    return [
        f"CASE WHEN {name} IS NULL THEN NULL ELSE {_INTERVAL_RANK.format(name)} END",
        f"TRY_CAST({name} AS INTERVAL)",
        name,
    ]
