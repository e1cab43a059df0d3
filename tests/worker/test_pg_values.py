"""PostgreSQL's values in both result formats against the server's own text and psycopg's adapters."""

import math
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given, strategies as st

from datelier.worker.engines.pg_binary import add_to_all
from datelier.worker.engines.pg_connect import IdleSessions
from datelier.worker.engines.postgresql import PostgresEngine
from datelier.worker.errors import WorkerError
from tests.support.postgres import ScratchPostgres
from tests.worker.conftest import collect, opened

SEED = 20261121
Texts = list[str | None]


@pytest.fixture(scope="module")
def connection(scratch_postgres: ScratchPostgres) -> Iterator[psycopg.Connection[Any]]:
    """A session with the settings that the engine sets for each statement."""
    with scratch_postgres.connect() as session:
        for name, value in (
            ("TimeZone", "UTC"),
            ("DateStyle", "ISO, YMD"),
            ("IntervalStyle", "postgres"),
            ("bytea_output", "hex"),
            ("extra_float_digits", "1"),
        ):
            session.execute("SELECT set_config(%s, %s, false)", (name, value))
        yield session


def numbers(chance: random.Random, low: int, high: int) -> Iterator[str]:
    yield from map(str, (low, high, 0, -1 if low else 1, low + 1, high - 1))
    while True:
        yield str(chance.randint(low, high) >> chance.randrange(high.bit_length()))


def numerics(chance: random.Random) -> Iterator[str]:
    yield from ("NaN", "Infinity", "-Infinity", "0", "0.00", "-0.0001", "1e-30", "1e130", "10000")
    yield from ("9999.9999", "10000.0001", "0.00010000", "99999999", "-12345678.90", "1234.5")
    yield from ("7" * 1000 + ".5", "0." + "0" * 900 + "12", "1" + "0" * 400 + ".000")
    while True:
        whole = str(chance.randrange(10 ** chance.choice((1, 3, 4, 5, 8, 12, 40))))
        end = "".join(chance.choices("0123456789", k=chance.choice((0, 1, 2, 3, 4, 5, 9, 30))))
        sign = chance.choice(("", "", "-"))
        yield f"{sign}{whole}.{end}" if end else sign + whole


def floats(chance: random.Random) -> Iterator[str]:
    yield from ("NaN", "Infinity", "-Infinity", "0", "-0", "1e-30", "3.4e38", "0.1", "16777217")
    while True:
        yield repr(chance.uniform(-1, 1) * 10 ** chance.randint(-30, 30))


def stamps(chance: random.Random, last_year: int, clock: bool, zone: str) -> Iterator[str]:
    yield from ("infinity", "-infinity", f"1970-01-01{zone}", f"2000-01-01{zone}")
    yield from (f"0044-03-15 BC{zone}", f"4713-01-01 BC{zone}", f"0001-01-01{zone}")
    yield from (
        f"{last_year}-12-31{zone}",
        f"1999-12-31{' 23:59:59.999999' if clock else ''}{zone}",
    )
    while True:
        year = chance.choice((chance.randint(1, 4712), chance.randint(1900, 2100), last_year))
        era = " BC" if year < 4712 and chance.random() < 0.3 else ""
        time = f" {chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}"
        time += chance.choice(("", "", f".{chance.randrange(1_000_000):06}", ".5"))
        month, day = chance.randint(1, 12), chance.randint(1, 28)
        yield f"{year:04}-{month:02}-{day:02}{time if clock else ''}{era}{zone}"


def clocks(chance: random.Random) -> Iterator[str]:
    yield from ("00:00:00", "24:00:00", "23:59:59.999999")
    while True:
        yield f"{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.uniform(0, 59):.6f}"


def words(chance: random.Random) -> Iterator[str]:
    yield from ("", " ", "žluť🍎", "NULL", "a\tb\nc\\d", '"', "x" * 5000)
    while True:
        yield "".join(chance.choices("aé中🍎 \\'\",;\t0", k=chance.randrange(12)))


def intervals(chance: random.Random) -> Iterator[str]:
    yield from ("infinity", "-infinity", "0", "1 mon -1 day", "-1 year +1 mon 00:00:00.000001")
    while True:
        parts = [f"{chance.randint(-99, 99)} {unit}" for unit in ("years", "mons", "days")]
        yield " ".join(parts) + f" {chance.uniform(-99999, 99999):.6f} seconds"


def uuids(chance: random.Random) -> Iterator[str]:
    while True:
        yield f"{chance.getrandbits(128):032x}"


def json(chance: random.Random) -> Iterator[str]:
    yield from ("null", "[]", '{"a": 1.00}', '"ž"')
    while True:
        yield f'{{"n": {chance.randint(-9, 9)}.{chance.randrange(100):02}, "t": ["x", null]}}'


KINDS: dict[str, Callable[[random.Random], Iterator[str]]] = {
    "boolean": lambda chance: iter(lambda: chance.choice(("t", "f")), "never"),
    "int2": lambda chance: numbers(chance, -(2**15), 2**15 - 1),
    "int4": lambda chance: numbers(chance, -(2**31), 2**31 - 1),
    "int8": lambda chance: numbers(chance, -(2**63), 2**63 - 1),
    "oid": lambda chance: numbers(chance, 0, 2**32 - 1),
    "float4": floats,
    "float8": floats,
    "numeric": numerics,
    "text": words,
    "varchar": words,
    "bytea": lambda chance: (
        f"\\x{chance.randbytes(chance.randrange(9)).hex()}" for _ in iter(int, 1)
    ),
    "date": lambda chance: stamps(chance, 5_874_897, clock=False, zone=""),
    "time": clocks,
    "timestamp": lambda chance: stamps(chance, 294_246, clock=True, zone=""),
    "timestamptz": lambda chance: stamps(chance, 294_246, clock=True, zone=" UTC"),
    "interval": intervals,
    "uuid": uuids,
    "json": json,
    "jsonb": json,
}
PATTERNS: dict[str, Callable[[int, random.Random], bool]] = {
    "none": lambda row, chance: False,
    "all": lambda row, chance: True,
    "every third": lambda row, chance: row % 3 == 0,
    "some": lambda row, chance: chance.random() < 0.2,
    "the first": lambda row, chance: row == 0,
    "the last": lambda row, chance: row == 399,
}


def expected(kind: str, text: str | None) -> object:
    """What the server's own text of a value is in the columnar JSON."""
    if kind == "boolean" or text is None:
        return {None: None, "true": True, "false": False}[text]
    if kind in {"int2", "int4"}:
        return int(text)
    if kind in {"float4", "float8"}:
        return text if text in {"NaN", "Infinity", "-Infinity"} else float(text)
    if kind == "bytea":
        return {"bytes": len(text) // 2 - 1}
    # A fraction of a second is shown with six digits or not at all.
    if kind in {"time", "timestamp", "timestamptz"}:
        text = re.sub(r"\.\d+", lambda match: match[0].ljust(7, "0"), text)
    if kind in {"timestamp", "timestamptz"} and not text.endswith("infinity"):
        return text.replace(" ", "T", 1).replace("+00", "Z")
    return text


def source(kind: str, texts: Texts) -> str:
    """A table expression with the values in order, as column `v`."""
    items = ["NULL" if t is None else "'" + t.replace("'", "''") + "'" for t in texts]
    array = f"ARRAY[{', '.join(items)}]::text[]"
    return (
        f"(SELECT CAST(v AS {kind}) AS v FROM unnest({array}) WITH ORDINALITY u(v, n) ORDER BY n) q"
    )


def adapted(connection: psycopg.Connection[Any], kind: str, table: str) -> Iterator[object]:
    """The values as psycopg's own adapters read them; what Python's types cannot hold is `...`."""
    cursor = connection.execute(f"SELECT v FROM {table}".encode())
    for _ in range(cursor.rowcount):
        try:
            row = cursor.fetchone()
        except psycopg.DataError:  # before the year 1, after 9999, infinity
            yield ...
        else:
            assert row is not None
            yield shown(kind, row[0])


def shown(kind: str, value: Any) -> object:
    """psycopg's value of a type in the columnar JSON; `...` where it says less than the text."""
    if kind in {"interval", "json", "jsonb"}:
        return ...
    if value is None or kind in {"boolean", "int2", "int4", "text", "varchar"}:
        return value
    if kind in {"float4", "float8"}:
        return (
            value
            if math.isfinite(value)
            else str(value).replace("inf", "Infinity").replace("nan", "NaN")
        )
    if kind in {"numeric", "int8", "oid", "uuid"}:
        return f"{value:f}" if kind == "numeric" and value.is_finite() else str(value)
    if kind == "bytea":
        return {"bytes": len(value)}
    return value.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("kind", KINDS)
async def test_values_agree_with_the_servers_text_and_with_psycopg(
    scratch_postgres: ScratchPostgres, connection: psycopg.Connection[Any], kind: str, pattern: str
) -> None:
    chance = random.Random(f"{SEED} {kind} {pattern}")
    values, missing = KINDS[kind](chance), PATTERNS[pattern]
    table = source(kind, [None if missing(row, chance) else next(values) for row in range(400)])
    texts = connection.execute(f"SELECT v::text FROM {table}".encode()).fetchall()
    wanted = [expected(kind, text) for (text,) in texts]
    python = list(adapted(connection, kind, table))
    sessions = IdleSessions()
    # An array makes the engine read in binary, a network address in text.
    for companion in ("ARRAY[1]", "inet '10.0.0.1'"):
        async with opened(PostgresEngine(scratch_postgres.source("owner"), sessions)) as engine:
            rows, _ = await collect(engine, f"SELECT v, {companion} FROM {table}")
        found = [row[0] for row in rows]
        assert list(map(repr, found)) == list(map(repr, wanted))
        assert [
            one for one, other in zip(found, python, strict=True) if one != other is not ...
        ] == []
    await sessions.close()


async def test_a_time_beyond_what_a_result_can_hold_is_a_clear_error(
    scratch_postgres: ScratchPostgres,
) -> None:
    sessions = IdleSessions()
    for companion in ("ARRAY[1]", "inet '10.0.0.1'"):
        async with opened(PostgresEngine(scratch_postgres.source("owner"), sessions)) as engine:
            with pytest.raises(WorkerError, match="294246") as failed:
                await collect(engine, f"SELECT timestamp '294276-12-31 23:59:59', {companion}")
            assert failed.value.code == "sql_failed"
            # The session goes on.
            assert (await collect(engine, "SELECT 1"))[0] == [[1]]
    await sessions.close()


@given(st.lists(st.integers(-(2**63), 2**63 - 1)), st.integers(0, 2**62))
def test_a_number_is_added_to_all_without_carries(numbers: list[int], number: int) -> None:
    fitting = [min(one, 2**63 - 1 - number) for one in numbers]
    data = b"".join(one.to_bytes(8, "little", signed=True) for one in fitting)
    sums = b"".join((one + number).to_bytes(8, "little", signed=True) for one in fitting)
    assert add_to_all(data, 8, number) == sums
