"""What people send agents to do, what the scripted model makes of it, and what must come of it.

The first letter of a question says which errand it is. A further kind of effect joins the load
as one more entry of `ERRANDS`, with a way to count in `Ledger`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from tests.support.scripted_openai import Turn

SQL: Final = "select count(*) as orders from orders"
_WORDS: Final = 40

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Errand:
    """One kind of question.

    Attributes:
        calls: The tools that the model calls for a question, one after the other.
        background: It is a run of its own and not a question in a chat.
        effect: The name of what an approval of it must do exactly once, if it asks for one.
    """

    name: str
    calls: Callable[[str], tuple[Call, ...]]
    background: bool = False
    effect: str | None = None


def _look(_question: str) -> tuple[Call, ...]:
    return (("execute_sql_query", {"sql": SQL}),)


def _hand_on(question: str) -> tuple[Call, ...]:
    return (("start_background_run", {"goal": f"{CHILD}{question}"}),)


def _look_and_ask(question: str) -> tuple[Call, ...]:
    ask = {"title": f"Go on with {question}?", "options": ["yes", "no"]}
    return (*_look(question), ("request_human", ask))


CHILD: Final = "c"
ERRANDS: Final = {
    "q": Errand("question", _look),
    "a": Errand("approval", _hand_on, effect="child run"),
    "b": Errand("background", _look_and_ask, background=True),
}
_ANSWER_ONLY: Final = Errand("child", lambda _question: ())


def answer(question: str) -> str:
    """Return what the scripted model says to a question, every word of it different."""
    return " ".join(f"{question}-{number}" for number in range(_WORDS))


def model(body: dict[str, Any]) -> Turn:
    """Make the calls of the errand one by one, then answer slowly with words that name it."""
    if not body.get("stream"):
        return Turn.say("A title")
    messages = body["messages"]
    asked = max(n for n, message in enumerate(messages) if message["role"] == "user")
    words = messages[asked]["content"]
    question = words if isinstance(words, str) else words[0]["text"]
    calls = ERRANDS.get(question[0], _ANSWER_ONLY).calls(question)
    done = sum(message["role"] == "tool" for message in messages[asked:])
    if done < len(calls):
        return Turn.call(*calls[done])
    return Turn.say(answer(question), pause=0.05)


class Ledger:
    """Counts effects where they happen.

    Args:
        platform: URL of the platform's database.
    """

    def __init__(self, platform: str) -> None:
        self._platform = platform

    def count(self, errand: Errand, run_id: str) -> int:
        """Return how often the effect of a run's errand happened."""
        assert errand.effect is not None
        sql = "select count(*) from run where parent_run_id = cast(%s as uuid)"
        with psycopg.connect(self._platform) as database:
            row = database.execute(sql, (run_id,)).fetchone()
        assert row is not None
        return int(row[0])
