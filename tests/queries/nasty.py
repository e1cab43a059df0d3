"""Values that get lost easily, as SQL, and what the grid must show of each: by hand, not derived."""

from typing import Any, Final

POSTGRES_TABLE: Final = """
create table nasty (
  n int, ok boolean, small smallint, whole int, big bigint, num numeric, exact numeric(38,10),
  real4 real, dbl double precision, txt text, d date, t time, ts timestamp, tz timestamptz,
  span interval, js json, jb jsonb, u uuid, raw bytea, ints int[], bigs bigint[], texts text[],
  "\u0627\u0644\u0633\u0639\u0631 ""x"" y" int)
"""
POSTGRES_ROWS: Final = (
    r"""insert into nasty values (1, true, 32767, 2147483647, 9223372036854775807,
  123456789012345678901234567890.123456789, 9999999999999999999999999999.9999999999,
  3.4028235e38, 'NaN', '=1+1', '9999-12-31', '23:59:59.999999', '9999-12-31 23:59:59.999999',
  '9999-12-31 23:59:59.999999Z', '1 year 2 mons -3 days 04:05:06.789',
  '{"a": 9007199254740993}', '{"a": 1.50}', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '\x00ff',
  '{1,NULL,-2}', '{9223372036854775807}', '{"a,b","",NULL}', 1)""",
    r"""insert into nasty values (2, false, -32768, -2147483648, -9223372036854775808, 'NaN',
  -0.0000000001, 1e-37, '-Infinity', '', '0001-01-01', '00:00', '0001-01-01',
  '0001-01-01 00:00Z', '-1 mons', 'null', '"text"', '00000000-0000-0000-0000-000000000000', '\x',
  '{}', '{{1,2},{3,4}}', '{}', 2)""",
    r"""insert into nasty values (3, null, 0, 0, 0, 0.10, 0, 'NaN', 'Infinity',
  E'line\r\nbreak "q"\t, _x000D_', 'infinity', '24:00', 'infinity', '-infinity', '0', '[1, 2.50]',
  '{}', '01234567-89ab-cdef-0123-456789abcdef', 'abc', '{7}', '{-1}', '{"\""}', 3)""",
    r"""insert into nasty values (4, true, 1, 1, 9007199254740993, -12.5, 12345.6789, 0.1, 0.1,
  E'\u05e9\u05dc\u05d5\u05dd \U0001F600', '-infinity', '12:34:56.789', '2026-11-21 05:06:07.123456',
  '2026-11-21 05:06:07.5+02', '-1 days', '{"\u00e9": "\u0000"}', '[]',
  '01234567-89ab-cdef-0123-456789abcdef', '\x5c78', '{0}', '{}', '{NULL}', 4)""",
    """insert into nasty values (5, false, -1, -1, 999999999999999, 1e20, 1, -2.5, '-0', ' padded ',
  '0044-03-15 BC', '01:02:03', '1900-02-28 12:00', '1969-12-31 23:59:59.999Z', '1000 days', '1.0',
  'true', null, null, null, null, null, null)""",
    "insert into nasty (n) values (6)",
)
POSTGRES: Final = 'select t.*, n as n, 1.5::float8 as "?" from nasty t order by n'
_BIG, _LEAST = "9223372036854775807", "-9223372036854775808"
_UUID: Final = "01234567-89ab-cdef-0123-456789abcdef"
POSTGRES_GRID: Final[list[tuple[str, str, list[Any]]]] = [
    ("n", "int32", [1, 2, 3, 4, 5, 6]),
    ("ok", "boolean", [True, False, None, True, False, None]),
    ("small", "int32", [32767, -32768, 0, 1, -1, None]),
    ("whole", "int32", [2147483647, -2147483648, 0, 1, -1, None]),
    ("big", "int64", [_BIG, _LEAST, "0", "9007199254740993", "999999999999999", None]),
    ("num", "decimal", ["123456789012345678901234567890.123456789", "NaN", "0.10", "-12.5",
                        "100000000000000000000", None]),
    ("exact", "decimal", ["9999999999999999999999999999.9999999999", "-0.0000000001",
                          "0.0000000000", "12345.6789000000", "1.0000000000", None]),
    ("real4", "float64", [3.4028235e38, 1e-37, "NaN", 0.1, -2.5, None]),
    ("dbl", "float64", ["NaN", "-Infinity", "Infinity", 0.1, -0.0, None]),
    ("txt", "string", ["=1+1", "", 'line\r\nbreak "q"\t, _x000D_',
                       "\u05e9\u05dc\u05d5\u05dd \U0001F600", " padded ", None]),
    ("d", "date", ["9999-12-31", "0001-01-01", "infinity", "-infinity", "0044-03-15 BC", None]),
    ("t", "time", ["23:59:59.999999", "00:00:00", "24:00:00", "12:34:56.789000", "01:02:03", None]),
    ("ts", "timestamp", ["9999-12-31T23:59:59.999999", "0001-01-01T00:00:00", "infinity",
                         "2026-11-21T05:06:07.123456", "1900-02-28T12:00:00", None]),
    ("tz", "timestamptz", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "-infinity",
                           "2026-11-21T03:06:07.500000Z", "1969-12-31T23:59:59.999000Z", None]),
    ("span", "interval", ["1 year 2 mons -3 days +04:05:06.789", "-1 mons", "00:00:00", "-1 days",
                          "1000 days", None]),
    ("js", "json", ['{"a": 9007199254740993}', "null", "[1, 2.50]",
                    '{"\\u00e9": "\\u0000"}', "1.0", None]),
    ("jb", "json", ['{"a": 1.50}', '"text"', "{}", "[]", "true", None]),
    ("u", "uuid", ["ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-0000-000000000000",
                   _UUID, _UUID, None, None]),
    ("raw", "binary", [b"\x00\xff", b"", b"abc", b"\x5cx", None, None]),
    ("ints", "list", [[1, None, -2], [], [7], [0], None, None]),
    ("bigs", "list", [[_BIG], [["1", "2"], ["3", "4"]], ["-1"], [], None, None]),
    ("texts", "list", [["a,b", "", None], [], ['"'], [None], None, None]),
    ('\u0627\u0644\u0633\u0639\u0631 "x" y', "int32", [1, 2, 3, 4, None, None]),
    ("n", "int32", [1, 2, 3, 4, 5, 6]),
    ("?", "float64", [1.5] * 6),
]  # fmt: skip

_DUCKDB_TYPES: Final = {
    "n": "int", "ok": "boolean", "tiny": "tinyint", "big": "bigint", "huge": "hugeint",
    "unsigned": "ubigint", "exact": "decimal(38,10)", "real4": "float", "dbl": "double",
    "txt": "varchar", "d": "date", "t": "time", "ts": "timestamp", "tz": "timestamptz",
    "span": "interval", "js": "json", "u": "uuid", "raw": "blob", "bigs": "bigint[]",
    "texts": "varchar[]", "struct": "struct(a int, b varchar)",
}  # fmt: skip
_DUCKDB_ROWS: Final = r"""
('1', 'true', '127', '9223372036854775807', '170141183460469231731687303715884105727',
 '18446744073709551615', '9999999999999999999999999999.9999999999', '3.4028235e38', 'NaN', '=1+1',
 '9999-12-31', '23:59:59.999999', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00',
 '1 year 2 months -3 days 04:05:06.789', '{"a": 9007199254740993}',
 'ffffffff-ffff-ffff-ffff-ffffffffffff', '\x00\xFF', [9223372036854775807, null],
 ['a,b', '', null], {'a': 1, 'b': 'x'}),
('2', 'false', '-128', '-9223372036854775808', '-170141183460469231731687303715884105728', '0',
 '-0.0000000001', '0.1', '-Infinity', '', '0001-01-01', '00:00:00', '0001-01-01 00:00:00',
 '0001-01-01 00:00:00+00', '-1 month', 'null', '00000000-0000-0000-0000-000000000000', '',
 [], [], {'a': null, 'b': ''}),
('3', null, '0', '9007199254740993', '0', '1', '0', 'NaN', 'Infinity', '-2+3', 'infinity',
 '24:00:00', 'infinity', '-infinity', '0 days', '[1, 2.50]',
 '01234567-89ab-cdef-0123-456789abcdef', 'abc', [9007199254740993, 1], ['"'], null),
('4', 'true', '1', '999999999999999', '-1', '2', '12345.6789', '-2.5', '-0.0', ' p ', '-infinity',
 '12:34:56.789', '2026-11-21 05:06:07.123456', '2026-11-21 05:06:07.5+02', '-1 day', '{}',
 '01234567-89ab-cdef-0123-456789abcdef', '\x5Cx', [0], [null], {'a': 2, 'b': null}),
('5', null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
 null, null, null, null, null)
"""
_CASTS: Final = ", ".join(f"{name}::{kind} as {name}" for name, kind in _DUCKDB_TYPES.items())
DUCKDB: Final = (
    f'select {_CASTS}, n::int as n, n::int as "\u05e9\u05dd" '
    f"from (values {_DUCKDB_ROWS}) t({', '.join(_DUCKDB_TYPES)}) order by 1"
)
DUCKDB_GRID: Final[list[tuple[str, str, list[Any]]]] = [
    ("n", "int32", [1, 2, 3, 4, 5]),
    ("ok", "boolean", [True, False, None, True, None]),
    ("tiny", "int32", [127, -128, 0, 1, None]),
    ("big", "int64", [_BIG, _LEAST, "9007199254740993", "999999999999999", None]),
    ("huge", "decimal", ["170141183460469231731687303715884105727",
                         "-170141183460469231731687303715884105728", "0", "-1", None]),
    ("unsigned", "decimal", ["18446744073709551615", "0", "1", "2", None]),
    ("exact", "decimal", ["9999999999999999999999999999.9999999999", "-0.0000000001",
                          "0.0000000000", "12345.6789000000", None]),
    ("real4", "float64", [3.4028235e38, 0.1, "NaN", -2.5, None]),
    ("dbl", "float64", ["NaN", "-Infinity", "Infinity", -0.0, None]),
    ("txt", "string", ["=1+1", "", "-2+3", " p ", None]),
    ("d", "date", ["9999-12-31", "0001-01-01", "infinity", "-infinity", None]),
    ("t", "time", ["23:59:59.999999", "00:00:00", "24:00:00", "12:34:56.789000", None]),
    ("ts", "timestamp", ["9999-12-31T23:59:59.999999", "0001-01-01T00:00:00", "infinity",
                         "2026-11-21T05:06:07.123456", None]),
    ("tz", "timestamptz", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "-infinity",
                           "2026-11-21T03:06:07.500000Z", None]),
    ("span", "interval", ["1 year 2 months -3 days 04:05:06.789", "-1 month", "00:00:00", "-1 day",
                          None]),
    ("js", "json", ['{"a": 9007199254740993}', "null", "[1, 2.50]", "{}", None]),
    ("u", "uuid", ["ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-0000-000000000000",
                   _UUID, _UUID, None]),
    ("raw", "binary", [b"\x00\xff", b"", b"abc", b"\x5cx", None]),
    ("bigs", "list", [[_BIG, None], [], ["9007199254740993", 1], [0], None]),
    ("texts", "list", [["a,b", "", None], [], ['"'], [None], None]),
    ("struct", "json", ['{"a":1,"b":"x"}', '{"a":null,"b":""}', None, '{"a":2,"b":null}', None]),
    ("n", "int32", [1, 2, 3, 4, 5]),
    ("\u05e9\u05dd", "int32", [1, 2, 3, 4, 5]),
]  # fmt: skip
