"""Broken requests made from the OpenAPI document, the same ones at every run.

Values that a client may send by mistake or on purpose: of the wrong type, missing, huge, holding
NUL or half a character, cut cursors, ids that are none, other content types.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

from tests.api.isolation import Operation, example

# It is in every broken value that can hold text; no answer may repeat it.
CANARY = "c4nary-secret"
NOT_IDS = (
    "x",
    "0",
    "-1",
    "%00",
    "%F0%9F%92%A9",
    "a" * 3000,
    "..%2f..%2fetc",
    "01a1fc36",
    "null",
    "%27--",
)
CURSORS = (
    "",
    "x",
    "====",
    "AAAA",
    "\u00e9",
    "\0",
    "a" * 64,
    "MDAwMS0wMS0wMVQwMDowMDowMCB4",
    "-" * 22,
)
NUMBERS = ("-1", "0", "1e9", "99999999999999999999", "NaN", "x", "", "1.5", "\0")
TEXTS: tuple[Any, ...] = (
    CANARY + "\0",
    CANARY + "\ud800",
    CANARY * 20_000,
    CANARY + "\r\nX-Injected: 1",
    "' or 1=1 --" + CANARY,
    "\u202e" + CANARY + "\U0001f4a9",
    "",
)
WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**63,
    -(2**70),
    1.5,
    1e308,
    "",
    CANARY,
    [],
    [None],
    [[]],
    {},
    {CANARY: CANARY},
)
BODIES: tuple[bytes, ...] = (
    b"",
    b"{",
    b"null",
    b"[]",
    b"0",
    b'"' + CANARY.encode() + b'"',
    b'{"a":' * 2000,
    b"[" * 100_000,
    b"\xff\xfe\x00" + CANARY.encode(),
    b'{"id": NaN, "name": Infinity}',
    b'{"name": "' + CANARY.encode() + b'", "name": 1}',
    b'{"\\ud800": 1}',
    b"\x00" * 64,
    b"{" + b" " * (1024 * 1024 + 10) + b"}",
)
TYPES = (
    "text/plain",
    "application/xml",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "x",
    "",
    "application/json; charset=utf-7",
)


@dataclass(frozen=True)
class Broken:
    """One request, and what is wrong with it."""

    about: str
    path: str
    params: dict[str, str] = field(default_factory=dict[str, str])
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])


def broken_requests(
    operation: Operation, schemas: dict[str, Any], ids: dict[str, str], body: Any
) -> Iterator[Broken]:
    """Yield the broken requests of an operation.

    Args:
        operation: The operation.
        schemas: The document's schemas.
        ids: Objects of the caller for path parameters, by name, so that bodies are looked at.
        body: A body that is well formed, None for operations without one.
    """
    path = operation.path
    for name, value in ids.items():
        path = path.replace("{" + name + "}", value)
    content = _encode(body) if body is not None else b""
    json_type = {"Content-Type": "application/json"}
    yield from _paths(operation, ids, content, json_type)
    yield from _parameters(operation, path, content, json_type)
    if operation.body_schema is None:
        return
    for raw in BODIES:
        yield Broken(f"body {raw[:20]!r}", path, content=raw, headers=json_type)
    for kind in TYPES:
        yield Broken(f"type {kind}", path, content=content, headers={"Content-Type": kind})
    for about, bad in _bodies(operation, schemas, body):
        yield Broken(about, path, content=_encode(bad), headers=json_type)


def _paths(
    operation: Operation, ids: dict[str, str], content: bytes, headers: dict[str, str]
) -> Iterator[Broken]:
    for name in ids:
        for bad in NOT_IDS:
            path = operation.path
            for other, value in ids.items():
                path = path.replace("{" + other + "}", bad if other == name else value)
            yield Broken(f"{name}={bad[:20]}", path, content=content, headers=headers)


def _parameters(
    operation: Operation, path: str, content: bytes, headers: dict[str, str]
) -> Iterator[Broken]:
    for parameter in operation.params:
        name = parameter["name"]
        if parameter["in"] == "header":
            for bad in ("-1", "x", "9" * 30, "a" * 300, ""):
                yield Broken(
                    f"{name}: {bad[:9]}", path, content=content, headers={**headers, name: bad}
                )
        elif parameter["in"] == "query":
            values = (
                CURSORS
                if name == "cursor"
                else (*NUMBERS, *(t for t in TEXTS if t.isprintable() and len(t) < 5000))
            )
            for bad in (*values, "a" * 5000, "\0", "\ud800"):
                quoted = quote(bad, safe="", errors="surrogatepass")
                yield Broken(f"{name}={bad[:12]!r}", path, {name: quoted}, content, headers)


def _bodies(operation: Operation, schemas: dict[str, Any], body: Any) -> Iterator[tuple[str, Any]]:
    schema = operation.body_schema or {}
    options = [schema, *schema.get("anyOf", ())]
    properties: dict[str, Any] = {}
    for option in options:
        resolved = schemas[option["$ref"].rsplit("/", 1)[1]] if "$ref" in option else option
        properties |= resolved.get("properties", {})
    base = dict(cast("dict[str, Any]", body)) if isinstance(body, dict) else {}
    yield "unknown field", {**base, CANARY: CANARY}
    for name in properties:
        yield f"without {name}", {key: value for key, value in base.items() if key != name}
        for value in (*WRONG, *TEXTS):
            yield f"{name}={str(value)[:12]!r}", {**base, name: value}
    rng = random.Random(f"{operation.name}")  # the same requests at every run
    for _ in range(10):
        mixed = {name: rng.choice((*WRONG, *TEXTS)) for name in properties if rng.random() < 0.7}
        yield f"mixed {sorted(mixed)}", {**base, **mixed}


def well_formed(operation: Operation, schemas: dict[str, Any]) -> Any:
    """Return the smallest body the document accepts."""
    return None if operation.body_schema is None else example(operation.body_schema, schemas)


def _encode(value: Any) -> bytes:
    # ASCII keeps half characters as escapes, as a careless client sends them.
    return json.dumps(value, ensure_ascii=True).encode()
