"""`queries(dialect, count, seed)`: the generated analytics of every dialect."""

from collections.abc import Callable, Iterator
from typing import Final

from datelier.worker.functions import Dialect
from tests.walls.analytics import Maker
from tests.walls.analytics_duckdb import DUCKDB
from tests.walls.analytics_mysql import MySqlMaker
from tests.walls.analytics_postgres import POSTGRES
from tests.walls.analytics_sqlite import SqliteMaker

MAKERS: Final[dict[Dialect, Callable[[int], Maker]]] = {
    "postgres": lambda seed: Maker("postgres", POSTGRES, seed),
    "duckdb": lambda seed: Maker("duckdb", DUCKDB, seed),
    "mysql": MySqlMaker,
    "sqlite": SqliteMaker,
}


def queries(dialect: Dialect, count: int, seed: int = 1) -> Iterator[str]:
    """Different queries of a dialect, the same for the same seed."""
    maker = MAKERS[dialect](seed)
    seen: set[str] = set()
    index = 0
    while len(seen) < count:
        index += 1
        made = maker.make(index)
        if made not in seen:
            seen.add(made)
            yield made
