"""The receipts of an answer's figures on a terminal."""

from typing import Any

import click

from datelier.kit.hidden import without_controls


def show_charts(charts: list[dict[str, Any]]) -> None:
    """Print the charts of an answer, each with the receipts of the figures in its words."""
    for chart in charts:
        from_ = f"{chart['query_handle']} v{chart['query_version']}"
        click.secho(f"{chart['handle']}  {chart['title']}  ({from_})", dim=True)
        show_receipts(chart_figures(chart), {})


def chart_figures(chart: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the receipts of the figures in a chart's words."""
    texts: list[dict[str, Any]] = chart.get("figures") or []
    return [cite for text in texts for cite in text["cites"]]


def show_receipts(figures: list[dict[str, Any]], numbers: dict[str, Any]) -> None:
    """Print where every figure comes from, and how many have a receipt."""
    shown = [figure for figure in figures if figure["kind"] != "asked"]
    for figure in shown:
        untraced = figure["kind"] == "untraced"
        why = figure["reason"] if untraced else _source(figure)
        line = f"{figure['shown']}  {figure['kind']}  {why or ''}".rstrip()
        click.secho(without_controls(line), dim=not untraced, fg="yellow" if untraced else None)
    if numbers:
        click.secho(f"{numbers['traced']} of {numbers['total']} numbers traced", dim=True)


def _source(figure: dict[str, Any]) -> str:
    formula = f"= {figure['formula']}  " if figure["kind"] == "derived" else ""
    return formula + "; ".join(_cell(cell) for cell in figure["cells"])


def _cell(cell: dict[str, Any]) -> str:
    row = "all rows" if cell["row"] is None else ", ".join(cell["key"].values())
    where = row or f"row {int(cell['row'] or 0) + 1}"
    column = f", {cell['column']}" if cell["column"] else ""
    return f"{cell['query']} v{cell['version']}: {where}{column}"
