"""What was promised to people who asked, who watched and who decided, held against what is stored."""

from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from datelier.runs.fold import Fold
from tests.chaos.desk import Acknowledged
from tests.chaos.errands import Ledger, answer
from tests.chaos.talk import ENDED, Asked, Talk

# Runs that no one is answerable for any more, logs with gaps, and ends that nobody was told.
_LEFT: Final = """
    select 'not ended: run ' || id || ' (' || kind || ') is ' || status as what
    from run where status not in ('succeeded', 'failed', 'cancelled')
    union all
    select 'lease: run ' || id || ' has ended and is still held' from run
    where status in ('succeeded', 'failed', 'cancelled') and lease_owner is not null
    union all
    select 'log: run ' || r.id || ' has ' || count(e.seq) || ' parts up to ' || max(e.seq)
    from run r join run_event e on e.run_id = r.id
    group by r.id, r.last_seq having count(e.seq) <> max(e.seq) or r.last_seq <> max(e.seq)
    union all
    select 'unsettled: request ' || q.id || ' waits for a run that has ended'
    from request q join run r on r.id = q.run_id
    where q.status = 'pending' and q.kind in ('approval', 'question', 'review')
"""
_OPEN: Final = """
    select count(*) as n from run where status not in ('succeeded', 'failed', 'cancelled')
"""
_UNREPORTED: Final = """
    select count(*) as n from run r where r.kind = 'background'
    and r.status in ('succeeded', 'failed') and not exists (
        select 1 from request q where q.run_id = r.id and q.interrupt_id = '$end')
"""
_DECIDED: Final = """
    select q.id, q.status, q.interrupt_id is not null as awaited, array_agg(d.decision_id) as ids,
        array_agg(d.type) as types
    from request q join decision d on d.request_id = q.id group by q.id, q.status, q.interrupt_id
"""
_STATUS: Final = {"approve": "approved", "reject": "rejected", "respond": "responded"}
_APPROVED: Final = """
    select status from request where run_id = cast(%s as uuid) and kind = 'approval'
"""
_DOUBTED: Final = """
    select count(*) as n from request where run_id = cast(%s as uuid)
    and interrupt_id like '$unknown%%'
"""


def open_runs(platform: str) -> int:
    """Return how many runs have not ended."""
    return int(_rows(platform, _OPEN)[0]["n"])


def unreported(platform: str) -> int:
    """Return how many runs in the background have ended without a word in the inbox."""
    return int(_rows(platform, _UNREPORTED)[0]["n"])


def _rows(url: str, sql: str, *values: Any) -> list[dict[str, Any]]:
    with psycopg.connect(url) as database, database.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.encode(), values or None).fetchall()


async def violations(talk: Talk, stuck_s: float) -> list[str]:
    """Return every broken promise to people who asked, once the load has ended."""
    found: list[str] = []
    for asked in talk.asked:
        name = f"{asked.question} (run {asked.run_id})"
        if asked.status not in ENDED or asked.ended_at is None:
            found.append(f"lost: {name} is {asked.status}")
            continue
        silence = min(viewer.silence for viewer in asked.viewers)
        if silence > stuck_s:
            found.append(f"stuck: {name} said nothing for {silence:.0f} s")
        stored = await talk.stored(asked)
        found += _differences(asked, stored, name)
    return found


def _differences(asked: Asked, stored: dict[str, Any], name: str) -> list[str]:
    found: list[str] = []
    for viewer in asked.viewers:
        found += [f"order: {name}: {what}" for what in viewer.broken]
        view = Fold()
        for seq, part in enumerate(viewer.parts, 1):
            view.add(seq, part)
        if view.parts != stored["parts"]:
            found.append(f"differs: {name}: a viewer saw another answer than is stored")
    said = "".join(p["text"] for p in stored["parts"] if p["type"] == "text")
    if asked.status == "succeeded" and said != answer(asked.question):
        found.append(f"doubled or missing: {name} says {said[:80]!r}")
    if asked.status == "failed":
        error: dict[str, Any] = stored["metadata"].get("error") or {}
        if error.get("code") != "run_parked":
            found.append(f"failed: {name}: {error.get('code')}: {error.get('message')}")
    if asked.status == "cancelled" and not asked.stopped:
        found.append(f"stopped by nobody: {name}")
    return found


def broken_books(platform: str, decided: list[Acknowledged]) -> list[str]:
    """Return what is wrong in the platform's own tables, with what was decided."""
    found = [str(row["what"]) for row in _rows(platform, _LEFT)]
    kept = {row["id"]: row for row in _rows(platform, _DECIDED)}
    found += [
        f"decided twice: request {row['id']}: {row['types']}"
        for row in kept.values()
        if row["awaited"] and len(row["ids"]) > 1
    ]
    for one in decided:
        row = kept.get(UUID(one.request_id))
        if row is None or UUID(one.decision_id) not in row["ids"]:
            found.append(f"decision lost: {one.type} of request {one.request_id}")
        elif row["status"] != _STATUS[one.type]:
            found.append(f"decision undone: {one.type} of request {one.request_id}")
    return found


def wrong_effects(platform: str, ledger: Ledger, talk: Talk) -> list[str]:
    """Return approved effects that are missing, and any that happened twice or unasked."""
    found: list[str] = []
    for asked in talk.asked:
        if asked.errand.effect is None:
            continue
        count = ledger.count(asked.errand, asked.question, asked.run_id)
        statuses = [row["status"] for row in _rows(platform, _APPROVED, asked.run_id)]
        doubted = int(_rows(platform, _DOUBTED, asked.run_id)[0]["n"])
        most = 1 if "approved" in statuses else 0
        # A run that was stopped or parked may not have come to it; whoever approved a call whose
        # process died in the middle of it is asked to look.
        certain = asked.status == "succeeded" and not doubted
        certain = certain and ledger.certain(asked.errand, asked.run_id)
        least = most if certain else 0
        if not least <= count <= most:
            found.append(
                f"effect: {asked.question} (run {asked.run_id}, {asked.status}) did its "
                f"{asked.errand.effect} {count} times after {statuses}"
            )
    return found
