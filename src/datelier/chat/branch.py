"""Reading a branch of a thread, as a statement for one trip with others."""

from uuid import UUID

from datelier.kit.context import Context
from datelier.kit.db import Statement

WINDOW = 31  # messages: what notes are made from, and the question

_CHAIN = """
    with recursive chain as (
        select m.id, m.parent_id, m.role, m.text, m.parts, 1 as depth from message m
        where m.org_id = %(org)s and m.thread_id = %(thread)s and m.id = %(leaf)s
        union all
        select m.id, m.parent_id, m.role, m.text, m.parts, c.depth + 1 from chain c
        join message m on m.org_id = %(org)s and m.id = c.parent_id
        where c.depth < %(window)s
    )
    select role, text, case when role = 'assistant' then parts end as parts
    from chain order by depth desc
"""


def branch(ctx: Context, thread_id: UUID, leaf_id: UUID) -> Statement:
    """Return what reads role, text and parts of the messages up to `leaf_id`, oldest first."""
    values = {"org": ctx.org_id, "thread": thread_id, "leaf": leaf_id, "window": WINDOW}
    return Statement(_CHAIN, values)
