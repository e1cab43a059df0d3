"""From nothing to the first chart, through the public interface only."""

import json

import pytest

from tests.flows.asking import ask
from tests.support.installation import Installation


@pytest.mark.contract("Q13", "Q15", "Q17")
def test_a_new_installation_says_that_it_can_answer(installation: Installation) -> None:
    status = installation.call("GET", "/status")
    assert status["workers"]["online"] == 1
    assert status["model"]["configured"]
    assert status["model"]["is_demo"]
    capabilities = installation.call("GET", "/studio/agent/capabilities")
    assert capabilities["agent_available"]
    assert capabilities["llm_configured"]
    assert "key" not in str(capabilities).lower()


def test_sample_data_and_one_starter_give_a_chart_with_its_sql(installation: Installation) -> None:
    source = installation.call("POST", "/sources/sample")
    starters = installation.call("GET", f"/sources/{source['id']}/starters")["questions"]
    assert len(starters) == 4
    told = ask(installation, source["id"], starters[0])
    query = told.data("query")[-1]
    assert query["status"] == "done"
    assert query["row_count"] > 12
    chart = installation.call("GET", f"/charts/{told.data('chart')[-1]['chart_id']}")
    assert chart["query_handle"] == query["handle"]
    assert len(chart["data"]) == query["row_count"]
    assert told.text
    assert told.parts[-1][1]["type"] == "finish"
    assert [seq for seq, _ in told.parts] == list(range(1, len(told.parts) + 1))


def test_every_starter_of_the_sample_is_answered(installation: Installation) -> None:
    source = installation.call("POST", "/sources/sample")
    for question in installation.call("GET", f"/sources/{source['id']}/starters")["questions"]:
        told = ask(installation, source["id"], question)
        assert told.data("query"), question
        assert all(query["status"] == "done" for query in told.data("query")), question
        assert told.parts[-1][1]["type"] == "finish", question


@pytest.mark.contract("D81", "Q7")
def test_the_chat_door_streams_events_as_its_clients_expect(installation: Installation) -> None:
    source = installation.call("POST", "/sources/sample")
    words = [{"type": "text", "text": "Revenue by month"}]
    body = {
        "id": "a-chat-of-my-own",
        "message": {"id": "m1", "role": "user", "parts": words},
        "source_ids": [source["id"]],
    }
    with installation.http.stream("POST", "/chat", json=body, timeout=90) as response:
        assert response.is_success, response.read()
        headers = response.headers
        lines = [line for line in response.iter_lines() if line.startswith("data:")]
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert headers["x-accel-buffering"] == "no"
    assert "no-cache" in headers["cache-control"] or "no-store" in headers["cache-control"]
    assert json.loads(lines[0][5:])["type"] == "start"
    assert lines[-1] == "data: [DONE]"
