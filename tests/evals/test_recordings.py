"""Model traffic is recorded without secrets and said again; what differs is named."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import given, strategies as st

from datelier.evals.endpoint import Endpoint, Said, heard, heard_whole, spoken
from datelier.evals.errors import RecordingInvalid
from datelier.evals.exchanges import read_request
from datelier.evals.recording import Player, Recorder, Recording, load_recording, save_recording
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

KEY = "sk-" + "verysecret" * 4
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
_SAID = st.builds(
    Said,
    st.lists(st.text(min_size=1, max_size=5), max_size=4).map(tuple),
    st.text(max_size=5),
    st.lists(
        st.fixed_dictionaries(
            {"id": st.just("c1"), "name": st.just("look"), "arguments": st.text()}
        ),
        max_size=2,
    ).map(tuple),
    st.none() | st.tuples(st.integers(0, 99), st.integers(0, 99)),
    st.sampled_from(["stop", "length", "tool_calls"]),
)


def body(*messages: str, **more: Any) -> dict[str, Any]:
    said = [{"role": "system", "content": messages[0]}]
    said += [{"role": "user", "content": text} for text in messages[1:]]
    return {"model": "m", "stream": True, "messages": said, "tools": [TOOL], **more}


@pytest.fixture
def upstream() -> Generator[ScriptedThread]:
    with ScriptedThread() as server:
        yield server


@given(_SAID, st.booleans())
def test_what_is_said_is_heard_again(said: Said, streamed: bool) -> None:
    reply = spoken(said, {"model": "m", "stream": streamed})
    raw = b"".join(reply.chunks)
    again = heard(raw.split(b"\n")) if streamed else heard_whole(raw)
    assert (again.text, again.reasoning, again.calls) == (said.text, said.reasoning, said.calls)
    assert (again.usage, again.finish) == (said.usage, said.finish)
    if streamed:
        assert again.pieces == said.pieces


@given(st.lists(st.tuples(st.text(max_size=30), _SAID), max_size=4))
def test_a_recording_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, exchanges: list[tuple[str, Said]]
) -> None:
    path = tmp_path_factory.mktemp("recording") / "r.yaml"
    recording = Recording("m", {"input": 2.5})
    recording.exchanges = [(read_request(body("rules", text)), said) for text, said in exchanges]
    save_recording(recording, path)
    assert load_recording(path).exchanges == recording.exchanges


def record(upstream: ScriptedThread, path: Path, *bodies: dict[str, Any]) -> list[bytes]:
    recording = Recording("m")
    recorder = Recorder(recording, upstream.url)
    with Endpoint(recorder.answer) as endpoint:
        answers = [
            httpx.post(
                f"{endpoint.url}/chat/completions",
                json=one,
                headers={"authorization": f"Bearer {KEY}"},
                trust_env=False,
            ).content
            for one in bodies
        ]
    recorder.close()
    save_recording(recording, path)
    return answers


def replay(path: Path, *bodies: dict[str, Any]) -> tuple[list[httpx.Response], Player]:
    player = Player(load_recording(path))
    with Endpoint(player.answer) as endpoint:
        url = f"{endpoint.url}/chat/completions"
        return [httpx.post(url, json=one, trust_env=False) for one in bodies], player


def test_a_recording_answers_as_the_endpoint_did(upstream: ScriptedThread, tmp_path: Path) -> None:
    upstream.script("m", [Turn.call("look", {"at": 1}), Turn.say("Ünïcode in two pieces")])
    asked = [body("rules", "one"), body("rules", "two", temperature=0.5)]
    answers = record(upstream, tmp_path / "r.yaml", *asked)
    replies, player = replay(tmp_path / "r.yaml", *asked)
    for before, after in zip(answers, replies, strict=True):
        assert heard(before.splitlines()) == heard(after.content.splitlines())
    assert player.misses == []


def test_no_secret_is_in_the_file(upstream: ScriptedThread, tmp_path: Path) -> None:
    other = "dtl_" + "a1" * 20
    upstream.script("m", [Turn.say(f"Your key is {KEY} and {other}.")])
    asked = body(f"The key {KEY}", f"and Bearer {'x' * 30}", user="somebody", metadata={"k": KEY})
    record(upstream, tmp_path / "r.yaml", asked)
    # It did reach the endpoint.
    assert upstream.headers[-1]["authorization"] == f"Bearer {KEY}"
    text = (tmp_path / "r.yaml").read_text(encoding="utf-8")
    assert KEY not in text
    assert other not in text
    assert "x" * 30 not in text
    assert "somebody" not in text
    replies, _ = replay(tmp_path / "r.yaml", asked)
    assert replies[0].status_code == 200


def test_what_changes_with_every_run_does_not_count(
    upstream: ScriptedThread, tmp_path: Path
) -> None:
    upstream.script("m", [Turn.say("Yes.")])
    first = (
        "Today is Monday, 2026-03-02.\nExecution time: 3ms\nid 01890a5d-ac96-774b-bcce-b302099a8057"
    )
    later = "Today is Friday, 2027-01-08.\nExecution time: 91ms\nid 01890a5d-ac96-774b-bcce-b302099a8058"
    record(upstream, tmp_path / "r.yaml", body(first, "?"))
    replies, _ = replay(tmp_path / "r.yaml", body(later, "?"), body(f"{later}!", "?"))
    assert [reply.status_code for reply in replies] == [200, 404]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (body("rules", "two"), "message 2 (user): line 1 was “one”, it is “two”"),
        (body("rules", "one", "more"), "2 messages were recorded, 3 came"),
        (body("rules", "one", temperature=1), "temperature was null, it is 1"),
        (body("rules", "one", tools=[]), "the tool look is gone"),
    ],
)
def test_a_request_without_a_recording_says_what_differs(
    upstream: ScriptedThread, tmp_path: Path, asked: dict[str, Any], says: str
) -> None:
    record(upstream, tmp_path / "r.yaml", body("rules", "one"))
    replies, player = replay(tmp_path / "r.yaml", asked)
    assert replies[0].status_code == 404
    assert says in replies[0].json()["error"]["message"]
    assert says in player.miss(asked["messages"][-1]["content"])


def test_failures_of_the_endpoint_are_passed_on_and_not_kept(
    upstream: ScriptedThread, tmp_path: Path
) -> None:
    upstream.script("m", [Turn.refuse(401), Turn.say("Now.")])
    record(upstream, tmp_path / "r.yaml", body("rules", "one"), body("rules", "one"))
    assert [said.text for _, said in load_recording(tmp_path / "r.yaml").exchanges] == ["Now."]


def test_answers_to_the_same_request_come_in_their_order(
    upstream: ScriptedThread, tmp_path: Path
) -> None:
    upstream.script("m", [Turn.say("First."), Turn.say("Second.")])
    asked = body("rules", "one")
    record(upstream, tmp_path / "r.yaml", asked, asked)
    replies, _ = replay(tmp_path / "r.yaml", asked, asked, asked)
    said = [heard(reply.content.splitlines()).text for reply in replies]
    assert said == ["First.", "Second.", "Second."]


def test_a_file_that_is_no_recording_or_was_changed_is_refused(
    upstream: ScriptedThread, tmp_path: Path
) -> None:
    path = tmp_path / "r.yaml"
    record(upstream, path, body("rules", "one"))
    text = path.read_text(encoding="utf-8")
    for changed, says in [
        (text.replace("content: one", "content: two"), "was changed"),
        (text.replace("version: 1", "version: 7"), "of version 7"),
        (json.dumps({"a": 1}), "is no recording"),
        ("{", "is no recording"),
        ("", "is no recording"),
    ]:
        path.write_text(changed, encoding="utf-8")
        with pytest.raises(RecordingInvalid) as refusal:
            load_recording(path)
        assert says in refusal.value.message


def test_the_file_can_be_read_by_people(upstream: ScriptedThread, tmp_path: Path) -> None:
    upstream.script("m", [Turn.say("Revenue is 3.")])
    path = tmp_path / "r.yaml"
    record(upstream, path, body("Line one.\nLine two.", "a"), body("Line one.\nLine two.", "b"))
    text = path.read_text(encoding="utf-8")
    assert text.count("Line one.") == 1  # each message is there once
    assert "content: |-\n  Line one.\n  Line two.\n" in text
    kinds = [next(iter(one)) for one in yaml.safe_load_all(text)]
    assert kinds == ["format", "message", "message", "tools", "exchange", "message", "exchange"]
