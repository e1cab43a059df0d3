"""A power cut in the middle of an answer: the answer finishes, once."""

from pathlib import Path

import pytest

from datelier.runs.fold import fold
from tests.flows.asking import follow
from tests.support.installation import Installation, until
from tests.support.model_server import model_server, words

_WORDS = 300


@pytest.mark.contract("W1", "W5", "W14")
def test_everything_killed_and_started_again_finishes_the_answer_once(tmp_path: Path) -> None:
    with (
        model_server() as endpoint,
        Installation(tmp_path / "home", lease_seconds="3") as running,
    ):
        running.sign_up()
        name = f"{_WORDS}tok-20ms"
        model = {
            "name": "Slow",
            "provider": "generic",
            "model_name": name,
            "endpoint_url": endpoint,
        }
        model_id = running.call("POST", "/models", model | {"api_key": "sk-x"})["id"]
        source_id = running.call("POST", "/sources/sample")["id"]
        thread = running.call("POST", "/threads", {"source_ids": [source_id], "model_id": model_id})
        sent = running.call("POST", f"/threads/{thread['id']}/messages", {"text": "Tell me."})
        until(lambda: _words_so_far(running, sent["run_id"]) > 5, what="the first words")
        running.kill_everything()
        running.start()
        parts = follow(running.http, sent["run_id"])
        assert [seq for seq, _ in parts] == list(range(1, len(parts) + 1))
        assert parts[-1][1]["type"] == "finish"
        assert "reset-step" in [part["type"] for _, part in parts]
        folded = fold(part for _, part in parts)
        text = "".join(part["text"] for part in folded if part["type"] == "text")
        assert text.strip() == words(_WORDS).strip()
        messages = running.call("GET", f"/threads/{thread['id']}/messages")["data"]
        assert [message["role"] for message in messages] == ["user", "assistant"]
        assert messages[1]["parts"] == folded


def _words_so_far(running: Installation, run_id: str) -> int:
    with running.http.stream("GET", f"/runs/{run_id}/events") as response:
        seen = 0
        for line in response.iter_lines():
            seen += '"text-delta"' in line
            if seen > 5:
                break
    return seen
