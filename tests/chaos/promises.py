"""What was promised to people who asked, who watched and who decided, held against what is stored."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from datelier.runs.fold import Fold
from tests.chaos.desk import Acknowledged
from tests.chaos.effects import rows
from tests.chaos.errands import answer
from tests.chaos.talk import ENDED, Asked, Talk, Viewer

# Runs that no one is answerable for any more, logs with gaps, ends that nobody was told, and what
# was set aside for calls that are not there.
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
    and q.interrupt_id not like '$%'
    union all
    select 'query: version ' || id || ' of run ' || run_id || ' is still running'
    from query_version where status = 'running'
    union all
    select 'budget: ' || c.reserved || ' are set aside, for calls of ' || coalesce(sum(b.amount), 0)
    from budget_count c left join budget_reservation b on b.count_id = c.id
    group by c.id, c.reserved having c.reserved <> coalesce(sum(b.amount), 0)
"""
_OPEN: Final = """
    select count(*) as n from run where status not in ('succeeded', 'failed', 'cancelled')
"""
_UNREPORTED: Final = """
    select count(*) as n from run r where r.kind = 'background'
    and r.status in ('succeeded', 'failed') and not exists (
        select 1 from request q where q.run_id = r.id and q.interrupt_id = '$end')
"""
_UNTOLD: Final = """
    select count(*) as n from delivery where status = 'waiting'
"""
_NOTICES: Final = """
    select event_key, status, last_error from delivery where channel = 'webhook'
"""
_DECIDED: Final = """
    select q.id, q.status, q.interrupt_id is not null as awaited, array_agg(d.decision_id) as ids,
        array_agg(d.type) as types
    from request q join decision d on d.request_id = q.id group by q.id, q.status, q.interrupt_id
"""
_STATUS: Final = {
    "approve": "approved",
    "edit": "edited",
    "reject": "rejected",
    "respond": "responded",
}


def open_runs(platform: str) -> int:
    """Return how many runs have not ended."""
    return int(rows(platform, _OPEN)[0]["n"])


def unreported(platform: str) -> int:
    """Return how many runs in the background have ended without a word in the inbox."""
    return int(rows(platform, _UNREPORTED)[0]["n"])


def untold(platform: str) -> int:
    """Return how many notices are still under way."""
    return int(rows(platform, _UNTOLD)[0]["n"])


def notices(platform: str) -> list[dict[str, Any]]:
    """Return what the platform says of the notices to the webhook."""
    return rows(platform, _NOTICES)


def broken_notices(said: list[dict[str, Any]], received: Collection[str]) -> list[str]:
    """Return what is wrong in what the platform says of notices, given what has arrived."""
    found = [f"notice given up: {row['last_error']}" for row in said if row["status"] == "failed"]
    return found + [
        f"notice lost: {row['event_key']} is said to be delivered and never arrived"
        for row in said
        if row["status"] == "delivered" and row["event_key"] not in received
    ]


async def violations(talk: Talk, stuck_s: float) -> list[str]:
    """Return every broken promise to people who asked, once the load has ended."""
    found: list[str] = []
    for asked in talk.asked:
        name = f"{asked.question} (run {asked.run_id})"
        if asked.status not in ENDED or asked.ended_at is None:
            found.append(f"lost: {name} is {asked.status}")
            continue
        if _best(asked).silence > stuck_s:
            found.append(f"stuck: {_silence(asked)}")
        await talk.fetch(asked)
        found += _differences(asked, name)
    return found


def longest_silence(talk: Talk) -> tuple[float, str]:
    """Return for how many seconds a run said nothing to either of its viewers, at most, and when."""
    asked = max(talk.asked, key=lambda one: _best(one).silence)
    return _best(asked).silence, _silence(asked)


def _silence(asked: Asked) -> str:
    seen = _best(asked)
    return (
        f"{asked.question} (run {asked.run_id}) said nothing for {seen.silence:.0f} s before "
        f"{seen.broke} (load average {seen.load:.1f})"
    )


def _best(asked: Asked) -> Viewer:
    return min(asked.viewers, key=lambda viewer: viewer.silence)


def _differences(asked: Asked, name: str) -> list[str]:
    stored, found = asked.stored, list[str]()
    for viewer in asked.viewers:
        found += [f"order: {name}: {what}" for what in viewer.broken]
        view = Fold()
        for seq, part in enumerate(viewer.parts, 1):
            view.add(seq, part)
        if view.parts != stored["parts"]:
            found.append(f"differs: {name}: a viewer saw another answer than is stored")
    if asked.status == "succeeded" and not asked.stopped:
        found += [f"stopped by nobody: a query of {name}" for p in stored["parts"] if _stopped(p)]
    said = "".join(p["text"] for p in stored["parts"] if p["type"] == "text")
    if asked.status == "succeeded" and said != answer(asked.question):
        found.append(f"doubled or missing: {name} says {said!r}")
    if asked.status == "failed":
        error: dict[str, Any] = stored["metadata"].get("error") or {}
        if error.get("code") != "run_parked":
            found.append(f"failed: {name}: {error.get('code')}: {error.get('message')}")
    if asked.status == "cancelled" and not asked.stopped:
        found.append(f"stopped by nobody: {name}")
    return found


def broken_books(platform: str, decided: list[Acknowledged]) -> list[str]:
    """Return what is wrong in the platform's own tables, with what was decided."""
    found = [str(row["what"]) for row in rows(platform, _LEFT)]
    kept = {row["id"]: row for row in rows(platform, _DECIDED)}
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


def _stopped(part: dict[str, Any]) -> bool:
    return part["type"] == "data-query" and part["data"].get("status") == "cancelled"
