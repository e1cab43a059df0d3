"""A power cut in the middle of an answer: the answer finishes, once."""

from pathlib import Path
from typing import Any

import pytest

from datelier.runs.fold import fold
from tests.flows.asking import follow
from tests.support.installation import Installation, until
from tests.support.scripted_openai import ScriptedOpenAI, text_turn

_WORDS = [f"word{index} " for index in range(300)]


@pytest.mark.contract("W1", "W5")
async def test_everything_killed_and_started_again_finishes_the_answer_once(tmp_path: Path) -> None:
    async with ScriptedOpenAI() as server:
        server.script("slow", [text_turn(_WORDS, pause=0.01)] * 3)
        with Installation(tmp_path / "home", lease_seconds="3") as running:
            running.sign_up()
            model = running.call(
                "POST",
                "/models",
                {
                    "name": "slow",
                    "provider": "generic",
                    "model_name": "slow",
                    "endpoint_url": server.url,
                    "api_key": "sk-x",
                },
            )
            source = running.call("POST", "/sources/sample")
            thread = running.call(
                "POST", "/threads", {"source_ids": [source["id"]], "model_id": model["id"]}
            )
            sent = running.call("POST", f"/threads/{thread['id']}/messages", {"text": "Tell me."})
            until(lambda: len(_deltas(running, sent["run_id"])) > 5, what="the first words")
            running.kill_everything()
            running.start()
            parts = follow(running.http, sent["run_id"])
            assert [seq for seq, _ in parts] == list(range(len(parts)))
            assert parts[-1][1]["type"] == "finish"
            folded = fold(part for _, part in parts)
            text = "".join(part["text"] for part in folded if part["type"] == "text")
            assert text == "".join(_WORDS)
            messages = running.call("GET", f"/threads/{thread['id']}/messages")["data"]
            assert [message["role"] for message in messages] == ["user", "assistant"]
            assert messages[1]["parts"] == folded


def _deltas(running: Installation, run_id: str) -> list[dict[str, Any]]:
    status = running.call("GET", f"/runs/{run_id}")["status"]
    assert status in {"queued", "running"}, status
    with running.http.stream("GET", f"/runs/{run_id}/events") as response:
        found: list[dict[str, Any]] = []
        for line in response.iter_lines():
            if '"text-delta"' in line:
                found.append({"line": line})
            if len(found) > 5:
                return found
    return found
