"""The client of the WebSocket reference, run as it stands there."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.chat.conftest import Place
from tests.support.scripted_openai import Turn

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "websocket.md"


def documented() -> Callable[..., Awaitable[str]]:
    """The function that the page defines."""
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, PAGE.name, "exec"), names)  # our own documentation
    return names["answer"]


async def test_the_documented_client_reads_an_answer_to_its_end(place: Place) -> None:
    place.script(Turn.say("There are 42 orders."))
    thread_id = await place.thread()
    said = await documented()(place.url, place.secret, thread_id, "How many orders?")
    assert said == "There are 42 orders."
