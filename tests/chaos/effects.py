"""Effects that were promised, held against what happened: to the platform, and to the shop.

A row in the shop's own ledger is an effect. For each there must be one approved call, and for
each approved call of a run that came to its end one row, unless the run was told for certain
that nothing was changed. What the product's ledger says must be what happened.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Self

import psycopg
from psycopg.rows import dict_row

from tests.chaos.desk import EDITED
from tests.chaos.errands import insert
from tests.chaos.talk import Asked

_CHILDREN: Final = """
    select r.parent_run_id::text as run, count(*) as n from run r
    where r.parent_run_id is not null group by r.parent_run_id
"""
_REQUESTS: Final = """
    select run_id::text as run, status, actions, interrupt_id like '$unknown%' as unknown
    from request where kind = 'approval' or interrupt_id like '$unknown%'
"""
_LEDGER: Final = """
    select run_id::text as run, tool_call_id as call, state, begun_at is not null as begun,
        detail->>'sql' as sql from effect where kind = 'sql'
"""
_APPROVED: Final = frozenset({"approved", "edited"})
_TOLD: Final = {"done": "output-available", "not_done": "output-error"}


class Books:
    """What the platform has written about effects, by run.

    Args:
        children: How many runs each run has started.
        requests: Approvals, and questions what became of a call.
        ledger: The product's own ledger.
    """

    def __init__(
        self,
        children: dict[str, int],
        requests: list[dict[str, Any]],
        ledger: list[dict[str, Any]],
    ) -> None:
        self.children = children
        self._requests = requests
        self._ledger = ledger

    @classmethod
    def read(cls, platform: str) -> Self:
        """Read them in the platform's database."""
        children = {row["run"]: int(row["n"]) for row in rows(platform, _CHILDREN)}
        return cls(children, rows(platform, _REQUESTS), rows(platform, _LEDGER))

    def approved(self, run_id: str) -> dict[str, str]:
        """Return by call what was decided about the calls of a run that were allowed."""
        return {
            str(action["tool_call_id"]): str(row["status"])
            for row in self._requests
            if row["run"] == run_id and not row["unknown"] and row["status"] in _APPROVED
            for action in row["actions"]
        }

    def doubted(self, run_id: str) -> bool:
        """Return whether somebody was asked what became of a call."""
        return any(row["run"] == run_id and row["unknown"] for row in self._requests)

    def effects(self, run_id: str) -> list[dict[str, Any]]:
        """Return the effects of a run in the product's own ledger."""
        return [row for row in self._ledger if row["run"] == run_id]


def rows(url: str, sql: str, *values: Any) -> list[dict[str, Any]]:
    """Return what a query finds."""
    with psycopg.connect(url) as database, database.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.encode(), values or None).fetchall()


def wrong_effects(books: Books, happened: list[str], answers: Sequence[Asked]) -> list[str]:
    """Return effects that are missing, that happened twice or that nobody approved.

    Args:
        books: What the platform says.
        happened: What was done to the shop, once for each time.
        answers: Whatever was asked for.
    """
    done = Counter(happened)
    found: list[str] = []
    for asked in answers:
        name = f"effect: {asked.question} (run {asked.run_id}, {asked.status})"
        if asked.errand.effect == "row":
            found += [f"{name} {what}" for what in _wrong_rows(asked, books, done)]
        elif asked.errand.effect is not None:
            found += [f"{name} {what}" for what in _wrong_children(asked, books)]
    words = {asked.question for asked in answers}
    strays = [what for what in done if what.removesuffix(EDITED) not in words]
    return found + [f"effect: {what} was done and nobody was promised it" for what in strays]


def _wrong_children(asked: Asked, books: Books) -> list[str]:
    count, approved = books.children.get(asked.run_id, 0), len(books.approved(asked.run_id))
    if books.doubted(asked.run_id):
        return ["nobody knows what became of a call that the platform itself executes"]
    # A run that was stopped or parked may not have come to it.
    least = approved if asked.status == "succeeded" else 0
    return [] if least <= count <= approved else [f"started {count} after {approved} approvals"]


def _wrong_rows(asked: Asked, books: Books, done: Counter[str]) -> list[str]:
    allowed, effects = books.approved(asked.run_id), books.effects(asked.run_id)
    found = [f"{e['call']} was not approved" for e in effects if e["call"] not in allowed]
    found += [
        f"{e['call']} is {e['state']}"
        for e in effects
        if e["state"] not in _TOLD and _over(asked, e)
    ]
    for what in (asked.question, asked.question + EDITED):
        mine = [e for e in effects if e["sql"] == insert(what)]
        least = sum(e["state"] == "done" for e in mine)
        # A run that was stopped in the middle of a commit does not say how that ended.
        most = least + sum(e["state"] not in _TOLD and e["begun"] for e in mine)
        if not least <= done[what] <= most:
            states = [e["state"] for e in mine]
            found.append(f"wrote {what!r} {done[what]} times, and the product says {states}")
    if done[asked.question] + done[asked.question + EDITED] > 1:
        found.append("wrote twice")
    if asked.status == "succeeded":
        found += _untold(asked, effects)
        missing = set(allowed) - {str(e["call"]) for e in effects}
        found += [f"{call} was approved and never begun" for call in missing]
    return found


def _over(asked: Asked, effect: dict[str, Any]) -> bool:
    """Whether it must be settled: a run that was stopped or parked may have left it as it was."""
    return asked.status == "succeeded" or effect["state"] != "intended"


def _untold(asked: Asked, effects: list[dict[str, Any]]) -> list[str]:
    """Return effects of which the answer says something else than the ledger."""
    said = {
        part["toolCallId"]: part["state"] for part in asked.stored["parts"] if "toolCallId" in part
    }
    return [
        f"{e['call']} is {e['state']}, and the answer shows it as {said.get(e['call'])}"
        for e in effects
        if said.get(e["call"]) != _TOLD.get(e["state"])
    ]
