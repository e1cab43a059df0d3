"""The workload of `make chaos` finds what it is there to find, and remembers where it was."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.desk import EDITED
from tests.chaos.effects import Books, wrong_effects
from tests.chaos.errands import ERRANDS, insert
from tests.chaos.progress import Progress
from tests.chaos.promises import broken_notices
from tests.chaos.talk import Asked
from tests.chaos.tunnel import HungUp, Trap, Tunnel


def _asked(status: str = "succeeded", state: str = "output-available") -> Asked:
    asked = Asked("w0x1", "t", "r", 0, stopped=False, errand=ERRANDS["w"])
    asked.status = status
    asked.stored = {"parts": [{"type": "dynamic-tool", "toolCallId": "c1", "state": state}]}
    return asked


def _found(
    asked: Asked, happened: list[str], state: str | None, decided: str = "approved", **more: Any
) -> list[str]:
    request = {"run": "r", "status": decided, "unknown": False, "actions": [{"tool_call_id": "c1"}]}
    effect = {
        "run": "r",
        "call": "c1",
        "state": state,
        "begun": True,
        "sql": insert("w0x1"),
        **more,
    }
    return wrong_effects(Books({}, [request], [effect] if state else []), happened, [asked])


@pytest.mark.parametrize(
    ("happened", "state", "why"),
    [
        ([], "done", "wrote 'w0x1' 0 times"),
        (["w0x1", "w0x1"], "done", "wrote twice"),
        (["w0x1"], "not_done", "wrote 'w0x1' 1 times"),
        ([], None, "c1 was approved and never begun"),
        ([], "intended", "c1 is intended"),
        (["w0x1"], "unknown", "c1 is unknown"),
        (["w0x1", "w0x1 again"], "done", "nobody was promised it"),
    ],
)
def test_an_effect_that_is_missing_doubled_or_in_doubt_is_found(
    happened: list[str], state: str | None, why: str
) -> None:
    assert why in " ".join(_found(_asked(), happened, state))


def test_an_effect_that_nobody_approved_or_that_is_told_wrongly_is_found() -> None:
    assert "was not approved" in " ".join(_found(_asked(), ["w0x1"], "done", "rejected"))
    told = _found(_asked(state="output-error"), ["w0x1"], "done")
    assert "the answer shows it as output-error" in " ".join(told)


def test_what_was_done_once_or_undone_and_said_so_is_in_order() -> None:
    edited = {"sql": insert(f"w0x1{EDITED}"), "decided": "edited"}
    assert _found(_asked(), ["w0x1"], "done") == []
    assert _found(_asked(), [f"w0x1{EDITED}"], "done", **edited) == []
    assert _found(_asked(state="output-error"), [], "not_done") == []
    for happened in ([], ["w0x1"]):
        assert _found(_asked("cancelled"), happened, "intended") == []
    assert _found(_asked("cancelled"), ["w0x1"], "intended", begun=False) != []


def test_a_run_that_was_cut_off_goes_on_where_it_was(tmp_path: Path) -> None:
    state = tmp_path / "state"
    progress = Progress.resumed(state, None, 7)
    progress.done, progress.hits, progress.broken = 25, ["tool.after"], ["lost: q0x1"]
    progress.keep(state)
    assert Progress.resumed(state, None, 8) == progress
    assert Progress.resumed(state, 7, 8) == progress
    with pytest.raises(SystemExit):
        Progress.resumed(state, 9, 8)


@pytest.mark.parametrize("before", [True, False])
async def test_a_trap_springs_before_its_bytes_go_on_or_before_their_answer_does(
    before: bool,
) -> None:
    heard: list[bytes] = []

    async def far(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            heard.append(data)
            writer.write(b"done")
            await writer.drain()
        writer.close()

    async def hang_up() -> None:
        raise HungUp

    server = await asyncio.start_server(far, "127.0.0.1", 0)
    tunnel = Tunnel(server.sockets[0].getsockname()[1])
    await tunnel.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
    writer.write(b"BEGIN")
    assert await reader.read(100) == b"done"
    trap = tunnel.trap = Trap(b"COMMIT", before, hang_up)
    writer.write(b"COMMIT")
    with contextlib.suppress(ConnectionError):
        assert await reader.read(100) == b""
    assert trap.sprung.is_set()
    assert tunnel.trap is None
    assert heard == ([b"BEGIN"] if before else [b"BEGIN", b"COMMIT"])
    writer.transport.abort()
    await tunnel.close()
    server.close()


@pytest.mark.parametrize(
    ("status", "received", "why"),
    [
        ("delivered", {"evt_1"}, None),
        ("dropped", set[str](), None),
        ("delivered", {"evt_2"}, "never arrived"),
        ("failed", {"evt_1"}, "given up"),
    ],
)
def test_a_notice_that_did_not_arrive_is_told(
    status: str, received: set[str], why: str | None
) -> None:
    row = {"event_key": "evt_1", "status": status, "last_error": "The receiver is not there."}
    found = broken_notices([row], received)
    assert (why in found[0] and len(found) == 1) if why else not found
