"""What a question needs to know, in one statement: chat, agent, sources and model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

from datelier.agents.definition import read_definition
from datelier.agents.prompts import ANALYST_SLUG
from datelier.kit.context import Context
from datelier.kit.db import Statement
from datelier.llms.choice import CHOSEN_MODEL, MODEL_COLUMNS, chosen_model
from datelier.llms.config import ModelConfig
from datelier.sources.grounding import Attached
from datelier.sources.privacy import privacy
from datelier.threads.desk import Desk


@dataclass(frozen=True, slots=True)
class Seen:
    """What is there.

    Attributes:
        thread_id: The chat, locked until the transaction ends; None when it is yet to begin.
        leaf_id: The newest message of the branch in use.
        said_before: The client's id of the question is the id of a message that is stored.
        desk: What answers. For a new chat its sources are all there are.
        attached: The sources of the chat and those of its agent, as far as they still exist.
        config: The model, or None when there is none to use.
        budgeted: Whether the organization has budgets.
        defined: Whether the organization has definitions.
    """

    thread_id: UUID | None
    leaf_id: UUID | None
    said_before: bool
    desk: Desk
    attached: tuple[Attached, ...]
    config: ModelConfig | None
    budgeted: bool
    defined: bool

    @property
    def sources(self) -> tuple[Attached, ...]:
        """The sources that the agent uses."""
        found = {source.id: source for source in self.attached}
        return tuple(found[key] for key in self.desk.sources if key in found)

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
            where kind = 'chat' and org_id = %(org)s and {known} = %(chat)s and owner_id {owner} and deleted_at is null
            for update
        )
        select t.id as thread_id, t.leaf_id, t.source_ids, t.model_id, a.id as agent_id,
            a.name as agent, a.version, a.definition,
            (select jsonb_agg(jsonb_build_array(s.id, s.name, s.catalog_at, s.values_at, s.engine,
                    s.private, s.private_columns) order by s.number)
                from source s where s.org_id = %(org)s and s.deleted_at is null
                and (t.id is null or t.source_ids ? s.id::text
                    or a.definition->'source_ids' ? s.id::text)) as sources,
            case when cast(%(said)s as uuid) is null then false else exists (
                select 1 from message where org_id = %(org)s and thread_id = t.id and id = %(said)s
            ) end as said_before,
            exists (select 1 from budget where org_id = %(org)s and deleted_at is null) as budgeted,
            exists (select 1 from definition where org_id = %(org)s and archived_at is null) as defined,
            {MODEL_COLUMNS}
        from (values (1)) as one (row)
        left join t on true
        join (
            select b.*, v.version, v.definition, cast(v.definition->>'model_id' as uuid) as model_id
            from agent b join agent_version v
                on v.org_id = b.org_id and v.agent_id = b.id and v.version = b.published_version
        ) a on a.org_id = %(org)s and a.archived_at is null
            and (a.visibility = 'organization' or a.owner_id = %(owner)s)
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


def _moment(iso: str | None) -> datetime | None:
    return None if iso is None else datetime.fromisoformat(iso)


def seen(row: Mapping[str, Any]) -> Seen:
    """Return what a row of that statement says."""
    attached = tuple(
        Attached(UUID(key), name, _moment(at), _moment(values_at), privacy(engine, hidden, columns))
        for key, name, at, values_at, engine, hidden, columns in row["sources"] or ()
    )
    if row["thread_id"] is None:
        source_ids = tuple(source.id for source in attached)
    else:
        source_ids = tuple(UUID(key) for key in row["source_ids"])
    desk = Desk(
        agent_id=row["agent_id"],
        agent=row["agent"],
        agent_version=row["version"],
        definition=read_definition(row["definition"]),
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
        budgeted=row["budgeted"],
        defined=row["defined"],
    )
