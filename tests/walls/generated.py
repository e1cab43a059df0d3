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
_ARGUMENTS: Final = ("1", "'x'", "")


def calls(name: str, index: int) -> str:
    """A call with arguments of some kind; the guard looks at the name alone."""
    return f"{name}({_ARGUMENTS[index % len(_ARGUMENTS)]})"
