"""The connection test of a database: its steps, whatever the database is."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Final

from datelier.worker.engines.base import STEPS, Probe, Step, StepName
from datelier.worker.errors import WorkerError

ROLE_ADVICE: Final = "The role can do more than read. Create a role that cannot: see the SQL."


class Test:
    """Collects the steps of one test; after the first failure nothing more is tried."""

    __test__ = False  # pytest: this is no test class

    def __init__(self) -> None:
        self.steps: dict[StepName, Step] = {}
        self.failed = False

    async def run(self, name: StepName, work: Awaitable[str | None]) -> None:
        """Await one step; its text is the detail, a WorkerError its failure."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(15):
                detail = await work
        except WorkerError as error:
            self._fail(name, started, error.message, error.hint)
        except TimeoutError:
            self._fail(name, started, "No answer in 15 s.", "Check the firewall in between.")
        else:
            self.steps[name] = Step(name, True, _since(started), detail)

    def _fail(self, name: StepName, started: float, detail: str, advice: str | None) -> None:
        self.failed = True
        self.steps[name] = Step(name, False, _since(started), detail, advice)

    def result(self, weak_role: dict[str, object] | None = None) -> Probe:
        """All steps in order; those not reached have ok None."""
        steps = tuple(self.steps.get(name) or Step(name, None) for name in STEPS)
        return Probe(steps, weak_role)

    async def judge_role(self, weaknesses: Awaitable[list[str]]) -> list[str]:
        """The step about the role: why it is more than a reader; nothing is good."""
        reasons: list[str] = []

        async def judged() -> str:
            reasons.extend(await weaknesses)
            return "The role can only read." if not reasons else f"The role {reasons[0]}."

        await self.run("read_only", judged())
        step = self.steps["read_only"]
        if not self.failed and reasons:
            self.steps["read_only"] = Step(
                "read_only", None, step.elapsed_ms, step.detail, ROLE_ADVICE
            )
        return reasons


def listed(names: list[str]) -> str:
    """Up to five names, sorted, and how many more there are."""
    names = sorted(set(names))
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
