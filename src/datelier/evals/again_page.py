"""A conversation on today's data as one HTML file."""

from html import escape

from datelier.evals.again import FigureAgain, QueryAgain, ThreadAgain
from datelier.evals.cells import Difference
from datelier.evals.page import page

_KINDS = {"same": "good", "changed": "odd", "failed": "bad", "gone": "bad", "lost": "bad"}


def again_page(report: ThreadAgain) -> str:
    """Return the report as a page of its own."""
    changed = [figure for figure in report.figures if figure.status != "same"]
    facts = f"asked {report.asked_at[:16].replace('T', ' ')}, run again {report.ran_at:%Y-%m-%d %H:%M} UTC"
    body = [
        f"<h1>{escape(report.title)}</h1>",
        f'<p class="dim">{escape(facts)}</p>',
        f"<h2>Figures</h2><p>{len(changed)} of {len(report.figures)} changed.</p>",
    ]
    if changed:
        rows = "".join(_figure(figure) for figure in changed)
        head = "<tr><th>then</th><th>today</th><th>where</th><th>question</th></tr>"
        body.append(f'<div class="scroll"><table>{head}{rows}</table></div>')
    body += ["<h2>Queries</h2>", *(_query(query) for query in report.queries)]
    return page(f"{report.title}, today", body)


def _figure(figure: FigureAgain) -> str:
    cells = (figure.shown, figure.now or figure.why, figure.where, figure.question)
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _query(query: QueryAgain) -> str:
    out = [f'<p class="dim">{escape(query.question)} · {escape(query.source)}</p>']
    out.append(f"<pre>{escape(query.sql)}</pre>")
    if query.why:
        out.append(f"<p>{escape(query.why)}</p>")
    if query.difference is not None and not query.difference.is_none:
        out.append(_cells(query.difference))
    shown = "" if query.status == "same" else " open"
    name = f"{query.handle} {query.title or ''}".strip()
    head = f'<b class="{_KINDS[query.status]}">{query.status}</b> {escape(name)}'
    return f"<details{shown}><summary>{head}</summary>{''.join(out)}</details>"


def _cells(found: Difference) -> str:
    rows = [(one.row, one.column, one.before, one.now) for one in found.cells]
    rows += [(one, "(row)", "", "new") for one in found.added]
    rows += [(one, "(row)", "there", "gone") for one in found.removed]
    rows += [("", "(column)", "", text) for text in found.columns]
    lines = "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>" for row in rows)
    head = "<tr><th>row</th><th>column</th><th>then</th><th>today</th></tr>"
    more = found.cell_count + found.added_count + found.removed_count - len(rows)
    note = f"<p>and {more} more</p>" if more > 0 else ""
    return f'<div class="scroll"><table>{head}{lines}</table></div>{note}'
