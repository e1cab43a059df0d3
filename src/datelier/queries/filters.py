"""What a reader wants of a stored result: which rows, in which order. Parsed, never trusted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context as Arithmetic, Decimal, InvalidOperation
from typing import Annotated, Final, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
)

from datelier.kit.errors import Invalid
from datelier.queries.keys import column_key, decimal_shape
from datelier.queries.stored import Stored
from datelier.wire.temporal import (
    DATE_INFINITY,
    TIME_INFINITY,
    date_days,
    date_text,
    time_micros,
    timestamp_micros,
)
from datelier.wire.types import ColumnType

FILTERS_MAX: Final = 20
SORTS_MAX: Final = 10
FILTER_TEXT_MAX: Final = 20_000
_LIST_MAX: Final = 500
_EXPONENT_MAX: Final = 10_000
_INT64: Final = (-(2**63), 2**63 - 1)

Operator = Literal[
    "=", "!=", "<", "<=", ">", ">=", "contains", "starts with", "in", "is null", "is not null"
]
OPERATORS: Final[tuple[str, ...]] = get_args(Operator)
Scalar = StrictBool | StrictInt | StrictFloat | Annotated[StrictStr, Field(max_length=2000)]
_ORDERED: Final[frozenset[str]] = frozenset(["<", "<=", ">", ">="])
_UNORDERED_TYPES: Final[frozenset[ColumnType]] = frozenset(["json", "list", "interval", "binary"])
_NUMBERS: Final[frozenset[ColumnType]] = frozenset(["int32", "int64", "decimal", "float64"])
_SEARCHED: Final[frozenset[ColumnType]] = (
    frozenset[ColumnType](["string", "json", "list", "uuid", "interval"]) | _NUMBERS
)
_Condition = tuple[str, list[object]]


class FilterIn(BaseModel):
    """One condition on a column; a row must meet all conditions. NULL meets only `is null`."""

    model_config = ConfigDict(extra="forbid")

    column: Annotated[str, Field(min_length=1, max_length=300)]
    op: Operator
    value: Scalar | Annotated[list[Scalar], Field(max_length=_LIST_MAX)] | None = None


_FILTERS: Final = TypeAdapter(list[FilterIn])


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on the column at `position`; `values` are texts, one except for `in`."""

    position: int
    op: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by the column at `position`; NULL comes last in both directions."""

    position: int
    descending: bool


def parse_filters(text: str | None, names: Sequence[str]) -> tuple[Filter, ...]:
    """Return the conditions of a JSON list of `{column, op, value}`.

    Raises:
        Invalid: The text is no such list, or names a column that there is not.
    """
    if not text:
        return ()
    try:
        given = _FILTERS.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Invalid.field("filter", f"{place}: {first['msg']}".removeprefix(": ")) from None
    if len(given) > FILTERS_MAX:
        raise Invalid.field("filter", f"must not hold more than {FILTERS_MAX} conditions")
    return tuple(_filter(one, names) for one in given)


def _filter(given: FilterIn, names: Sequence[str]) -> Filter:
    position = column_position(given.column, names, "filter")
    if given.op in {"is null", "is not null"}:
        if given.value is not None:
            raise Invalid.field("filter", f"{given.op} takes no value")
        return Filter(position, given.op)
    if isinstance(given.value, list) != (given.op == "in") or given.value is None:
        wanted = "a list of values" if given.op == "in" else "one value"
        raise Invalid.field("filter", f"{given.op} needs {wanted}")
    values = given.value if isinstance(given.value, list) else [given.value]
    return Filter(position, given.op, tuple(_text(value) for value in values))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def parse_order(sorts: Sequence[str], names: Sequence[str]) -> tuple[Order, ...]:
    """Return the orders of texts such as `amount`, `amount:desc` or `#3:asc`.

    Raises:
        Invalid: There is no such column, or there are too many.
    """
    if len(sorts) > SORTS_MAX:
        raise Invalid.field("sort", f"must not name more than {SORTS_MAX} columns")
    orders: list[Order] = []
    for sort in sorts:
        name, _, direction = sort.rpartition(":")
        if direction not in {"asc", "desc"} or not name:
            name, direction = sort, "asc"
        orders.append(Order(column_position(name, names, "sort"), direction == "desc"))
    return tuple(orders)


def column_position(name: str, names: Sequence[str], field: str) -> int:
    """Return where a column is: by its name, or `#3` for the third, whatever that is called.

    Raises:
        Invalid: There is no such column.
    """
    number = name[1:]
    if name.startswith("#") and number.isascii() and number.isdigit() and len(number) < 7:
        if 1 <= int(number) <= len(names):
            return int(number) - 1
    elif name in names:
        return list(names).index(name)
    raise Invalid.field(field, "there is no such column; #1 is the first column")


def condition(stored: Stored, given: Filter) -> _Condition:
    """Return a filter as an SQL condition and its parameters.

    Raises:
        Invalid: The column's type does not know the operator, or cannot hold the value.
    """
    name, kind = f"c{given.position}", stored.types[given.position]
    if given.op in {"is null", "is not null"}:
        return f"{name} {given.op.upper()}", []
    if given.op in {"contains", "starts with"}:
        if kind not in _SEARCHED:
            raise Invalid.field("filter", f"{given.op} does not work on a {kind} column")
        function = "contains" if given.op == "contains" else "starts_with"
        return f"{function}(lower(CAST({name} AS VARCHAR)), lower(?))", [given.values[0]]
    if given.op in _ORDERED and kind in _UNORDERED_TYPES:
        raise Invalid.field("filter", f"{given.op} does not work on a {kind} column")
    operator = "=" if given.op == "in" else given.op
    parts = [_comparison(stored, given.position, operator, value) for value in given.values]
    text = " OR ".join(part for part, _ in parts) or "false"
    # `x != y` and what a bound makes of it are never true of NULL.
    return f"({text}) AND {name} IS NOT NULL", [one for _, some in parts for one in some]


def _comparison(stored: Stored, position: int, op: str, value: str) -> _Condition:
    kind, key = stored.types[position], column_key(stored, position)
    if kind in {"int32", "int64"}:
        return _whole(key, op, _decimal(value), 0, "BIGINT")
    if kind == "decimal":
        shape = decimal_shape(stored, position)
        number = _decimal(value)
        if shape.type is None:
            return f"{key} {op} decimal_key(?)", [_plain(number)]
        return _whole(key, op, number, shape.fraction, shape.type)
    if kind == "float64":
        return f"{key} {op} CAST(? AS DOUBLE)", [float(_decimal(value))]
    if kind == "binary":
        return f"{key} {op} from_hex(?)", [_hex(value)]
    return f"{key} {op} ?", [_value(kind, value)]


def _whole(key: str, op: str, number: Decimal, scale: int, kind: str) -> _Condition:
    """Compare values that are multiples of 10^-scale with a number that need not be one."""
    if number.is_nan():
        return ("true" if op in {"<", "<=", "!="} else "false"), []
    exact = Arithmetic(prec=_EXPONENT_MAX * 2 + 4000)
    units = exact.scaleb(number, scale) if number.is_finite() else number
    low, high = _INT64 if kind == "BIGINT" else (-(10**38) + 1, 10**38 - 1)
    if units > high or units < low:
        above = units > high
        return ("true" if op == "!=" or op[0] == ("<" if above else ">") else "false"), []
    floor = units.to_integral_value(ROUND_FLOOR)
    if floor != units:
        if op in {"=", "!="}:
            return ("true" if op == "!=" else "false"), []
        up = units.to_integral_value(ROUND_CEILING)
        op, floor = ("<=", floor) if op[0] == "<" else (">=", up)
    return f"{key} {op} CAST(? AS {kind})", [_plain(exact.scaleb(floor, -scale))]


def _decimal(value: str) -> Decimal:
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        raise Invalid.field("filter", f"{value[:40]!r} is not a number") from None
    if number.is_finite() and abs(number.adjusted()) > _EXPONENT_MAX:
        raise Invalid.field("filter", f"{value[:40]!r} is out of range")
    return Decimal("NaN") if number.is_nan() else number  # a signaling one cannot be a float


def _plain(number: Decimal) -> str:
    return format(number, "f")


def _hex(value: str) -> str:
    try:
        return bytes.fromhex(value.removeprefix("\\x")).hex()
    except ValueError:
        raise Invalid.field("filter", "bytes are written as \\x00ff") from None


def _value(kind: ColumnType, value: str) -> object:
    if kind == "boolean":
        if value.lower() not in {"true", "false"}:
            raise Invalid.field("filter", f"{value[:40]!r} is neither true nor false")
        return value.lower() == "true"
    try:
        return _moment(kind, value.strip()) if kind in _MOMENTS else value
    except (ValueError, OverflowError):
        raise Invalid.field("filter", f"{value[:40]!r} is not a {kind}") from None


_DAY: Final = re.compile(r"\d+-\d\d-\d\d")
_CLOCK: Final = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:[+-](\d\d):?(\d\d)?)?")
_MOMENTS: Final[frozenset[ColumnType]] = frozenset(["date", "time", "timestamp", "timestamptz"])


def _moment(kind: ColumnType, value: str) -> int:
    """Days or microseconds; a time stamp without a zone is in UTC."""
    clock = _CLOCK.search(value)
    if clock is not None:
        hour, minute, second, part, zone, rest = (int(group or 0) for group in clock.groups())
        # A day may end with 24:00:00 and with 23:59:60; nowhere is further from Greenwich than 15:59.
        late = ((hour * 60 + minute) * 60 + second, part) > (86_400, 0)
        if late or minute > 59 or second > 60 or zone > 15 or rest > 59:
            raise ValueError(value)
    if kind == "time":
        return time_micros(value)
    if value in {"infinity", "-infinity"}:
        most = DATE_INFINITY if kind == "date" else TIME_INFINITY
        return most if value == "infinity" else -most
    day = _DAY.match(value)
    if day is not None:
        written = f"{day[0]} BC" if value.endswith(" BC") else day[0]
        if date_text(date_days(written)) != written:
            raise ValueError(value)  # arithmetic knows the 45th of a month
    if kind != "date":
        return timestamp_micros(value)
    if ":" in value:
        raise ValueError(value)
    return date_days(value)
