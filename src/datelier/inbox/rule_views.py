"""Standing approvals as people see them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from datelier.agents.service import get_agent
from datelier.inbox.models import ApprovalRule, RuleUse
from datelier.inbox.rule_schemas import RuleOut, RuleTerms
from datelier.inbox.rules import live_rules, terms_of, who_may
from datelier.inbox.schemas import PersonRef
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.tools import Terms, Tool, Toolbox
from datelier.sources.models import Source

_CHANGED: Final = "The tool has changed since it was saved."
_NOBODY: Final = "Whoever saved it may not approve this any more."


async def list_rules(ctx: Context, agent_id: UUID) -> list[RuleOut]:
    """Return an agent's rules, oldest first, with what each was used for.

    Raises:
        NotFound: No such agent, or not one of the caller's.
    """
    await get_agent(ctx, agent_id)
    return await show_rules(ctx, await live_rules(ctx, agent_id))


async def show_rules(ctx: Context, rows: Sequence[ApprovalRule]) -> list[RuleOut]:
    """Return rules as people see them."""
    tools = {tool.name: tool for tool in ctx.resources.get(Toolbox).tools}
    names = await source_refs(ctx, [row.source_id for row in rows])
    counted = (
        select(RuleUse.rule_id, func.count(), func.max(RuleUse.created_at))
        .where(RuleUse.org_id == ctx.org_id, RuleUse.rule_id.in_([row.id for row in rows]))
        .group_by(RuleUse.rule_id)
    )
    uses = {key: (count, last) for key, count, last in await ctx.session.execute(counted)}
    able = await who_may(ctx, rows, {tool.scope for tool in tools.values()})
    shown: list[RuleOut] = []
    for row in rows:
        tool = tools.get(row.tool)
        why_not = _why_not(row, tool, able)
        count, last = uses.get(row.id, (0, None))
        terms = described(row.tool, tool.title if tool else row.tool, terms_of(row), names)
        shown.append(
            RuleOut(
                **dict(terms.model_copy(update={"sentence": _whole(row, terms)})),
                id=row.id,
                number=row.number,
                agent_id=row.agent_id,
                max_rows=row.max_rows,
                after_reading=row.after_reading,
                request_id=row.request_id,
                saved_by=PersonRef(id=row.saved_by_id, name=row.saved_by_name),
                created_at=row.created_at,
                uses=count,
                last_used_at=last,
                holds=why_not is None,
                why_not=why_not,
            )
        )
    return shown


def _why_not(row: ApprovalRule, tool: Tool | None, able: Mapping[str, set[UUID]]) -> str | None:
    if tool is None or tool.definition_hash != row.definition_hash:
        return _CHANGED
    return None if row.saved_by_id in able[tool.scope] else _NOBODY


async def source_refs(ctx: Context, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of sources by id."""
    wanted = owned(ctx, Source).where(Source.id.in_([one for one in ids if one is not None]))
    rows = await ctx.session.execute(wanted.with_only_columns(Source.id, Source.name))
    return {row.id: row.name for row in rows}


async def in_words(ctx: Context, row: ApprovalRule) -> str:
    """Say in words what a rule is about."""
    return _whole(
        row, described(row.tool, "", terms_of(row), await source_refs(ctx, [row.source_id]))
    )


def described(tool: str, title: str, terms: Terms, names: dict[UUID, str]) -> RuleTerms:
    """Return terms as people see them."""
    source = None
    if terms.source_id is not None:
        source = PersonRef(id=terms.source_id, name=names.get(terms.source_id, ""))
    return RuleTerms(
        tool=tool,
        title=title,
        exact=dict(terms.exact),
        within={key: list(found) for key, found in terms.within.items()},
        source=source,
        sentence=_sentence(terms, source.name if source else None),
    )


def _sentence(terms: Terms, source: str | None) -> str:
    exact, within = terms.exact, terms.within
    if "host" in exact:
        return f"{exact['method']} to {exact['host']}, with any path and body"
    said = " ".join(exact.values())
    columns, reads = within.get("columns", ()), within.get("reads", ())
    if columns:
        said += " (all columns)" if "*" in columns else f" ({', '.join(columns)})"
    if reads:
        said += f", reading {', '.join(reads)}"
    return f"{said} in {source}" if source else said


def _whole(row: ApprovalRule, terms: RuleTerms) -> str:
    rows = "" if row.max_rows is None else f"{row.max_rows:,} row{'' if row.max_rows == 1 else 's'}"
    most = f", at most {rows} at a time" if rows else ""
    outside = row.after_reading and not terms_of(row).inward
    return f"{terms.sentence}{most}{', also once it has read data' if outside else ''}"
