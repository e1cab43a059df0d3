"""What people send agents to do, what the scripted model makes of it, and what must come of it.

The first letter of a question says which errand it is. A further kind of effect joins the load
as one more entry of `ERRANDS`, with a way to count in `Ledger`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, LiteralString

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
        agent: Slug of the agent that is sent; the analyst if none is named.
    """

    name: str
    calls: Callable[[str], tuple[Call, ...]]
    background: bool = False
    effect: str | None = None
    agent: str | None = None


def _look(_question: str) -> tuple[Call, ...]:
    return (("execute_sql_query", {"sql": SQL}),)


def _hand_on(question: str) -> tuple[Call, ...]:
    return (("start_background_run", {"goal": f"{CHILD}{question}"}),)


def _look_and_ask(question: str) -> tuple[Call, ...]:
    ask = {"title": f"Go on with {question}?", "options": ["yes", "no"]}
    return (*_look(question), ("request_human", ask))


def _write(question: str) -> tuple[Call, ...]:
    return (("write_sql", {"sql": f"INSERT INTO ledger (what) VALUES ('{question}')"}),)


CHILD: Final = "c"
ERRANDS: Final = {
    "q": Errand("question", _look),
    "a": Errand("approval", _hand_on, effect="child run"),
    "b": Errand("background", _look_and_ask, background=True),
    "w": Errand("write", _write, background=True, effect="row", agent="steward"),
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
        shop: URL of the database that approved writes go to.
    """

    def __init__(self, platform: str, shop: str) -> None:
        self._platform = platform
        self._shop = shop

    def count(self, errand: Errand, question: str, run_id: str) -> int:
        """Return how often the effect of a run's errand happened."""
        if errand.effect == "row":
            sql = "select count(*) from ledger where what = %s"
            return _number(self._shop, sql, question)
        sql = "select count(*) from run where parent_run_id = cast(%s as uuid)"
        return _number(self._platform, sql, run_id)

    def certain(self, errand: Errand, run_id: str) -> bool:
        """Return whether an approved call of a run that came to its end must have had its effect.

        A write whose process died may have been undone by its database: the run is told so, and
        the product's own ledger says it.
        """
        if errand.effect != "row":
            return True
        sql = "select count(*) from effect where run_id = cast(%s as uuid) and state = 'done'"
        return _number(self._platform, sql, run_id) > 0


def _number(url: str, sql: LiteralString, value: str) -> int:
    with psycopg.connect(url) as database:
        row = database.execute(sql, (value,)).fetchone()
    assert row is not None
    return int(row[0])
