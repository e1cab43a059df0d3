"""A question that a definition answers word for word: its SQL is run as it stands."""

import re
from collections.abc import Sequence
from typing import Any, Final, cast

from langchain_core.messages import BaseMessage, SystemMessage

from datelier.llms.demo.answer import show
from datelier.llms.demo.results import Outcome

_QUERY: Final = "execute_sql_query"
_WORDS: Final = re.compile(r"\w+")


def definition_of(messages: Sequence[BaseMessage], question: str) -> dict[str, Any] | None:
    """Return the definition whose question or name this is; a certified one goes first."""
    told: list[dict[str, Any]] = []
    for message in messages:
        facts: object = message.additional_kwargs.get("datelier")
        if isinstance(message, SystemMessage) and isinstance(facts, dict):
            told = cast("dict[str, Any]", facts).get("definitions") or []
    asked = _plain(question)
    meant = [
        one
        for one in told
        if one["sql"] and asked and asked in {_plain(one["pattern"]), _plain(one["name"])}
    ]
    return min(meant, key=lambda one: one["status"] != "certified", default=None)


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))


def arguments_of(definition: dict[str, Any]) -> dict[str, Any]:
    """Return the query that the definition is."""
    return {
        "source_id": definition["source_id"],
        "sql": definition["sql"],
        "title": definition["name"],
        "definition": definition["handle"],
    }


def tell_defined(definition: dict[str, Any], done: Sequence[Outcome]) -> str | None:
    """Return the answer from the query's result; None before it, or when it failed."""
    good = [one for one in done if one.tool == _QUERY and not one.failed]
    if not good:
        return None
    result = good[0]
    name, handle = definition["name"], definition["handle"]
    if len(result.rows) == 1 and len(result.columns) == 1:
        text = f"{name} is {show(result, 0, 0)}, as {handle} defines it."
    else:
        text = f"This is {name}, as {handle} defines it."
    return f"{text}\n\n{{{{card {result.handle}}}}}"
