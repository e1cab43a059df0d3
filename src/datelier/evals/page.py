"""A report as one HTML file: charts and tables, light and dark, nothing fetched from anywhere."""

from collections.abc import Iterable
from html import escape
from typing import Final

from datelier.evals.against import Comparison
from datelier.evals.drawing import histogram, outcome_bar, refusal_grid, tag_bars
from datelier.evals.report import CaseReport, Report
from datelier.evals.wording import INTENTS, Lines, change_lines, seconds, summary_lines

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_MARKS: Final = {"passed": ("right", "good"), "failed": ("wrong", "bad"), "error": ("error", "odd")}
STYLE: Final = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#5d6673;--line:#dfe3e8;--track:#eceff2;
--good:#1a7f4e;--bad:#c0352b;--odd:#9a6700;--plain:#3b6ea8;--on:#fff}
@media(prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e6e9ec;--dim:#9aa4af;--line:#31373d;
--track:#262b30;--good:#3fb27f;--bad:#ef7d72;--odd:#d9a62e;--plain:#6fa8e6;--on:#101315}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2rem 1rem 4rem;background:var(--bg);color:var(--fg);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .6rem}p{margin:.3rem 0}
.dim,.small{color:var(--dim)}table{border-collapse:collapse;width:100%}
td,th{padding:.35rem .6rem .35rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--dim);white-space:nowrap}td.n{text-align:right;font-variant-numeric:tabular-nums}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr));gap:.2rem 1.5rem}
.facts div{display:flex;gap:.8rem;border-bottom:1px solid var(--line);padding:.35rem 0}
.facts dt{color:var(--dim);min-width:6.5rem}.facts dd{margin:0}
svg{display:block;width:100%;height:auto;max-width:32rem;overflow:visible}
svg text{fill:var(--fg);font-size:13px}svg text.small{font-size:11px;fill:var(--dim)}
svg text.big{font-size:18px;font-weight:600}svg text.on,svg text.on.small{fill:var(--on)}
svg .good{fill:var(--good)}svg .bad{fill:var(--bad)}svg .odd{fill:var(--odd)}
svg .plain{fill:var(--plain)}svg .track{fill:var(--track)}
svg .axis{stroke:var(--line)}svg .mark{stroke:var(--fg);stroke-dasharray:3 3}
b.good{color:var(--good)}b.bad{color:var(--bad)}b.odd{color:var(--odd)}
details{border-bottom:1px solid var(--line);padding:.45rem 0}summary{cursor:pointer}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--track);padding:.6rem;border-radius:4px;
font-size:13px;margin:.4rem 0}.scroll{overflow-x:auto}
"""


def report_page(report: Report, changes: Comparison | None) -> str:
    """Return a report as a page of its own."""
    name = f"Evaluation: {', '.join(report.suites)}"
    took = (report.finished_at - report.started_at).total_seconds()
    facts = f"{report.model} · {report.started_at:%Y-%m-%d %H:%M} UTC · {took:.0f} s"
    body = [
        f"<h1>{escape(name)}</h1>",
        f'<p class="dim">{escape(facts)} · Datelier {escape(report.server)}</p>',
        "<h2>Answers</h2>",
        outcome_bar(report),
        _facts(summary_lines(report.summary)),
    ]
    if changes is not None:
        body += _changes(changes)
    if len(report.tags) > 1:
        body += ["<h2>By tag</h2>", tag_bars(report.tags)]
    body += ["<h2>Refusals</h2>", refusal_grid(report)]
    times = [case.seconds for case in report.cases if case.seconds is not None]
    summary = report.summary
    if times and summary.latency_median is not None and summary.latency_p95 is not None:
        marks = [("median", summary.latency_median), ("p95", summary.latency_p95)]
        body += ["<h2>Time to the whole answer</h2>", histogram(times, marks, "s")]
    costs = [case.cost for case in report.cases if case.cost]
    if costs:
        marks = [("mean", sum(costs) / len(costs))]
        body += ["<h2>Cost of an answer</h2>", histogram(costs, marks, "$")]
    body += ["<h2>Questions</h2>", *(_case(case) for case in report.cases)]
    return page(name, body)


def page(title: str, body: Iterable[str]) -> str:
    """Return a page that fetches nothing and runs nothing."""
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
    )
    inner = "\n".join(body)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{inner}\n</body></html>\n'


def _facts(lines: Lines) -> str:
    shown = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in lines
    )
    return f'<dl class="facts">{shown}</dl>'


def _changes(changes: Comparison) -> list[str]:
    title = f"Against {changes.model}, {changes.finished_at[:16].replace('T', ' ')}"
    out = [f"<h2>{escape(title)}</h2>", _facts(change_lines(changes))]
    rows = [("worse", "bad", one) for one in changes.regressions]
    rows += [("better", "good", one) for one in changes.fixed]
    if not rows:
        return [*out, '<p class="dim">Every question came out as before.</p>']
    lines = "".join(
        f'<tr><td><b class="{kind}">{word}</b></td><td>{escape(one.key)}</td>'
        f"<td>{escape(one.question)}<br><span class=dim>{escape(one.why)}</span></td></tr>"
        for word, kind, one in rows
    )
    return [*out, f'<div class="scroll"><table>{lines}</table></div>']


def _case(case: CaseReport) -> str:
    word, kind = _MARKS[case.status]
    facts = [seconds(case.seconds)]
    if case.figures:
        facts.append(f"{case.traced} of {case.figures} numbers traced")
    if case.cost is not None:
        facts.append(f"${case.cost:.4f}")
    if case.intent:
        facts.append(f"read as {INTENTS.get(case.intent, case.intent)}")
    facts += case.tags
    out = [f"<p>{escape(case.why)}</p>"] if case.why else []
    out.append(f'<p class="dim">{escape(case.key)} · {escape(" · ".join(facts))}</p>')
    if case.text:
        out.append(f"<pre>{escape(case.text)}</pre>")
    out += [f"<pre>{escape(sql)}</pre>" for sql in case.sql]
    shown = " open" if case.status != "passed" else ""
    head = f'<b class="{kind}">{word}</b> {escape(case.question)}'
    return f"<details{shown}><summary>{head}</summary>{''.join(out)}</details>"
