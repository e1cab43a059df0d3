"""The Arrow codec: what goes in comes out, to the last digit."""

import math
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from datelier.wire.arrow import encode_batch, encode_columns, read_batches, slice_batch
from datelier.wire.columnar import to_columnar_json
from datelier.wire.temporal import date_days, date_text, timestamp_micros, timestamp_text
from datelier.wire.types import Batch, ColumnType


def through_the_wire(kind: ColumnType, values: list[object]) -> list[object]:
    (batch,) = read_batches(encode_columns(["c"], [kind], [values]))
    assert batch.types == (kind,)
    assert batch.length == len(values)
    return to_columnar_json(batch)[0]


MOMENT = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=timezone(timedelta(hours=2)))
IDENTITY = uuid.UUID("6e8bc430-9c3a-11d9-9669-0800200c9a66")


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("boolean", [True, None, False], [True, None, False]),
        ("int32", [-(2**31), None, 2**31 - 1], [-(2**31), None, 2**31 - 1]),
        (
            "int64",
            [2**53 + 1, -(2**63), None],
            ["9007199254740993", "-9223372036854775808", None],
        ),
        ("float64", [1.5, None, -0.0], [1.5, None, -0.0]),
        ("float64", [math.nan, math.inf, -math.inf], ["NaN", "Infinity", "-Infinity"]),
        ("decimal", [Decimal("1.50"), None, Decimal("NaN")], ["1.50", None, "NaN"]),
        ("string", ["", None, "žluť 🍎", "a|b\n"], ["", None, "žluť 🍎", "a|b\n"]),
        ("date", [date(2026, 1, 2), None, date(1, 1, 1)], ["2026-01-02", None, "0001-01-01"]),
        (
            "date",
            ["infinity", "-infinity", "0044-03-15 BC"],
            ["infinity", "-infinity", "0044-03-15 BC"],
        ),
        ("time", [time(1, 2, 3, 4), None, "24:00:00"], ["01:02:03.000004", None, "24:00:00"]),
        ("timestamp", ["2026-01-02 03:04:05", None], ["2026-01-02T03:04:05", None]),
        (
            "timestamptz",
            [MOMENT, None, "infinity"],
            ["2026-03-04T03:06:07.000089Z", None, "infinity"],
        ),
        ("interval", ["1 mon -3 days", None], ["1 mon -3 days", None]),
        ("json", ['{"a": 1.00}', None], ['{"a": 1.00}', None]),
        ("binary", [b"\x00\xff", None, b""], [{"bytes": 2}, None, {"bytes": 0}]),
        ("uuid", [IDENTITY, None], [str(IDENTITY), None]),
        ("list", ['[1,null,"x"]', None, "[]"], [[1, None, "x"], None, []]),
    ],
)
def test_a_value_survives_the_wire(
    kind: ColumnType, values: list[object], expected: list[object]
) -> None:
    assert through_the_wire(kind, values) == expected


def test_an_empty_result_keeps_its_columns() -> None:
    (batch,) = read_batches(encode_columns(["a", "b"], ["int64", "string"], [[], []]))
    assert (batch.names, batch.length) == (("a", "b"), 0)
    assert to_columnar_json(batch) == [[], []]


def test_names_may_repeat_and_be_empty() -> None:
    (batch,) = read_batches(
        encode_columns(["a", "a", ""], ["int32", "int32", "int32"], [[1], [2], [3]])
    )
    assert batch.names == ("a", "a", "")
    assert to_columnar_json(batch) == [[1], [2], [3]]


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="same number"):
        encode_columns(["a", "b"], ["int32", "int32"], [[1], [1, 2]])


@pytest.mark.parametrize("cut", [0, 1, 7, 40, 120, -1])
def test_a_truncated_stream_is_an_error_not_fewer_rows(cut: int) -> None:
    data = encode_columns(["a"], ["string"], [["x" * 50] * 20])
    cut_short = data[: len(data) - 200 if cut == -1 else cut]
    try:
        batches = list(read_batches(cut_short))
    except ValueError:
        return
    assert batches == []


def test_several_streams_are_read_in_order() -> None:
    streams = [encode_columns(["a"], ["int32"], [[number]]) for number in range(3)]
    assert [to_columnar_json(batch) for batch in read_batches(streams)] == [[[0]], [[1]], [[2]]]


def test_a_slice_holds_exactly_its_rows() -> None:
    values: list[list[object]] = [
        [None if n % 7 == 3 else n for n in range(100)],
        [None if n % 5 == 1 else "é" * (n % 4) for n in range(100)],
        [n % 3 == 0 for n in range(100)],
    ]
    (batch,) = read_batches(encode_columns(["i", "s", "b"], ["int32", "string", "boolean"], values))
    for start, stop in [(0, 100), (3, 4), (9, 71), (99, 200), (50, 50)]:
        (part,) = read_batches(encode_batch(slice_batch(batch, start, stop)))
        assert to_columnar_json(part) == [column[start:stop] for column in values]


@given(
    st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
)
@settings(max_examples=60, deadline=None)
def test_any_text_and_any_integer_survive(texts: list[object], numbers: list[object]) -> None:
    assert through_the_wire("string", texts) == texts
    assert through_the_wire("int64", numbers) == [n if n is None else str(n) for n in numbers]


@given(st.dates(), st.datetimes(timezones=st.just(UTC)))
@settings(max_examples=200, deadline=None)
def test_dates_read_back_as_they_were_written(day: date, moment: datetime) -> None:
    assert date_days(date_text(date_days(day))) == date_days(day)
    micros = timestamp_micros(moment)
    assert timestamp_micros(timestamp_text(micros, "Z")) == micros


@given(st.integers(-1_700_000, 2_000_000_000))
@settings(max_examples=200, deadline=None)
def test_dates_outside_the_calendar_of_python_read_back(days: int) -> None:
    assert date_days(date_text(days)) == days


def test_a_batch_knows_its_size() -> None:
    (batch,) = read_batches(encode_columns(["a"], ["int64"], [[1, 2]]))
    assert isinstance(batch, Batch)
    assert batch.nbytes == 16
