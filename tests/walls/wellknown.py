"""Well-known suites, written down after their public descriptions, in the words of each dialect.

A tiny database of their tables is made from a seed, the same rows in every engine.
"""

import random
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from datelier.worker.functions import Dialect
from datelier.worker.scope import Scope
from tests.walls import wellknown_h, wellknown_web

TABLES: Final[Mapping[str, str]] = {**wellknown_h.TABLES, **wellknown_web.TABLES}
_QUESTIONS: Final = {**wellknown_h.QUESTIONS, **wellknown_web.QUESTIONS}
_TYPES: Final[dict[Dialect, dict[str, str]]] = {
    "postgres": {"i": "integer", "n": "numeric(15, 2)", "d": "date", "t": "text", "m": "timestamp"},
    "duckdb": {
        "i": "INTEGER",
        "n": "DECIMAL(15, 2)",
        "d": "DATE",
        "t": "VARCHAR",
        "m": "TIMESTAMP",
    },
    "mysql": {"i": "INT", "n": "DECIMAL(15, 2)", "d": "DATE", "t": "VARCHAR(200)", "m": "DATETIME"},
    "sqlite": {"i": "INTEGER", "n": "DECIMAL(15, 2)", "d": "DATE", "t": "TEXT", "m": "DATETIME"},
}
_ROWS: Final = {"region": 5, "nation": 25, "supplier": 30, "customer": 60, "part": 80,
                "partsupp": 240, "orders": 300, "lineitem": 900, "hits": 600, "title": 120,
                "movie_companies": 200, "company_name": 30, "movie_info": 200, "store_sales": 500,
                "date_dim": 400, "item": 40, "store": 8}  # fmt: skip
_NATIONS: Final = (
    "FRANCE",
    "GERMANY",
    "BRAZIL",
    "CANADA",
    "SAUDI ARABIA",
    "CHINA",
    "JAPAN",
    "INDIA",
)
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "r_name": ("AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"),
    "n_name": _NATIONS,
    "c_mktsegment": ("BUILDING", "AUTOMOBILE", "MACHINERY"),
    "p_name": ("forest green", "green lace", "forest brown", "misty rose"),
    "p_brand": ("Brand#12", "Brand#23", "Brand#34", "Brand#45"),
    "p_type": (
        "ECONOMY ANODIZED STEEL",
        "PROMO BRUSHED BRASS",
        "MEDIUM POLISHED TIN",
        "SMALL BRASS",
    ),
    "p_container": ("SM CASE", "MED BOX", "LG PKG"),
    "o_orderstatus": ("F", "O", "P"),
    "o_orderpriority": ("1-URGENT", "2-HIGH", "3-MEDIUM", "5-LOW"),
    "o_comment": ("special packages requests", "nothing", "deposits"),
    "s_comment": ("Customer x Complaints", "fine", "quick"),
    "l_returnflag": ("R", "A", "N"),
    "l_linestatus": ("F", "O"),
    "l_shipmode": ("MAIL", "SHIP", "AIR", "AIR REG", "RAIL"),
    "l_shipinstruct": ("DELIVER IN PERSON", "NONE"),
    **wellknown_web.WORDS,
}


def statements(dialect: Dialect) -> Iterator[str]:
    """What makes the tables and fills them."""
    dice = random.Random("well known")
    for table, listed in TABLES.items():
        columns = [tuple(column.split()) for column in listed.split(", ")]
        types = ", ".join(f"{name} {_TYPES[dialect][kind]}" for name, kind in columns)
        yield f"CREATE TABLE {table} ({types})"
        rows = [
            "(" + ", ".join(_value(dice, table, name, kind, row) for name, kind in columns) + ")"
            for row in range(_ROWS[table])
        ]
        yield f"INSERT INTO {table} VALUES {', '.join(rows)}"
        for name, kind in columns:
            if kind == "i" and name.endswith(("key", "_id", "_sk")) and dialect != "duckdb":
                yield f"CREATE INDEX i_{table}_{name} ON {table} ({name})"


def _value(dice: random.Random, table: str, name: str, kind: str, row: int) -> str:
    if name in _WORDS:
        words = _WORDS[name]
        return (
            f"'{words[row % len(words)] if table in {'region', 'nation'} else dice.choice(words)}'"
        )
    if kind == "d":
        return f"'{date(1993, 1, 1) + timedelta(days=dice.randint(0, 2000))}'"
    if kind == "m":
        day = date(2013, 7, 1) + timedelta(days=dice.randint(0, 30))
        return f"'{day} {dice.randint(0, 23):02}:{dice.randint(0, 59):02}:00'"
    if kind == "n":
        small = {"l_discount": 0.1, "l_tax": 0.08, "l_quantity": 50}.get(name)
        return f"{dice.uniform(0, small):.2f}" if small else f"{dice.uniform(1, 9000):.2f}"
    if kind == "t":
        return f"'{dice.randint(10, 34)}-{name[2:6]} {row}'"
    return str(_key(dice, table, name, row))


def _key(dice: random.Random, table: str, name: str, row: int) -> int:
    own = {"regionkey": "region", "nationkey": "nation", "suppkey": "supplier",
           "custkey": "customer", "partkey": "part", "orderkey": "orders", **wellknown_web.KEYS}  # fmt: skip
    what = name.partition("_")[2]
    if (of := own.get(what) or own.get(name)) is None:
        return dice.randint(1, 50)
    return row + 1 if of == table else dice.randint(1, _ROWS[of])


def questions(dialect: Dialect) -> Iterator[str]:
    """All questions of all suites that the dialect can ask."""
    for text in _QUESTIONS.values():
        said = re.sub(r"\{\{(.*?)\}\}", lambda found: _say(found[1], dialect), text)
        yield " ".join(said.split())


_PARTS: Final = {"year": "%Y", "month": "%m", "minute": "%M", "hour": "%H"}
_MINUTES: Final[dict[Dialect, str]] = {
    "postgres": "date_trunc('minute', {0})",
    "duckdb": "date_trunc('minute', {0})",
    "mysql": "DATE_FORMAT({0}, '%Y-%m-%d %H:%i:00')",
    "sqlite": "strftime('%Y-%m-%d %H:%M:00', {0})",
}
_ROLLUPS: Final[dict[Dialect, str]] = {
    "postgres": "rollup ({0}, {1})",
    "duckdb": "rollup ({0}, {1})",
    "mysql": "{0}, {1} with rollup",
    "sqlite": "{0}, {1}",
}


def _say(what: str, dialect: Dialect) -> str:
    verb, *words = what.split()
    old = dialect == "sqlite"
    if verb == "date":
        return _date(words, dialect)
    if verb in _PARTS:
        plain = f"CAST(strftime('{_PARTS[verb]}', {words[0]}) AS INTEGER)"
        return plain if old else f"extract({verb} from {words[0]})"
    if verb == "substring":
        return (
            "substr({}, {}, {})".format(*words)
            if old
            else "substring({} from {} for {})".format(*words)
        )
    made = _MINUTES if verb == "minutely" else _ROLLUPS
    return made[dialect].format(*words)


def _date(words: list[str], dialect: Dialect) -> str:
    day, rest = words[0], words[1:]
    if dialect == "sqlite":
        return f"date('{day}', '{rest[0]} {rest[1]}s')" if rest else f"'{day}'"
    if not rest:
        return f"date '{day}'"
    number = rest[0].lstrip("+-")
    quoted = number if dialect == "mysql" else f"'{number}'"
    return f"date '{day}' {rest[0][0]} interval {quoted} {rest[1]}"


SCOPES: Final[dict[Dialect, Scope]] = {
    "duckdb": Scope(tables=frozenset(TABLES)),
    "mysql": Scope(schemas=frozenset({"app"})),
    "sqlite": Scope(
        tables=frozenset(TABLES),
        schemas=frozenset({"main"}),
        columns=frozenset(
            column.split()[0] for listed in TABLES.values() for column in listed.split(", ")
        ),
    ),
}
