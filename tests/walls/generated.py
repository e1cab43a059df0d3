"""Every function of an engine's own catalogue, in every position a call can have."""

from typing import Final

from datelier.worker.functions import Dialect

_SHARED: Final = (
    "SELECT {}",
    "SELECT * FROM {} AS x",
    "VALUES ({})",
    "SELECT 1 FROM t ORDER BY {}",
    "SELECT 1 FROM t LIMIT (SELECT {})",
    "SELECT CASE WHEN true THEN {} END",
    "SELECT count(*) FILTER (WHERE {} IS NULL) FROM t",
    "SELECT * FROM t, LATERAL (SELECT {}) AS x",
    "WITH c AS (SELECT {}) SELECT * FROM c",
    "SELECT 1 FROM t WHERE id IN (SELECT {})",
    "SELECT sum(1) OVER (PARTITION BY {}) FROM t",
    "SELECT 1 UNION ALL SELECT {}",
)
POSITIONS: Final[dict[Dialect, tuple[str, ...]]] = {
    "postgres": (
        *_SHARED,
        "SELECT * FROM ROWS FROM (generate_series(1, 2), {}) AS x",
        "SELECT ARRAY[(1, (2, {}))]",
    ),
    "duckdb": (
        *_SHARED,
        "SELECT [x FOR x IN [1] IF {} IS NULL]",
        "SELECT {{'a': [{}]}}",
        "SELECT list_transform([1], lambda x: {})",
        "FROM t SELECT id QUALIFY {} IS NULL",
    ),
}
_PLAIN: Final = (
    "SELECT {}",
    "SELECT * FROM (SELECT {}) AS x",
    "VALUES ({})",
    "SELECT 1 FROM t ORDER BY {}",
    "SELECT CASE WHEN 1 THEN {} END",
    "SELECT sum(1) OVER (PARTITION BY {}) FROM t",
    "WITH c AS (SELECT {}) SELECT * FROM c",
    "SELECT 1 FROM t WHERE id IN (SELECT {})",
    "SELECT 1 FROM t GROUP BY id HAVING {}",
    "SELECT 1 FROM t AS a JOIN t AS b ON {}",
    "SELECT 1 UNION ALL SELECT {}",
    "SELECT (1, {}) = (1, 2)",
    "SELECT CAST({} AS CHAR)",
)
POSITIONS["mysql"] = (
    *_PLAIN,
    "SELECT IF(1, {}, 2)",
    "SELECT NOW() + INTERVAL {} DAY",
    "SELECT GROUP_CONCAT(id ORDER BY {}) FROM t",
    "SELECT * FROM JSON_TABLE({}, '$' COLUMNS (a INT PATH '$')) AS j",
    "SELECT CONVERT({} USING utf8mb4)",
    "SELECT TRIM(LEADING {} FROM 'x')",
)
POSITIONS["sqlite"] = (
    *_PLAIN,
    "SELECT count(*) FILTER (WHERE {}) FROM t",
    "SELECT * FROM json_each({})",
    "SELECT * FROM {}",
    "SELECT 1 LIMIT (SELECT {})",
    "SELECT 'a' -> {}",
    "SELECT 'x' LIKE 'y' ESCAPE {}",
)
_ARGUMENTS: Final = ("1", "'x'", "")


def calls(name: str, index: int) -> str:
    """A call with arguments of some kind; the guard looks at the name alone."""
    return f"{name}({_ARGUMENTS[index % len(_ARGUMENTS)]})"
