"""Asking the questions of suites, one thread each, and judging what comes."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from datelier.evals.answer import Answer
from datelier.evals.api import Api, Json, all_rows
from datelier.evals.judge import Verdict, judge
from datelier.evals.report import CaseReport
from datelier.evals.suite import Case, Suite


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, ready to be asked; without `agent_id` by the thread's default."""

    suite: Suite
    case: Case
    source: Json
    agent_id: str | None = None

    @property
    def key(self) -> str:
        """What tells it from every other question."""
        return f"{self.suite.name}/{self.case.id}"


@dataclass(slots=True)
class Asking:
    """How questions are asked.

    Attributes:
        api: The server.
        failure: What `api` raises when a call fails.
        is_fatal: Whether a failure means that no further question needs to be tried.
        thread: What every thread is made with besides its sources: model and agent.
        seconds: Longest time for one answer.
        keep: Which threads stay: of all questions, of those that did not pass, of none.
        explain: Says why a run failed, where that is known better; empty for nothing.
    """

    api: Api
    failure: type[Exception]
    is_fatal: Callable[[Exception], bool]
    thread: Json = field(default_factory=dict[str, Any])
    seconds: float = 300
    keep: str = "failed"
    explain: Callable[[Asked], str] = lambda _: ""
    _active: set[str] = field(default_factory=set[str])
    _stopped: threading.Event = field(default_factory=threading.Event)

    def ask_all(self, asked: Sequence[Asked], jobs: int) -> Iterator[CaseReport]:
        """Yield a report per question, as they come; closing the iterator stops what is running."""
        if jobs == 1:
            try:
                for one in asked:
                    yield self.ask(one)
            finally:
                self._stop()
            return
        pool = ThreadPoolExecutor(jobs)
        waiting: set[Future[CaseReport]] = {pool.submit(self.ask, one) for one in asked}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            self._stopped.set()
            for future in waiting:
                future.cancel()
            self._stop()
            pool.shutdown(wait=True)

    def ask(self, asked: Asked) -> CaseReport:
        """Ask one question and return what came of it.

        Raises:
            Exception: The api's failure, when it is fatal.
        """
        answer: Answer | None = None
        try:
            answer = self._converse(asked)
            problem = self._problem(asked, answer)
            if problem:
                return self._kept(_report(asked, answer, problem))
            return self._kept(_report(asked, answer, self._judge(asked, answer)))
        except self.failure as error:
            if self.is_fatal(error):
                raise
            return _report(asked, answer, str(error))

    def _converse(self, asked: Asked) -> Answer:
        body = {"source_ids": [asked.source["id"]], **self.thread}
        if asked.agent_id is not None:
            body.setdefault("agent_id", asked.agent_id)
        thread_id = self.api.call("POST", "/threads", body)["id"]
        for question in asked.case.before:
            earlier = self._follow(thread_id, {"text": question})
            if earlier.error is not None:
                raise self.failure(f"“{question}” failed before it: {earlier.error['errorText']}")
        message: Json = {"text": asked.case.question}
        if asked.case.locale:
            message["locale"] = asked.case.locale
        if asked.case.force_intent:
            message["intent"] = asked.case.force_intent
        return self._follow(thread_id, message)

    def _follow(self, thread_id: str, message: Json) -> Answer:
        began = time.monotonic()
        sent = self.api.call("POST", f"/threads/{thread_id}/messages", message)
        answer = Answer(thread_id, sent["run_id"])
        self._active.add(answer.run_id)
        try:
            events = self.api.events(f"/runs/{answer.run_id}/events", timeout=self.seconds)
            for _, part in events:
                answer.read(part, time.monotonic() - began)
                if answer.waits and part["type"] == "data-stage":
                    self.api.call("POST", f"/runs/{answer.run_id}/stop")
                    break
        except self.failure:
            if not self._stopped.is_set():
                with suppress(self.failure):
                    self.api.call("POST", f"/runs/{answer.run_id}/stop")
            raise
        answer.seconds = time.monotonic() - began
        self._active.discard(answer.run_id)
        return answer

    def _problem(self, asked: Asked, answer: Answer) -> str:
        """Return why there is nothing to judge; empty when there is."""
        if answer.waits:
            return "The answer needs a person's decision."
        if answer.stopped:
            return "The answer was stopped."
        if answer.error is not None:
            return self.explain(asked) or str(answer.error["errorText"])
        return ""

    def _judge(self, asked: Asked, answer: Answer) -> Verdict:
        def rows(result_id: str) -> Json:
            return all_rows(self.api, result_id)

        def run(sql: str) -> Json:
            body = {"source_id": asked.source["id"], "sql": sql}
            version = self.api.call("POST", "/queries", body)
            if version["status"] != "done":
                error = version.get("error") or {"message": version["status"]}
                raise self.failure(f"The suite's own statement failed: {error['message']}")
            right = all_rows(self.api, version["result_id"])
            if version["truncated"] or right["truncated"]:
                count = len(right["data"][0])
                raise self.failure(f"The suite's own statement has more rows than {count:,}.")
            return right

        return judge(asked.case, answer, rows, run)

    def _kept(self, report: CaseReport) -> CaseReport:
        """Remove the thread of a question, unless somebody may want to look at it."""
        keep = self.keep == "all" or (self.keep == "failed" and report.status != "passed")
        if keep or report.thread_id is None:
            return report
        with suppress(self.failure):
            self.api.call("DELETE", f"/threads/{report.thread_id}")
        return report.model_copy(update={"thread_id": None})

    def _stop(self) -> None:
        for run_id in list(self._active):
            with suppress(self.failure):
                self.api.call("POST", f"/runs/{run_id}/stop")
            self._active.discard(run_id)


def _report(asked: Asked, answer: Answer | None, outcome: Verdict | str) -> CaseReport:
    """Return the entry of a question: judged, or with the reason why it could not be."""
    case = asked.case
    report = CaseReport(
        suite=asked.suite.name,
        id=case.id,
        question=case.question,
        tags=case.tags,
        status="error",
        expected=case.expect.kind,
    )
    if isinstance(outcome, str):
        report.why = outcome
    else:
        report.status = "passed" if outcome.passed else "failed"
        report.why, report.refusal = outcome.why, outcome.refusal
        report.intent_right = outcome.intent
        report.reason = None if answer is None else answer.refused
    if answer is None:
        return report
    report.text = answer.prose
    report.sql = [query["sql"] for query in answer.queries.values()]
    report.figures = int(answer.numbers.get("total", 0))
    report.traced = int(answer.numbers.get("traced", 0))
    report.input_tokens = answer.usage.get("input_tokens")
    report.output_tokens = answer.usage.get("output_tokens")
    report.cost = None if answer.cost is None else float(answer.cost)
    report.first_text_seconds, report.seconds = answer.first_text, answer.seconds
    report.thread_id = answer.thread_id
    report.intent = None if answer.intent is None else str(answer.intent.get("intent"))
    return report
