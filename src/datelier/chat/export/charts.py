"""A chart in an exported answer: its words with their receipts, and the values that it is drawn from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from datelier.artifacts.schemas import ChartOut
from datelier.chat.export.text import Numbered, Part, TextBlock

ROWS_MAX: Final = 50


@dataclass(slots=True)
class ChartBlock:
    """A chart.

    Attributes:
        title: With the receipts of its figures.
        words: Its other texts that have figures, each with what it is where it does not say so.
        source: The result that it is drawn from, such as ``Q1 v1``.
        columns: Name, and whether it holds numbers.
        rows: At most ROWS_MAX, as text; none where the reader may not see charts.
        row_count: Rows that the result has.
    """

    handle: str
    title: TextBlock
    words: list[tuple[str, TextBlock]]
    source: str
    description: str = ""
    columns: list[tuple[str, bool]] = field(default_factory=list[tuple[str, bool]])
    rows: list[list[str]] = field(default_factory=list[list[str]])
    row_count: int = 0

    @property
    def note(self) -> str:
        """What is shown of the chart's values."""
        count = f"{self.row_count:,} row" + ("" if self.row_count == 1 else "s")
        shown = f", the first {len(self.rows)}" if len(self.rows) < self.row_count else ""
        return f"Drawn from {self.source}: {count}{shown}."


def chart_block(
    part: Part, charts: Mapping[str, ChartOut], number: Callable[[Part], Numbered]
) -> ChartBlock:
    """Return a chart as it is now, or as the answer knew it where it cannot be read.

    Args:
        part: The data of a `data-chart` part.
        charts: Those that were read, by their ids.
        number: Gives a receipt its number.
    """
    chart = charts.get(part["chart_id"])
    figures: list[Part] = part.get("figures") or [] if chart is None else chart.figures
    texts = {str(entry["path"]): _text(entry, number) for entry in figures}
    title: str = part["title"] if chart is None else chart.title
    block = ChartBlock(
        part["handle"],
        texts.pop("", None) or TextBlock(title, []),
        [("Annotation at " if path.endswith("datum") else "", t) for path, t in texts.items()],
        f"{part['query_handle']} v{part['query_version']}",
    )
    if chart is not None:
        names = list(chart.data[0]) if chart.data else []
        block.description = chart.description
        block.row_count = chart.row_count
        block.columns = [(name, _is_number(row.get(name) for row in chart.data)) for name in names]
        block.rows = [[_shown(row.get(n)) for n in names] for row in chart.data[:ROWS_MAX]]
    return block


def _text(entry: Part, number: Callable[[Part], Numbered]) -> TextBlock:
    cites = sorted(entry["cites"], key=lambda cite: cite["start"])
    return TextBlock(entry["text"], [number(cite) for cite in cites if cite["kind"] != "asked"])


def _is_number(values: Iterable[object]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in known
    )


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
