"""`datelier run` and `datelier inbox`: an agent that nobody watches asks, and is answered."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Typed, typed
from tests.cli.receiver import Receiver
from tests.support.installation import Installation, until
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

ASK = Turn.call("request_human", {"title": "Which year?", "details": "2025 or 2026."})
PROPOSE = Turn.call("start_background_run", {"goal": "Watch the orders."})


@pytest.fixture(scope="module")
def scripted(signed_in: Installation) -> Generator[ScriptedThread]:
    """A model called Scripted, beside the demo model."""
    with ScriptedThread() as models:
        signed_in.call(
            "POST",
            "/models",
            {
                "provider": "generic",
                "name": "Scripted",
                "model_name": "scripted-m",
                "endpoint_url": models.url,
            },
        )
        yield models


@pytest.mark.contract("S12", "S58")
def test_a_run_is_started_asks_is_answered_and_gives_its_result(
    signed_in: Installation, scripted: ScriptedThread
) -> None:
    scripted.script("scripted-m", [ASK, Turn.say("2026 it was.")])
    started = signed_in.run(
        "run", "start", "Count the year.", "--model", "Scripted", "--payload", '{"a": 1}',
        "--correlation-id", "cli-1",
    )  # fmt: skip
    assert started.returncode == 0, started.stderr
    run_id = started.stdout.strip()
    waits = signed_in.run("run", "watch", run_id)
    assert waits.returncode == 6, waits.stderr
    assert "Which year?" in waits.stderr
    assert waits.stdout == ""
    [asked] = [r for r in signed_in.run_json("inbox", "list") if r["run_id"] == run_id]
    assert asked["correlation_id"] == "cli-1"
    shown = signed_in.run("inbox", "show", str(asked["number"]))
    assert "2025 or 2026." in shown.stdout
    answered = signed_in.run("inbox", "respond", str(asked["number"]), "2026")
    assert (answered.returncode, answered.stdout.split()[1]) == (0, "responded")
    done = signed_in.run("run", "watch", run_id)
    assert (done.returncode, done.stdout.strip()) == (0, "2026 it was.")
    late = signed_in.run("inbox", "respond", str(asked["number"]), "2025")
    assert late.returncode == 5
    assert "Responded by" in late.stderr


def test_asking_ends_with_six_when_a_person_must_approve(
    signed_in: Installation, scripted: ScriptedThread
) -> None:
    scripted.script("scripted-m", [PROPOSE, Turn.say("Then not.")])
    done = signed_in.run("ask", "Watch the orders", "-s", "1", "-m", "Scripted")
    assert done.returncode == 6, done.stderr
    assert "/inbox/" in done.stderr
    [asked] = [r for r in signed_in.run_json("inbox", "list") if r["kind"] == "approval"]
    wrong = signed_in.run("inbox", "edit", str(asked["number"]), "--args", '{"goal": 7}')
    assert wrong.returncode == 2
    assert "goal" in wrong.stderr
    rejected = signed_in.run("inbox", "reject", asked["id"], "-m", "not now")
    assert rejected.returncode == 0, rejected.stderr
    assert "rejected" in rejected.stdout


@pytest.mark.contract("S24")
def test_calls_like_one_are_always_allowed_until_the_rule_is_forgotten(
    signed_in: Installation, scripted: ScriptedThread, receiver: Receiver
) -> None:
    agent = signed_in.call("POST", "/agents", {"name": "Sender"})
    path = f"/agents/{agent['id']}"
    draft = {"instructions": "Send.", "tools": {"http_request": "ask"}}
    signed_in.call("PUT", f"{path}/draft", draft, headers={"If-Match": '"1"'})
    signed_in.call("POST", f"{path}/publish", {"note": ""})

    def start() -> str:
        send = {"method": "POST", "url": receiver.url, "body": "from the agent"}
        scripted.script("scripted-m", [Turn.call("http_request", send), Turn.say("Sent.")])
        started = typed(
            signed_in, "run", "start", "Send it.", "--model", "Scripted", "--agent", "Sender"
        )
        assert started.code == 0, started.said
        return started.out.strip()

    def asked(run_id: str) -> str | None:
        found = json.loads(typed(signed_in, "inbox", "list", "--json").out)
        return next((str(r["number"]) for r in found if r["run_id"] == run_id), None)

    assert "asks each time" in typed(signed_in, "agent", "rules", "sender").said
    run_id = start()
    number = until(lambda: asked(run_id), what="the request")
    words = f"POST to http://{receiver.host}, with any path and body"
    dry = typed(signed_in, "inbox", "always", number, "--dry-run")
    assert (dry.code, dry.out.strip()) == (0, f"Sender, without asking: {words}")
    for wrong in ((), ("--json",), ("--action", "7", "--yes")):
        assert typed(signed_in, "inbox", "always", number, *wrong).code == 2
    assert json.loads(typed(signed_in, "agent", "rules", "sender", "--json").out) == []
    saved = typed(signed_in, "inbox", "always", number, "--after-reading", "--yes")
    assert saved.out.startswith(f"Rule 1: {words}")
    assert "still waits" in saved.said
    assert typed(signed_in, "inbox", "reject", number).code == 0
    assert typed(signed_in, "run", "watch", run_id).out.strip() == "Sent."
    receiver.seen.clear()
    done = typed(signed_in, "run", "watch", start())
    assert (done.code, done.out.strip()) == (0, "Sent.")
    assert receiver.seen == [b"from the agent"]
    shown = typed(signed_in, "agent", "rules", "sender").out.splitlines()
    assert shown[0].startswith(f"1  {words}")
    assert shown[1].endswith("used once")
    assert typed(signed_in, "agent", "forget-rule", "sender", "1").code == 0
    assert typed(signed_in, "agent", "forget-rule", "sender", "1").code == 4


def test_a_run_is_cancelled_while_it_waits(
    signed_in: Installation, scripted: ScriptedThread
) -> None:
    scripted.script("scripted-m", [ASK, Turn.say("Never said.")])
    run_id = signed_in.run_json("run", "start", "Wait.", "-m", "Scripted")["id"]
    assert signed_in.run("run", "watch", run_id).returncode == 6
    assert signed_in.run("run", "cancel", run_id).returncode == 0
    ended = signed_in.run("run", "watch", run_id)
    assert ended.returncode == 1
    assert signed_in.run_json("run", "show", run_id)["status"] == "cancelled"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("inbox", "show", "99999"), 4),
        (("inbox", "show", "nothing"), 4),
        (("run", "start", "x", "--payload", "{"), 2),
        (("run", "start", "x", "--agent", "nobody"), 4),
        (("run", "show", "01a1fd60-6815-70e4-8971-858ae303d1aa"), 4),
    ],
)
def test_what_is_not_there_is_said(
    signed_in: Installation, arguments: tuple[str, ...], code: int
) -> None:
    assert signed_in.run(*arguments).returncode == code


def test_what_an_agent_says_moves_no_terminal_and_hides_nothing(
    signed_in: Installation, scripted: ScriptedThread
) -> None:
    spoof = {"title": "Delete\u202e nothing\nrisk: read", "details": "See \x1b[2Jthis.\nnote: fine"}
    scripted.script(
        "scripted-m", [Turn.call("request_human", spoof), Turn.say("Done \x1b[8mhere.")]
    )
    run_id = signed_in.run("run", "start", "Hide it.", "--model", "Scripted").stdout.strip()
    waits = signed_in.run("run", "watch", run_id)
    assert waits.returncode == 6
    [asked] = [r for r in signed_in.run_json("inbox", "list") if r["run_id"] == run_id]
    shown = signed_in.run("inbox", "show", str(asked["number"])).stdout
    assert shown.splitlines()[0].endswith("Delete⟨U+202E⟩ nothing risk: read")
    assert "  about: See ⟨U+001B⟩[2Jthis.\n      note: fine\n" in shown
    signed_in.run("inbox", "respond", str(asked["number"]), "ok")
    done = signed_in.run("run", "watch", run_id)
    assert done.stdout == "Done ⟨U+001B⟩[8mhere.\n"
    for text in (waits.stderr, shown):
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_a_run_is_done_again_and_exported(
    signed_in: Installation, scripted: ScriptedThread, tmp_path: Path
) -> None:
    scripted.script("scripted-m", [Turn.say("Counted.")])
    first = signed_in.run("run", "start", "Count it.", "--model", "Scripted").stdout.strip()
    again = signed_in.run("run", "rerun", first, "--watch")
    assert (again.returncode, again.stdout.strip()) == (0, "Counted."), again.stderr
    listed = signed_in.run_json("run", "list", "--kind", "background")
    assert listed[0]["id"] != first
    file = tmp_path / "run.json"
    assert signed_in.run("run", "export", listed[0]["id"], "-o", str(file)).returncode == 0
    exported = json.loads(file.read_text(encoding="utf-8"))
    assert exported["run"]["title"] == "Count it."
    assert exported["events"][0]["seq"] == 1
    assert signed_in.run_json("run", "export", listed[0]["id"]) == exported


def test_an_edit_that_destroys_is_approved_only_when_somebody_says_so_again(
    signed_in: Installation,
) -> None:
    source = signed_in.call("POST", "/sources/sample?writable=true")
    demo = next(one["id"] for one in signed_in.call("GET", "/models")["data"] if one["is_demo"])
    goal = "Find missing values and propose a correction"
    body = {"agent": "steward", "goal": goal, "source_ids": [source["id"]], "model_id": demo}
    run = signed_in.call("POST", "/runs", body | {"report": "none"})

    def asked() -> dict[str, Any] | None:
        found = signed_in.call("GET", "/requests?view=open")["data"]
        return next((one for one in found if one["run_id"] == run["id"]), None)

    request = until(asked, seconds=60, what="the request")
    given = request["actions"][0]["args"]

    def edited(sql: str) -> Typed:
        args = json.dumps(given | {"sql": sql})
        return typed(signed_in, "inbox", "edit", str(request["number"]), "--args", args)

    everything = edited("DELETE FROM customers WHERE 1 = 1")
    assert (everything.code, "Use --yes." in everything.said) == (2, True), everything
    never = edited("DROP TABLE customers")
    assert never.code == 1
    assert never.said.startswith("As edited this cannot be done: ")
    assert signed_in.call("GET", f"/requests/{request['id']}")["decisions"] == []
    harmless = edited(f"{given['sql']} AND region = 'North'")
    assert harmless.code == 0, harmless
    assert typed(signed_in, "run", "watch", run["id"]).code == 0
    signed_in.call("DELETE", f"/sources/{source['id']}")
