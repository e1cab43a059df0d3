"""What people send agents to do, and what the scripted model makes of it.

The first letter of a question says which errand it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

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
        effect: The name of what an approval of it must do exactly once, if it asks for one: a
            ``child run`` of the platform, or a ``row`` in the ledger of the shop.
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
    return (("write_sql", {"sql": insert(question)}),)


def insert(what: str) -> str:
    """Return the statement that notes `what` in the ledger of the shop."""
    return f"INSERT INTO ledger (what) VALUES ('{what}')"


CHILD: Final = "c"
ERRANDS: Final = {
    "q": Errand("question", _look),
    "a": Errand("approval", _hand_on, effect="child run"),
    "b": Errand("background", _look_and_ask, background=True),
    "w": Errand("write", _write, background=True, effect="row", agent="steward"),
}
LOAD: Final = "qabww"
"""First letters of what people ask for, each as often as it stands here."""

_ANSWER_ONLY: Final = Errand("child", lambda _question: ())
# What a call says that had no effect for certain: the model proposes it again.
_NOT_DONE: Final = ("Nothing was changed", "nobody was asked")
_MOST_TIMES: Final = 8


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
    told = [str(m["content"]) for m in messages[asked:] if m["role"] == "tool"]
    done = sum(not any(sign in text for sign in _NOT_DONE) for text in told)
    if done < len(calls) and len(told) - done < _MOST_TIMES:
        return Turn.call(*calls[done])
    return Turn.say(answer(question), pause=0.05)
