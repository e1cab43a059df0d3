"""Mutants of statements: what two lexers might read differently is spliced in anywhere."""

import random
from collections.abc import Iterator, Sequence
from typing import Final

_SPLICES: Final = (
    "'", "''", "\\'", "\\", '"', '""', "E'", "e'\\'", "U&'", "N'", "B'", "x'", ";", ";;", "; ", "--",
    "--\n", "/*", "*/", "/*/", "/* /* */", "/*!", "/*+", "$$", "$a$", "$1", "a$b$", "$", "\0",
    "\u00a0", "\u2003", "\u200b", "\ufeff", "\x0b", "\x0c", "\x85", "\u2028", "\r", "\n", "\t", "`",
    "#", "@", "?", ":x", "::", "{", "}", "[", "]", "(", ")", ",", ".", "1e", "0x", "1_", "0b1",
    " INTO x ", " FOR UPDATE ", " FOR SHARE ", " DELETE FROM t ", " UNION ", " RETURNING 1 ",
    " INSERT INTO t VALUES (1) ", " UPDATE t SET id = 1 ", " DROP TABLE t ", " COMMIT ", " BEGIN ",
    "; DELETE FROM t", "; COMMIT; DROP TABLE t; --", " OPERATOR(pg_catalog.+) ", " AS ", " LIMIT ",
    " WITH d AS (DELETE FROM t RETURNING 1) ", " lo_create(0) ", " pg_sleep(1) ", " EXPLAIN ",
    " SET x = 1 ", " COPY t TO STDOUT ", " VALUES (1) ", " TABLE t ", " CALL x() ", " DO $$ $$ ",
)  # fmt: skip


def mutants(seeds: Sequence[str], count: int, seed: int = 1) -> Iterator[str]:
    """Mutants with one to three splices, or parts of two seeds joined."""
    dice = random.Random(seed)
    for _ in range(count):
        text = dice.choice(seeds)
        for _ in range(dice.randint(1, 3)):
            at = dice.randint(0, len(text))
            way = dice.random()
            if way < 0.7:
                text = text[:at] + dice.choice(_SPLICES) + text[at:]
            elif way < 0.85:
                text = text[:at] + text[at + dice.randint(1, 6) :]
            else:
                other = dice.choice(seeds)
                text = text[:at] + other[dice.randint(0, len(other)) :]
        yield text
