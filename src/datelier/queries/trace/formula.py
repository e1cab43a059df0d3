"""The grammar of placeholders: ``{{Q3[0].revenue | eur 0}}`` and ``{{= sum(Q3.revenue) }}``."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from datelier.queries.trace.errors import TraceError

FUNCTIONS: Final = ("sum", "avg", "min", "max", "count")
_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<query>[Qq]\d{1,9}(?!\w))
      | (?P<number>\d{1,30}(?:\.\d{1,30})?)
      | (?P<text>"[^"\n]*"|'[^'\n]*'|`[^`\n]*`)
      | (?P<name>[^\W\d]\w*)
      | (?P<sign>[-+*/()\[\].,=])
    )""",
    re.VERBOSE,
)
_DEEP: Final = 30
_END: Final = ("", "")
_CONVERSIONS: Final = frozenset(
    {2, 4, 7, 10, 12, 24, 30, 52, 60, 100, 360, 365, 1000, 1024, 3600, 10_000, 86_400}
    | {10**6, 10**9, 10**12}
)


@dataclass(frozen=True, slots=True)
class Reference:
    """``Q3`` or ``Q3.v1``; without a version the newest."""

    handle: int
    version: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `row` is a position (negative from the end), or what labels must be."""

    query: Reference
    row: int | tuple[tuple[str | None, str], ...]
    column: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function over a column, or the number of rows for ``count(Q3)``."""

    function: str
    query: Reference
    column: str | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A typed number: only a factor between units, or 1 and 100 in a ratio."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Operation:
    """Two operands; negation is ``0 -`` without a constant: `left` is None."""

    sign: str
    left: "Node | None"
    right: "Node"


Node = Cell | Aggregate | Constant | Operation


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What stands between the braces.

    Attributes:
        text: The formula as written, without the format.
        node: What it means.
        form: The format as written; empty for none.
    """

    text: str
    node: Node
    form: str

    @property
    def is_cell(self) -> bool:
        """Whether it is one cell as it is."""
        return isinstance(self.node, Cell)

    @property
    def references(self) -> frozenset[Reference]:
        """The results it reads."""
        return frozenset(_references(self.node))


def _references(node: Node | None) -> list[Reference]:
    if isinstance(node, (Cell, Aggregate)):
        return [node.query]
    if isinstance(node, Operation):
        return _references(node.left) + _references(node.right)
    return []


def parse_placeholder(body: str) -> Placeholder:
    """Return what the text between two pairs of braces means.

    Raises:
        TraceError: It does not follow the grammar, or is made of typed numbers.
    """
    formula, _, form = _split_format(body)
    formula = formula.strip().removeprefix("=").strip()
    parser = _Parser(formula)
    node = parser.whole()
    if not _references(node):
        raise TraceError("constant", "A formula needs at least one cell of a result.")
    _check_constants(node)
    return Placeholder(formula, node, form.strip())


def _split_format(body: str) -> tuple[str, str, str]:
    quoted = ""
    for position, sign in enumerate(body):
        if quoted:
            quoted = "" if sign == quoted else quoted
        elif sign in "\"'`":
            quoted = sign
        elif sign == "|":
            return body[:position], "|", body[position + 1 :]
    return body, "", ""


def _check_constants(node: Node) -> None:
    """A typed number inside a formula would be a figure without a receipt."""
    if not isinstance(node, Operation):
        return
    for side in (node.left, node.right):
        if isinstance(side, Constant):
            _check_constant(node.sign, side.value)
        elif side is not None:
            _check_constants(side)


def _check_constant(sign: str, value: Decimal) -> None:
    allowed = {Decimal(1), Decimal(100)} if sign in "+-" else {Decimal(n) for n in _CONVERSIONS}
    if value not in allowed and value != 1:
        raise TraceError(
            "constant",
            f"{value} is a typed number: only factors between units may be typed; "
            "compute the rest in SQL.",
        )


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        """The formula up to its end."""
        node = self._sum()
        if self._at != len(self._tokens):
            raise _bad(f"unexpected {self._tokens[self._at][1]}")
        return node

    def _peek(self, *signs: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at] in {
            ("sign", sign) for sign in signs
        }

    def _take(self, kind: str, sign: str | None = None) -> str:
        if self._at >= len(self._tokens):
            raise _bad("it ends too early")
        found, text = self._tokens[self._at]
        if found != kind or (sign is not None and text != sign):
            raise _bad(f"unexpected {text}")
        self._at += 1
        return text

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _sum(self) -> Node:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._chain(("*", "/"), self._factor)

    def _chain(self, signs: tuple[str, ...], part: Callable[[], Node]) -> Node:
        node = part()
        while self._peek(*signs):
            sign = self._take("sign")
            node = Operation(sign, node, part())
        return node

    def _factor(self) -> Node:
        self._depth += 1
        if self._depth > _DEEP:
            raise _bad("it is nested too deeply")
        try:
            return self._plain_factor()
        finally:
            self._depth -= 1

    def _plain_factor(self) -> Node:
        if self._peek("-", "+"):
            sign = self._take("sign")
            node = self._factor()
            return Operation("-", None, node) if sign == "-" else node
        if self._peek("("):
            self._take("sign")
            node = self._sum()
            self._take("sign", ")")
            return node
        kind = self._kind()
        if kind == "number":
            return Constant(Decimal(self._take("number")))
        if kind == "query":
            return self._cell()
        if kind == "name":
            return self._aggregate()
        raise _bad("a cell such as Q1[0].revenue is expected")

    def _reference(self) -> Reference:
        handle = int(self._take("query")[1:])
        version = None
        dot, name, more = [*self._tokens[self._at : self._at + 3], _END, _END, _END][:3]
        is_version = dot[1] == "." and re.fullmatch(r"v\d{1,9}", name[1]) is not None
        if is_version and more[1] in {"[", ".", ")"}:
            version = int(name[1][1:])
            self._at += 2
        return Reference(handle, version)

    def _cell(self) -> Node:
        query = self._reference()
        self._take("sign", "[")
        row = self._row()
        self._take("sign", "]")
        return Cell(query, row, self._column())

    def _column(self) -> str:
        self._take("sign", ".")
        return self._take("text")[1:-1] if self._kind() == "text" else self._take("name")

    def _row(self) -> int | tuple[tuple[str | None, str], ...]:
        if self._peek("-"):
            self._take("sign")
            return -int(self._whole())
        if self._kind() == "number":
            return int(self._whole())
        if self._kind() == "name" and self._tokens[self._at][1] in {"first", "last"}:
            return 0 if self._take("name") == "first" else -1
        wanted = [self._condition()]
        while self._peek(","):
            self._take("sign")
            wanted.append(self._condition())
        return tuple(wanted)

    def _whole(self) -> str:
        number = self._take("number")
        if "." in number:
            raise _bad("a row is a whole number")
        return number

    def _condition(self) -> tuple[str | None, str]:
        first = self._take("text")[1:-1] if self._kind() == "text" else self._take("name")
        if not self._peek("="):
            return None, first
        self._take("sign")
        kind = self._kind()
        if kind == "text":
            return first, self._take("text")[1:-1]
        return first, self._take("number" if kind == "number" else "name")

    def _aggregate(self) -> Node:
        function = self._take("name").lower()
        if function not in FUNCTIONS:
            raise _bad(f"there is no function {function}; there are {', '.join(FUNCTIONS)}")
        self._take("sign", "(")
        query = self._reference()
        column = None if self._peek(")") else self._column()
        self._take("sign", ")")
        if column is None and function != "count":
            raise _bad(f"{function} needs a column, such as {function}(Q{query.handle}.revenue)")
        return Aggregate(function, query, column)


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            if not text[at:].strip():
                break
            raise _bad(f"unexpected {text[at:].strip()[0]}")
        kind = str(match.lastgroup)
        found.append((kind, match.group(kind)))
        at = match.end()
    return found


def _bad(reason: str) -> TraceError:
    return TraceError("bad_placeholder", f"The placeholder cannot be read: {reason}.")
