"""Filling the placeholders of an answer."""

from collections.abc import Callable
from dataclasses import dataclass

from datelier.queries.trace.errors import TraceError
from datelier.queries.trace.evaluate import Value, evaluate
from datelier.queries.trace.formats import Format, parse_format, shown
from datelier.queries.trace.formula import Placeholder, Reference, parse_placeholder
from datelier.queries.trace.locales import Locale
from datelier.queries.trace.stream import Hole
from datelier.queries.trace.tables import Table

MISSING = "(?)"
"""What a reader sees in place of a placeholder that has no value."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A placeholder with what was put in its place; offsets in the finished text.

    Attributes:
        value: None when it could not be filled, and then `error` says why.
    """

    start: int
    end: int
    formula: str
    form: str
    value: Value | None
    error: TraceError | None = None
    is_cell: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A hole as far as it can be understood without results."""

    body: str
    placeholder: Placeholder | None
    form: Format
    error: TraceError | None = None

    @property
    def references(self) -> frozenset[Reference]:
        """The results it needs."""
        return self.placeholder.references if self.placeholder is not None else frozenset()


def read_hole(hole: Hole) -> Read:
    """Return what a hole means, or why it means nothing."""
    if not hole.complete:
        error = TraceError("bad_placeholder", "The placeholder was not closed.")
        return Read(hole.body, None, Format(""), error)
    try:
        placeholder = parse_placeholder(hole.body)
        return Read(hole.body, placeholder, parse_format(placeholder.form))
    except TraceError as error:
        return Read(hole.body, None, Format(""), error)


def fill(
    read: Read, tables: Callable[[Reference], Table], locale: Locale, start: int
) -> tuple[str, Fill]:
    """Return the text for a placeholder, and the note that the check needs.

    Args:
        read: The placeholder.
        tables: Finds results; raises TraceError where there is none.
        locale: The reader's.
        start: Where the text begins in the answer.
    """
    placeholder = read.placeholder
    error = read.error
    if placeholder is not None:
        try:
            value = evaluate(placeholder, tables)
            text = shown(value, read.form, locale)
        except TraceError as failed:
            error = failed
        else:
            return text, Fill(
                start, start + len(text), placeholder.text, placeholder.form, value,
                is_cell=placeholder.is_cell,
            )  # fmt: skip
    formula = placeholder.text if placeholder is not None else read.body.strip()
    form = placeholder.form if placeholder is not None else ""
    return MISSING, Fill(start, start + len(MISSING), formula, form, None, error)
