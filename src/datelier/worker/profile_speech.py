"""What profiles need to know about a dialect: one row of a table per engine.

A part that an engine cannot compute is None here, and the profile then says so in words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from datelier.worker.engines.names import backticked, bracketed, escaped, quoted
from datelier.worker.functions import Dialect

Kind = Literal["number", "moment", "boolean", "text", "other", "opaque"]
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
_SHARES: Final = ", ".join(map(str, QUANTILES))
_INFINITE: Final = "CAST('Infinity' AS DOUBLE PRECISION)"


@dataclass(frozen=True, slots=True)
class Speech:
    """How one dialect says what a profile asks. `{}` stands for an expression.

    Attributes:
        quote: Quotes an identifier.
        text: A value as text.
        number: A number as a double.
        seconds: A moment as seconds since 1970, a double.
        whole: A number as an integer.
        length: Characters of a text.
        part: The first characters of a text; the second `{}` is how many.
        finite: A number (a double) that is neither NaN nor infinite.
        finite_moment: A moment that is not infinite.
        quantiles: JSON list of the `QUANTILES` of a number.
        quantiles_of_moments: The same of moments.
        rough_quantiles: The same of a number, approximate.
        rough_distinct: An approximate count of distinct values.
        pattern: The shape of a text: capitals A, small letters a, digits 9.
        grouping_sets: Many groupings come from one pass over the table.
        exact_rows: Above this many rows a profile does not try to be exact.
    """

    quote: Callable[[str], str]
    text: str = "CAST({} AS VARCHAR)"
    number: str = "CAST({} AS DOUBLE PRECISION)"
    seconds: str = "CAST(EXTRACT(EPOCH FROM {}) AS DOUBLE PRECISION)"
    whole: str = "CAST({} AS INTEGER)"
    length: str = "length({})"
    part: str = "substr({}, 1, {})"
    finite: str | None = f"({{0}} > -{_INFINITE} AND {{0}} < {_INFINITE})"
    finite_moment: str | None = "isfinite({})"
    quantiles: str | None = None
    quantiles_of_moments: str | None = None
    rough_quantiles: str | None = None
    rough_distinct: str | None = None
    pattern: str | None = None
    grouping_sets: bool = False
    exact_rows: int = 5_000_000


SPEECH: Final[dict[Dialect, Speech]] = {
    "postgres": Speech(
        quote=quoted,
        quantiles=f"to_json(percentile_cont(ARRAY[{_SHARES}]) WITHIN GROUP (ORDER BY {{}}))",
        quantiles_of_moments=(
            f"to_json(percentile_disc(ARRAY[{_SHARES}]) WITHIN GROUP (ORDER BY {{}}))"
        ),
        pattern=(
            "regexp_replace(regexp_replace(regexp_replace({}, '[0-9]', '9', 'g'),"
            " '[[:upper:]]', 'A', 'g'), '[[:lower:]]', 'a', 'g')"
        ),
        grouping_sets=True,
    ),
    "duckdb": Speech(
        quote=quoted,
        exact_rows=1_000_000,
        quantiles=f"CAST(to_json(quantile_cont({{}}, [{_SHARES}])) AS VARCHAR)",
        quantiles_of_moments=f"CAST(to_json(quantile_disc({{}}, [{_SHARES}])) AS VARCHAR)",
        rough_quantiles=f"CAST(to_json(approx_quantile({{}}, [{_SHARES}])) AS VARCHAR)",
        rough_distinct="approx_count_distinct({})",
        pattern=(
            "regexp_replace(regexp_replace(regexp_replace({}, '[0-9]', '9', 'g'),"
            " '\\p{{Lu}}', 'A', 'g'), '\\p{{Ll}}', 'a', 'g')"
        ),
    ),
    # MySQL and MariaDB have no aggregate for quantiles.
    "mysql": Speech(
        quote=backticked,
        text="CAST({} AS CHAR)",
        number="CAST({} AS DOUBLE)",
        seconds="CAST(timestampdiff(SECOND, '1970-01-01 00:00:00', {}) AS DOUBLE)",
        whole="CAST({} AS SIGNED)",
        length="char_length({})",
        finite=None,
        finite_moment=None,
        pattern=(
            "regexp_replace(regexp_replace(regexp_replace({}, '[0-9]', '9'),"
            " '(?-i)[[:upper:]]', 'A'), '(?-i)[[:lower:]]', 'a')"
        ),
    ),
    # SQLite keeps moments as texts, and has neither quantiles nor a way to replace by pattern.
    "sqlite": Speech(
        quote=quoted,
        text="CAST({} AS TEXT)",
        number="CAST({} AS REAL)",
        seconds="(julianday({}) - 2440587.5) * 86400.0",
        finite=None,
        finite_moment=None,
    ),
    "clickhouse": Speech(
        quote=escaped,
        text="toString({})",
        number="toFloat64({})",
        seconds="toFloat64(toUnixTimestamp64Micro(toDateTime64({}, 6, 'UTC'))) / 1000000.0",
        whole="toInt64({})",
        length="lengthUTF8({})",
        part="substringUTF8({}, 1, {})",
        finite="isFinite({})",
        finite_moment=None,
        quantiles=f"toJSONString(quantilesExactInclusive({_SHARES})({{}}))",
        quantiles_of_moments=f"toJSONString(quantilesExactLow({_SHARES})({{}}))",
        rough_quantiles=f"toJSONString(quantilesTDigest({_SHARES})({{}}))",
        rough_distinct="uniq({})",
        pattern=(
            "replaceRegexpAll(replaceRegexpAll(replaceRegexpAll({}, '[0-9]', '9'),"
            " '[[:upper:]]', 'A'), '[[:lower:]]', 'a')"
        ),
        exact_rows=20_000_000,
    ),
    "trino": Speech(
        quote=quoted,
        number="CAST({} AS DOUBLE)",
        seconds="to_unixtime(CAST({} AS TIMESTAMP))",
        whole="CAST({} AS BIGINT)",
        finite="is_finite({})",
        finite_moment=None,
        rough_quantiles=f"json_format(CAST(approx_percentile({{}}, ARRAY[{_SHARES}]) AS JSON))",
        quantiles=f"json_format(CAST(approx_percentile({{}}, ARRAY[{_SHARES}]) AS JSON))",
        rough_distinct="approx_distinct({})",
        pattern=(
            "regexp_replace(regexp_replace(regexp_replace({}, '[0-9]', '9'),"
            " '\\p{{Lu}}', 'A'), '\\p{{Ll}}', 'a')"
        ),
    ),
    "bigquery": Speech(
        quote=escaped,
        text="CAST({} AS STRING)",
        number="CAST({} AS FLOAT64)",
        seconds="UNIX_MICROS(CAST({} AS TIMESTAMP)) / 1000000.0",
        whole="CAST({} AS INT64)",
        finite="NOT (IS_NAN({0}) OR IS_INF({0}))",
        finite_moment=None,
        rough_distinct="APPROX_COUNT_DISTINCT({})",
        pattern=(
            "REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE({}, '[0-9]', '9'),"
            " '[[:upper:]]', 'A'), '[[:lower:]]', 'a')"
        ),
        exact_rows=1_000_000,
    ),
    "snowflake": Speech(
        quote=quoted,
        number="CAST({} AS DOUBLE)",
        seconds="DATE_PART('epoch_microsecond', CAST({} AS TIMESTAMP_NTZ)) / 1000000.0",
        whole="CAST({} AS NUMBER(38, 0))",
        finite_moment=None,
        rough_distinct="APPROX_COUNT_DISTINCT({})",
        pattern=(
            "REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE({}, '[0-9]', '9'),"
            " '[[:upper:]]', 'A'), '[[:lower:]]', 'a')"
        ),
    ),
    # SQL Server has no aggregate for quantiles, and no regular expressions before 2025.
    "tsql": Speech(
        quote=bracketed,
        text="CAST({} AS NVARCHAR(4000))",
        number="CAST({} AS FLOAT)",
        seconds="CAST(DATEDIFF_BIG(SECOND, '1970-01-01', {}) AS FLOAT)",
        whole="CAST({} AS BIGINT)",
        length="LEN({})",
        part="SUBSTRING({}, 1, {})",
        finite=None,
        finite_moment=None,
        rough_distinct="APPROX_COUNT_DISTINCT({})",
    ),
}

_NUMBERS: Final = (
    "int", "bigint", "smallint", "tinyint", "hugeint", "uint", "ubigint", "usmallint", "utinyint",
    "uhugeint", "mediumint", "numeric", "decimal", "double", "float", "real", "serial", "bigserial",
)  # fmt: skip
# ClickHouse says of a type how it is stored, too.
_STORED: Final = re.compile(r"(?:nullable\(|lowcardinality\()+")
_WHOLE: Final = ("int", "big", "small", "tiny", "huge", "u", "medium", "serial")
_OTHERS: Final = ("uuid", "time", "interval", "inet", "cidr", "macaddr", "bit", "money", "year")
# Without an order or an equality, or whose text says nothing.
_OPAQUE: Final = (
    "json", "jsonb", "xml", "bytea", "blob", "binary", "varbinary", "point", "line", "lseg", "box",
    "path", "polygon", "circle", "geometry", "geography", "struct", "map", "union", "tsvector",
    "tsquery", "vector", "longblob", "mediumblob", "tinyblob", "record", "variant", "array", "tuple",
    "row", "nested", "object", "dynamic", "aggregatefunction", "bytes", "image", "geometrycollection",
)  # fmt: skip
# In this order: an interval is no int.
_KINDS: Final[tuple[tuple[Kind, tuple[str, ...]], ...]] = (
    ("moment", ("timestamp", "datetime", "date")),
    ("other", _OTHERS),
    ("number", _NUMBERS),
    ("boolean", ("bool",)),
)


def kind_of(type_name: str) -> Kind:
    """What can be said about a column, from the engine's own spelling of its type."""
    name = _STORED.sub("", type_name.lower().strip())
    word = name.replace("(", " ").replace("<", " ").split(" ")[0]
    if name.endswith("]") or word in _OPAQUE:
        return "opaque"
    for kind, starts in _KINDS:
        if word.startswith(starts):
            return kind
    # Unknown names are mostly enumerations and domains of the database: their text says enough.
    return "text"


def is_whole(type_name: str) -> bool:
    """Whether a number of this type has no fraction."""
    return _STORED.sub("", type_name.lower()).startswith(_WHOLE)
