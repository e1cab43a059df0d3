"""How the guard reads and writes the dialects of the extra engines; see `dialects`.

Calls keep their names, spelling and arguments: what has a syntax of its own is parsed, the rest is
looked up in the allow-list as it stands. A name must differ from sqlglot's own, which it would
replace everywhere.
"""

from typing import Any, Final, cast

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.dialects.trino import Trino
from sqlglot.dialects.tsql import TSQL
from sqlglot.generator import Generator
from typing_extensions import override

from datelier.worker.functions import Dialect
from datelier.worker.functions_clickhouse import is_combined


def _only(parsers: Any, names: str) -> dict[str, Any]:
    known = cast("dict[str, Any]", parsers)
    return {name: known[name] for name in names.split() if name in known}


def _transforms(generator: Any, changed: dict[Any, Any]) -> dict[Any, Any]:
    return {**cast("dict[Any, Any]", generator.TRANSFORMS), **changed}


class GuardedClickHouse(ClickHouse):
    """ClickHouse. Types stay as they were written: `Int32` is not `Nullable(Int32)`."""

    class Parser(ClickHouse.Parser):
        """Keeps calls as they are."""

        FUNCTIONS: Any = {}
        FUNCTION_PARSERS: Any = _only(
            ClickHouse.Parser.FUNCTION_PARSERS, "CAST EXTRACT SUBSTRING TRIM COLUMNS"
        )

        @override
        @classmethod
        def _resolve_clickhouse_agg(cls, name: str) -> Any:
            # All aggregates may have parameters, `quantileExactInclusive(0.5)(x)`; sqlglot knows some.
            return (name, ()) if is_combined(name.lower()) else None


class GuardedTrino(Trino):
    """Trino."""

    class Parser(Trino.Parser):
        """Keeps calls as they are."""

        FUNCTIONS: Any = {}
        FUNCTION_PARSERS: Any = _only(
            Trino.Parser.FUNCTION_PARSERS,
            "CAST EXTRACT JSON_OBJECT NORMALIZE OVERLAY POSITION SUBSTRING TRIM TRY_CAST LISTAGG"
            " JSON_QUERY JSON_VALUE",
        )

    class Generator(Trino.Generator):
        """Writes what was read, without rearranging it for other databases."""

        TRANSFORMS: Any = _transforms(
            Trino.Generator,
            {exp.Select: Generator.select_sql, exp.WithinGroup: Generator.withingroup_sql},
        )


class GuardedBigQuery(BigQuery):
    """BigQuery."""

    class Parser(BigQuery.Parser):
        """Keeps calls as they are."""

        FUNCTIONS: Any = {}
        FUNCTION_PARSERS: Any = _only(
            BigQuery.Parser.FUNCTION_PARSERS, "CAST EXTRACT NORMALIZE SAFE_CAST TRIM ARRAY"
        )


class GuardedSnowflake(Snowflake):
    """Snowflake."""

    class Parser(Snowflake.Parser):
        """Keeps calls as they are."""

        FUNCTIONS: Any = {}
        FUNCTION_PARSERS: Any = _only(
            Snowflake.Parser.FUNCTION_PARSERS, "CAST EXTRACT POSITION TRIM TRY_CAST LISTAGG"
        )


class GuardedTSQL(TSQL):
    """SQL Server's T-SQL."""

    class Parser(TSQL.Parser):
        """Keeps calls as they are."""

        FUNCTIONS: Any = {}
        FUNCTION_PARSERS: Any = _only(TSQL.Parser.FUNCTION_PARSERS, "CAST TRIM TRY_CAST")

    class Generator(TSQL.Generator):
        """Writes what was read, without rearranging it for other databases."""

        TRANSFORMS: Any = _transforms(TSQL.Generator, {exp.Select: Generator.select_sql})

        @override
        def boolean_sql(self, expression: exp.Boolean) -> str:
            return "1" if expression.this else "0"


DIALECTS: Final[dict[Dialect, Any]] = {
    "clickhouse": GuardedClickHouse,
    "trino": GuardedTrino,
    "bigquery": GuardedBigQuery,
    "snowflake": GuardedSnowflake,
    "tsql": GuardedTSQL,
}
