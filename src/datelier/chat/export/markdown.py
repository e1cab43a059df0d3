"""The Markdown of answers as HTML: what models write, and nothing that leads out of the page."""

import html
import re
from collections.abc import Sequence
from typing import Final

_SPAN: Final = re.compile(
    r"\\(?P<sign>&lt;|&gt;|[\\`*_\[\]{}|~#+.!()-])"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<strong>(?:(?!\*\*)[^\n])+)\*\*"
    r"|(?<![\w*])\*(?P<em>[^*\s](?:[^*\n]*[^*\s])?)\*(?![\w*])"
)
_HEADING: Final = re.compile(r" {0,3}(#{1,6}) +(.*)")
_ITEM: Final = re.compile(r" *(?:([-*+])|\d{1,4}[.)]) +(.*)")
_FENCE: Final = re.compile(r" {0,3}(```+|~~~+)")
_RULE_OF_TABLE: Final = re.compile(r" *\|?(?: *:?-{3,}:? *\|)+(?: *:?-{3,}:? *)?")
_CELL_END: Final = re.compile(r"(?<!\\)\|")
_LOWEST: Final = 3  # a text's own headings stand below those of the page


def to_html(text: str) -> str:
    """Return paragraphs, headings, lists, tables and code; links and pictures stay as they are written."""
    out: list[str] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        end, made = _block(lines, at)
        out.append(made)
        at = end
    return "".join(out)


def inline(text: str) -> str:
    """Return one line of Markdown as HTML: emphasis, code and escaped signs."""
    return _spans(html.escape(text, quote=False))


def _spans(text: str) -> str:
    return _SPAN.sub(_span, text)


def _span(match: re.Match[str]) -> str:
    if match["sign"] is not None:
        return match["sign"]
    if match["code"] is not None:
        return f"<code>{match['code']}</code>"
    if match["strong"] is not None:
        return f"<strong>{_spans(match['strong'])}</strong>"
    return f"<em>{_spans(match['em'])}</em>"


def _block(lines: Sequence[str], at: int) -> tuple[int, str]:
    """Return where the block that begins at a line ends, and the block."""
    line = lines[at]
    if not line.strip():
        return at + 1, ""
    heading = _HEADING.fullmatch(line)
    if heading is not None:
        level = min(6, _LOWEST + len(heading[1]) - 1)
        return at + 1, f"<h{level}>{inline(heading[2].strip())}</h{level}>"
    fence = _FENCE.match(line)
    if fence is not None:
        return _code(lines, at, fence[1])
    if _is_table(lines, at):
        return _table(lines, at)
    if _ITEM.fullmatch(line):
        return _list(lines, at)
    end = at + 1
    while end < len(lines) and lines[end].strip() and not _begins(lines, end):
        end += 1
    return end, f"<p>{'<br>'.join(inline(one.strip()) for one in lines[at:end])}</p>"


def _begins(lines: Sequence[str], at: int) -> bool:
    line = lines[at]
    starts = _HEADING.fullmatch(line) or _FENCE.match(line) or _ITEM.fullmatch(line)
    return starts is not None or _is_table(lines, at)


def _code(lines: Sequence[str], at: int, fence: str) -> tuple[int, str]:
    end = at + 1
    while end < len(lines) and not lines[end].strip().startswith(fence):
        end += 1
    said = "\n".join(lines[at + 1 : end])
    return end + 1, f"<pre>{html.escape(said, quote=False)}</pre>"


def _list(lines: Sequence[str], at: int) -> tuple[int, str]:
    first = _ITEM.fullmatch(lines[at])
    name = "ol" if first is not None and first[1] is None else "ul"
    items: list[str] = []
    while at < len(lines):
        item = _ITEM.fullmatch(lines[at])
        if item is None:
            break
        items.append(f"<li>{inline(item[2].strip())}</li>")
        at += 1
    return at, f"<{name}>{''.join(items)}</{name}>"


def _is_table(lines: Sequence[str], at: int) -> bool:
    return (
        "|" in lines[at] and len(lines) > at + 1 and bool(_RULE_OF_TABLE.fullmatch(lines[at + 1]))
    )


def _table(lines: Sequence[str], at: int) -> tuple[int, str]:
    head = "".join(f"<th>{inline(cell)}</th>" for cell in _cells(lines[at]))
    end = at + 2
    rows: list[str] = []
    while end < len(lines) and "|" in lines[end]:
        rows.append("".join(f"<td>{inline(cell)}</td>" for cell in _cells(lines[end])))
        end += 1
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    shown = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return end, f'<div class="wide">{shown}</div>'


def _cells(line: str) -> list[str]:
    cells = [cell.strip() for cell in _CELL_END.split(line.strip())]
    if cells and not cells[0]:
        cells = cells[1:]
    return cells[:-1] if cells and not cells[-1] else cells
