"""Whatever a model does, the run ends, says why, keeps what was made, and the chat goes on."""

from collections.abc import Callable, Generator
from typing import Any

import pytest

from datelier.runs.fold import fold
from tests.flows.asking import Told, follow
from tests.support.installation import Installation, until
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

_COUNT = {"sql": "select count(*) as orders from orders"}


@pytest.fixture(scope="module")
def models() -> Generator[ScriptedThread]:
    with ScriptedThread() as server:
        yield server


class Desk:
    """A chat with one scripted model on the sample."""

    def __init__(self, installation: Installation, models: ScriptedThread, name: str) -> None:
        self.installation, self.models, self.name = installation, models, name
        model = {
            "name": name,
            "provider": "generic",
            "model_name": name,
            "endpoint_url": models.url,
            "api_key": "sk-hidden-key",
        }
        model_id = installation.call("POST", "/models", model)["id"]
        self.source_id: str = installation.call("POST", "/sources/sample")["id"]
        self.thread_id: str = installation.call(
            "POST", "/threads", {"source_ids": [self.source_id], "model_id": model_id}
        )["id"]

    def send(self, text: str = "How many orders?") -> str:
        path = f"/threads/{self.thread_id}/messages"
        return self.installation.call("POST", path, {"text": text})["run_id"]

    def ask(self, *turns: Turn) -> Told:
        self.models.script(self.name, turns)
        run_id = self.send()
        return Told(self.thread_id, run_id, follow(self.installation.http, run_id))

    def run(self, told: Told) -> dict[str, Any]:
        return self.installation.call("GET", f"/runs/{told.run_id}")

    def verify_failed(self, told: Told, code: str) -> None:
        """The log's last part, the run and the message tell the same failure."""
        last = told.parts[-1][1]
        assert (last["type"], last.get("code")) == ("error", code)
        assert last["errorText"]
        run = self.run(told)
        assert run["status"] == "failed"
        assert run["error"]["code"] == code
        message = self.answer()
        assert message["status"] == "failed"
        assert message["metadata"]["error"]["code"] == code
        assert message["parts"] == fold(part for _, part in told.parts)
        assert "sk-hidden-key" not in str(told.parts) + str(message)

    def answer(self) -> dict[str, Any]:
        path = f"/threads/{self.thread_id}/messages"
        return self.installation.call("GET", path)["data"][-1]

    def verify_usable(self) -> None:
        told = self.ask(Turn.say("All is well."))
        assert told.text == "All is well."
        assert self.run(told)["status"] == "succeeded"


@pytest.fixture
def desk(
    installation: Installation, models: ScriptedThread, request: pytest.FixtureRequest
) -> Desk:
    return Desk(installation, models, request.node.name)


@pytest.mark.parametrize(
    ("turn", "code"),
    [
        (Turn.refuse, "model_key_refused"),
        (lambda: Turn.refuse(404, "no such model"), "model_not_found"),
        (Turn.rate_limited, "model_rate_limited"),
        (Turn.broken, "model_failed"),
        (Turn.reset, "model_bad_answer"),
        (Turn.garbage, "model_bad_answer"),
        (Turn.error_body, "model_bad_answer"),
    ],
    ids=["key", "name", "rate", "server", "reset", "garbage", "error body"],
)
def test_a_refusal_is_told_by_name_and_the_chat_goes_on(
    desk: Desk, turn: Callable[[], Turn], code: str
) -> None:
    desk.verify_failed(desk.ask(turn()), code)
    desk.verify_usable()


@pytest.mark.parametrize(
    "turn", [Turn.cut, Turn.cut_utf8, Turn.error_event], ids=["cut", "cut in a letter", "event"]
)
def test_a_stream_that_breaks_keeps_what_was_said(desk: Desk, turn: Callable[[str], Turn]) -> None:
    told = desk.ask(turn("There are many"))
    assert told.parts[-1][1]["code"] in {"model_bad_answer", "model_failed", "model_unreachable"}
    desk.verify_failed(told, told.parts[-1][1]["code"])
    assert "There are many" in " ".join(
        part["text"] for part in desk.answer()["parts"] if part["type"] == "text"
    )
    desk.verify_usable()


@pytest.mark.contract("D86", "W5")
def test_a_failure_after_a_query_keeps_the_query(desk: Desk) -> None:
    told = desk.ask(
        Turn.call("execute_sql_query", _COUNT | {"source_id": desk.source_id}), Turn.broken()
    )
    desk.verify_failed(told, "model_failed")
    assert told.data("query")[-1]["status"] == "done"
    rows = desk.installation.call("GET", f"/results/{told.data('query')[-1]['result_id']}/rows")
    assert rows["row_count"] == 1
    desk.verify_usable()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("format_disk", {}),
        ("execute_sql_query", "{not json"),
        ("execute_sql_query", {"sql": 7, "source_id": []}),
        ("execute_sql_query", {"sql": "select 1", "source_id": "somebody else's"}),
        ("create_chart", {"spec": "no chart"}),
    ],
    ids=["unknown tool", "broken JSON", "wrong types", "unknown source", "no chart"],
)
def test_a_call_that_makes_no_sense_is_answered_and_the_model_may_try_again(
    desk: Desk, name: str, arguments: dict[str, Any] | str
) -> None:
    told = desk.ask(Turn.call(name, arguments), Turn.say("I was wrong."))
    kinds = [part["type"] for _, part in told.parts]
    assert "tool-output-error" in kinds
    assert told.text == "I was wrong."
    assert desk.run(told)["status"] == "succeeded"
    answered = desk.models.requests[-1]["messages"][-1]
    assert answered["role"] == "tool"
    assert answered["content"]
    desk.verify_usable()


def test_a_model_that_never_stops_calling_is_stopped_and_its_work_kept(desk: Desk) -> None:
    told = desk.ask(Turn.call("execute_sql_query", _COUNT | {"source_id": desk.source_id}))
    desk.verify_failed(told, "step_limit")
    assert len(told.data("query")) > 3
    desk.verify_usable()


def test_a_model_that_stalls_can_be_stopped_and_what_it_said_stays(desk: Desk) -> None:
    desk.models.script(desk.name, [Turn.stall("Just a moment")])
    run_id = desk.send()
    until(
        lambda: desk.installation.call("GET", f"/runs/{run_id}")["status"] == "running",
        what="the run",
    )
    until(lambda: _said(desk, run_id), what="the first words")
    desk.installation.call("POST", f"/runs/{run_id}/stop")
    parts = follow(desk.installation.http, run_id)
    assert parts[-1][1]["type"] == "abort"
    message = desk.answer()
    assert message["status"] == "stopped"
    assert "Just a moment" in str(message["parts"])
    desk.verify_usable()


def _said(desk: Desk, run_id: str) -> bool:
    with desk.installation.http.stream("GET", f"/runs/{run_id}/events") as response:
        return any("moment" in line for line in response.iter_lines())


def test_an_empty_and_a_huge_answer_end_as_answers(desk: Desk) -> None:
    assert desk.run(desk.ask(Turn.empty()))["status"] in {"succeeded", "failed"}
    told = desk.ask(Turn.huge(200_000))
    assert desk.run(told)["status"] == "succeeded"
    assert len(told.text) > 190_000
    desk.verify_usable()
