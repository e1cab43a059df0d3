"""Trying attacks: what each leaves behind with some walls and no other."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from tests.walls.attacks import WALLS, Attack, Wall
from tests.walls.subjects import Walled
from tests.walls.tried import Tried
from tests.walls.world import CANARY

_SECRETS: Final = (CANARY, "SCRAM-SHA-256")
_PATIENT_S: Final = 20.0  # a busy machine is no hole
_COSTLY_S: Final = 1.0
_PROMISES: Final[tuple[str, ...]] = (
    "persistent changes",
    "files",
    "outbound connections",
    "poisoned sessions",
    "secrets shown",
    "ran on",
)
_END: Final = {
    "sql_refused": "refused",
    "timeout": "stopped",
    "cancelled": "stopped",
    "limit_exceeded": "stopped",
}


def claimed(attack: Attack, wall: Wall) -> bool:
    """Whether a wall has anything to say about an attack: the limits stop only what costs."""
    return wall != "limits" or attack.kind == "cost"


def walls_of(wall: Wall | None) -> tuple[Wall, ...]:
    """One wall alone, or all of them for None."""
    return WALLS if wall is None else (wall,)


def traces(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What is not as it was."""
    return [what for what in after if after[what] != before.get(what)]


class Trial:
    """Attacks on one subject, behind the same walls."""

    def __init__(self, subject: Walled, walls: Collection[Wall]) -> None:
        self._subject = subject
        self._walls = walls
        self.accepted: list[str] = []
        self.unhelpful: list[str] = []
        self.ends: dict[str, str] = {}
        """By attack: answered, refused, failed or stopped."""

    async def alone(self, attack: Attack) -> list[str]:
        """The harm of one attack, put right afterwards; empty is good."""
        await self._attempt("SELECT 1", _PATIENT_S)
        before = self._subject.digest()
        harm = self._judge(attack, await self._try(attack))
        changed = traces(before, self._subject.digest())
        if changed:
            self._subject.remake()
        return harm + changed

    async def together(self, attacks: Sequence[Attack]) -> dict[str, list[str]]:
        """The harm of each; one digest for all while nothing changes."""
        found: dict[str, list[str]] = {}
        for start in range(0, len(attacks), 25):
            some = attacks[start : start + 25]
            await self._attempt("SELECT 1", _PATIENT_S)
            before = self._subject.digest()
            for attack in some:
                found[attack.id] = self._judge(attack, await self._try(attack))
            if traces(before, self._subject.digest()):
                self._subject.remake()
                for attack in some:
                    found[attack.id] = await self.alone(attack)
        return found

    async def _try(self, attack: Attack) -> Tried:
        costly = attack.kind == "cost" and "limits" not in self._walls
        return await self._attempt(
            self._subject.written(attack.sql), _COSTLY_S if costly else _PATIENT_S
        )

    async def _attempt(self, sql: str, longest_s: float) -> Tried:
        return await self._subject.attempt(sql, self._walls, longest_s)

    def _judge(self, attack: Attack, tried: Tried) -> list[str]:
        self.ends[attack.id] = _END.get(tried.error.code, "failed") if tried.error else "answered"
        if tried.error is None:
            self.accepted.append(attack.id)
        elif tried.error.code == "sql_refused" and not tried.error.hint:
            self.unhelpful.append(attack.id)
        harm = [f"session: {what}" for what in tried.session]
        if tried.ran_on:
            harm.append("ran on")
        if any(secret in tried.shown for secret in _SECRETS):
            harm.append("showed a secret")
        return harm


def counted(harms: Iterable[Iterable[str]]) -> dict[str, int]:
    """How many attacks did what, in the words of the promise."""
    found: dict[str, int] = {}
    for what in _PROMISES:
        found[what] = 0
    for harm in harms:
        for what in {_promise(one) for one in harm}:
            found[what] += 1
    return found


def _promise(what: str) -> str:
    if what.startswith("session: "):
        return "poisoned sessions"
    named = {"files": "files", "server's files": "files", "calls": "outbound connections",
             "showed a secret": "secrets shown", "ran on": "ran on"}  # fmt: skip
    return named.get(what, "persistent changes")


def differing(expected: Iterable[Attack], found: dict[str, list[str]], wall: Wall) -> list[str]:
    """Attacks with which a wall did otherwise than the corpus says, in words."""
    wrong: list[str] = []
    for attack in expected:
        falls, harm = wall in attack.falls, found[attack.id]
        if falls != bool(harm):
            says = "falls" if falls else "holds"
            wrong.append(f"{attack.id} ({says}): {json.dumps(harm)} {attack.sql[:120]!r}")
    return wrong
