"""What a question needs to know, in one statement: chat, agent, sources and model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

from datelier.agents.prompts import ANALYST_SLUG
from datelier.kit.context import Context
from datelier.kit.db import Statement
from datelier.llms.choice import CHOSEN_MODEL, MODEL_COLUMNS, chosen_model
from datelier.llms.config import ModelConfig
from datelier.sources.grounding import Attached
from datelier.threads.desk import Desk


@dataclass(frozen=True, slots=True)
class Seen:
    """What is there.

    Attributes:
        thread_id: The chat, locked until the transaction ends; None when it is yet to begin.
        leaf_id: The newest message of the branch in use.
        said_before: The client's id of the question is the id of a message that is stored.
        desk: What answers. For a new chat its sources are all there are.
        attached: The sources of the desk that still exist.
        config: The model, or None when there is none to use.
    """

    thread_id: UUID | None
    leaf_id: UUID | None
    said_before: bool
    desk: Desk
    attached: tuple[Attached, ...]
    config: ModelConfig | None

    def narrowed(self, wanted: Sequence[UUID]) -> "Seen | None":
        """Return the same with these sources only; None when one of them is not there."""
        found = {source.id: source for source in self.attached}
        if not found.keys() >= set(wanted):
            return None
        desk = replace(self.desk, source_ids=tuple(wanted))
        return replace(self, desk=desk, attached=tuple(found[key] for key in wanted))


@cache
def _look(known: LiteralString, owner: LiteralString) -> LiteralString:
    return f"""
        with t as (
            select id, leaf_id, source_ids, model_id, agent_id from thread
            where org_id = %(org)s and {known} = %(chat)s and owner_id {owner} and deleted_at is null
            for update
        )
        select t.id as thread_id, t.leaf_id, t.source_ids, t.model_id, a.id as agent_id,
            a.name as agent, a.instructions, a.model_id as agent_model_id,
            (select jsonb_agg(jsonb_build_array(s.id, s.name, s.catalog_at) order by s.number)
                from source s where s.org_id = %(org)s and s.deleted_at is null
                and (t.id is null or t.source_ids ? s.id::text)) as sources,
            case when cast(%(said)s as uuid) is null then false else exists (
                select 1 from message where org_id = %(org)s and thread_id = t.id and id = %(said)s
            ) end as said_before,
            {MODEL_COLUMNS}
        from (values (1)) as one (row)
        left join t on true
        join agent a on a.org_id = %(org)s
            and (a.id = t.agent_id or t.id is null and a.slug = %(slug)s)
        {CHOSEN_MODEL}
    """  # noqa: S608  # only constants are interpolated


def looking(ctx: Context, chat: UUID | str, model_id: UUID | None, said: UUID | None) -> Statement:
    """Return the statement that finds a chat by our id or by the one its client chose.

    It gives one row for :func:`seen`, and none when the organization has no built-in agent.

    Args:
        ctx: Who asks; only their own chat is found.
        chat: The chat.
        model_id: The model they named.
        said: The question's id, where it could be one of ours.
    """
    values = {
        "org": ctx.org_id,
        "chat": chat,
        "owner": ctx.actor.id,
        "model": model_id,
        "said": said,
        "slug": ANALYST_SLUG,
    }
    # `is not distinct from` would say both, and use no index.
    owner: LiteralString = "is null" if ctx.actor.id is None else "= %(owner)s"
    return Statement(_look("id" if isinstance(chat, UUID) else "client_id", owner), values)


def seen(row: Mapping[str, Any]) -> Seen:
    """Return what a row of that statement says."""
    attached = tuple(
        Attached(UUID(key), name, None if at is None else datetime.fromisoformat(at))
        for key, name, at in row["sources"] or ()
    )
    if row["thread_id"] is None:
        source_ids = tuple(source.id for source in attached)
    else:
        source_ids = tuple(UUID(key) for key in row["source_ids"])
        found = {source.id: source for source in attached}
        attached = tuple(found[key] for key in source_ids if key in found)
    desk = Desk(
        agent_id=row["agent_id"],
        agent=row["agent"],
        instructions=row["instructions"],
        agent_model_id=row["agent_model_id"],
        model_id=row["model_id"],
        source_ids=source_ids,
    )
    return Seen(
        thread_id=row["thread_id"],
        leaf_id=row["leaf_id"],
        said_before=row["said_before"],
        desk=desk,
        attached=attached,
        config=chosen_model(row),
    )
