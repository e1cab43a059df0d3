"""A whole run as one JSON document, written as it is read."""

from collections.abc import AsyncGenerator
from uuid import UUID

import orjson
from sqlalchemy import text

from datelier.kit.context import Context
from datelier.runs.listing import described
from datelier.runs.service import visible_run
from datelier.runs.step_log import steps_of

FORMAT = "datelier.run/1"
_PAGE = 1_000
_EVENTS = text(
    "select seq, at, cast(part as text) as part from run_event "
    "where org_id = :org and run_id = :run and seq > :after order by seq limit :most"
)


async def exported(ctx: Context, run_id: UUID) -> AsyncGenerator[bytes]:
    """Yield the document: the run, its steps, its input, and its log as viewers got it.

    The caller has checked that the run may be seen; each page has a transaction of its own, so a
    slow reader holds no connection.
    """
    async with ctx.begin() as tx:
        run = await visible_run(tx, run_id)
        shown = await described(tx, run)
        steps = await steps_of(tx, run, most=None)
    head = {
        "format": FORMAT,
        "run": shown.model_dump(mode="json"),
        "input": run.input,
        "steps": [step.model_dump(mode="json") for step in steps.steps],
        "notes": [note.model_dump(mode="json") for note in steps.notes],
    }
    yield orjson.dumps(head)[:-1] + b',"events":['
    after, separator = 0, b""
    while True:
        values = {"org": ctx.org_id, "run": run_id, "after": after, "most": _PAGE}
        async with ctx.begin() as tx:
            rows = (await tx.session.execute(_EVENTS, values)).all()
        for seq, at, part in rows:
            head_of_part = orjson.dumps({"seq": seq, "at": at})[:-1]
            yield separator + head_of_part + b',"part":' + part.encode() + b"}"
            after, separator = seq, b","
        if len(rows) < _PAGE:
            break
    yield b"]}"
