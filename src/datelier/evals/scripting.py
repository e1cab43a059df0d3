"""The scripted model: it does what the suite says, turn by turn."""

import json
import threading
from collections.abc import Sequence

from datelier.evals.api import Json
from datelier.evals.endpoint import Reply, Said, refused, spoken
from datelier.evals.exchanges import read_request
from datelier.evals.suite import Case, Turn

# Nobody pays for a script, but what counts tokens should have something to count.
_CHARACTERS_PER_TOKEN = 4


class Script:
    """Plays the scripts of cases; a request belongs to the case whose question it holds.

    A question that is asked before another takes its turns from the same script.

    Args:
        cases: The cases, each with a script.
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        # The longest first: one question may be the beginning of another.
        self._cases = sorted(cases, key=lambda case: -len(case.question))
        self._left = {case.question: list(case.script) for case in cases}
        self._lock = threading.Lock()
        self._calls = 0
        self._misses: dict[str, str] = {}

    def answer(self, body: Json, authorization: str) -> Reply:  # noqa: ARG002  # as the endpoint calls it
        """Take the first turn that is left and fits the request."""
        text = read_request(body).text
        case = self._case(text)
        if case is None:
            return refused(404, "The request belongs to no question of the suite.")
        with self._lock:
            left = self._left[case.question]
            turn = next((one for one in left if one.when is None or one.when in text), None)
            if turn is None:
                why = "The script has no turn left that fits the request" + (
                    f"; left are those with {', '.join(str(one.when) for one in left)}."
                    if left
                    else "."
                )
                self._misses[case.question] = why
                return refused(404, why)
            left.remove(turn)
            self._calls += 1
            return spoken(_said(turn, len(text), self._calls), body)

    def _case(self, text: str) -> Case | None:
        """Return the case that a request belongs to, by its question or one that is asked before."""
        own = (case for case in self._cases if case.question in text)
        before = (
            case
            for case in self._cases
            if self._left[case.question] and any(one in text for one in case.before)
        )
        return next(own, None) or next(before, None)

    def miss(self, question: str) -> str:
        """Return why a request had no turn; empty when every one had."""
        return self._misses.get(question, "")


def _said(turn: Turn, asked: int, number: int) -> Said:
    calls = tuple(
        {
            "id": f"call_{number}_{place}",
            "name": call.tool,
            "arguments": json.dumps(call.arguments, ensure_ascii=False),
        }
        for place, call in enumerate(turn.calls)
    )
    words = turn.say.split(" ")
    pieces = tuple([f"{word} " for word in words[:-1]] + words[-1:]) if turn.say else ()
    answered = len(turn.say) + sum(len(call["arguments"]) for call in calls)
    usage = (asked // _CHARACTERS_PER_TOKEN, answered // _CHARACTERS_PER_TOKEN)
    return Said(pieces, "", calls, usage, "tool_calls" if calls else "stop")
