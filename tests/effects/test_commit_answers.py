"""What MariaDB answers to COMMIT, and what is believed of it: a refusal only where it is one."""

import asyncio
import struct
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from typing_extensions import override

from datelier.effects.writes import write
from datelier.kit.context import Context, Resources
from datelier.kit.tools import OutcomeUnknown
from datelier.sources.errors import ActionFailed
from datelier.sources.gateway import ActionResult, Order, WorkerGateway
from datelier.sources.target import Target
from datelier.sources.worker_stream import OnBatch
from datelier.wire.arrow import encode_columns
from datelier.worker.actions import Action
from datelier.worker.engines.opening import Engines
from datelier.worker.errors import WorkerError
from datelier.worker.writing import KEEP, perform_write
from tests.effects.conftest import Home
from tests.effects.test_http import context
from tests.support.mariadb import ScratchMariaDB, running_mariadb

Run = Callable[..., None]
COMMIT = b"\x07\0\0\0\x03COMMIT"
CHANGE = "UPDATE orders SET status = 'closed' WHERE id = 1"


@pytest.fixture(scope="module")
def maria() -> Generator[ScratchMariaDB]:
    with running_mariadb() as server:
        server.run(
            "CREATE USER writer IDENTIFIED BY 'pass-w0rd'",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON app.* TO writer",
            "CREATE TABLE orders (id INT PRIMARY KEY, status VARCHAR(10))",
            "INSERT INTO orders VALUES (1, 'open')",
        )
        yield server


@pytest.fixture
def closed(maria: ScratchMariaDB) -> Generator[list[tuple[Any, ...]]]:
    yield [("closed",)]
    maria.run("SET GLOBAL read_only = 0", "UPDATE orders SET status = 'open'")


def refusal(number: int) -> bytes:
    text = b"\xff" + struct.pack("<H", number) + b"#HY000Got error 28 during COMMIT"
    return struct.pack("<I", len(text) | 1 << 24) + text


@asynccontextmanager
async def between(maria: ScratchMariaDB, answer: bytes) -> AsyncGenerator[int]:
    """Stand before the server: it commits, and `answer` comes instead; none ends the connection."""
    pumps: set[asyncio.Task[None]] = set()

    async def serve(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(maria.host, maria.port)
        committing = asyncio.Event()

        async def onward() -> None:
            while sent := await client.read(65536):
                if sent == COMMIT:
                    committing.set()
                to_server.write(sent)
            to_server.close()

        pump = asyncio.create_task(onward())
        pumps.add(pump)
        while got := await server.read(65536):
            if committing.is_set():
                got = answer
                committing.clear()
            if not got:
                break
            back.write(got)
        back.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


def nothing(*_statements: str) -> None:
    return


async def code(
    maria: ScratchMariaDB, folder: Path, *before: str, port: int = 0, run: Run = nothing
) -> str:
    """The code of the failure of a write whose COMMIT comes after what `run` does."""
    engines = Engines(str(folder))
    source = maria.source("writer", "pass-w0rd", access="write", tls="disable")
    source["port"] = port or maria.port

    async def emit(_data: bytes, _rows: int) -> None:
        return

    async def confirmed() -> None:
        run(*before)

    action = Action("write", source, {"sql": CHANGE}, timeout_s=20)
    try:
        with pytest.raises(WorkerError) as failed:
            await perform_write(action, engines, emit, confirmed)
    finally:
        await engines.close()
    return failed.value.code


@pytest.mark.parametrize(
    "answer",
    [refusal(1180), refusal(1317), refusal(1030), refusal(1026), refusal(1969), b""],
    ids=["during commit", "interrupted", "engine", "log", "timeout", "lost"],
)
async def test_what_was_committed_is_not_said_to_be_undone_whatever_the_answer(
    maria: ScratchMariaDB, closed: list[tuple[Any, ...]], tmp_path: Path, answer: bytes
) -> None:
    async with between(maria, answer) as port:
        assert await code(maria, tmp_path, port=port) != "not_written"
    assert maria.rows("SELECT status FROM orders") == closed


async def test_a_server_that_became_read_only_meanwhile_has_undone_it(
    maria: ScratchMariaDB, closed: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    read_only = "SET GLOBAL read_only = 1"
    assert await code(maria, tmp_path, read_only, run=maria.run) == "not_written"
    assert maria.rows("SELECT status FROM orders") != closed


async def test_whoever_waited_in_vain_for_its_turn_to_commit_has_been_undone(
    maria: ScratchMariaDB, closed: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    with maria.connect() as backup, backup.cursor() as cursor:

        def run(*statements: str) -> None:
            for statement in statements:
                cursor.execute(statement)

        stages = ("BACKUP STAGE START", "BACKUP STAGE BLOCK_COMMIT")
        assert await code(maria, tmp_path, *stages, run=run) == "not_written"
    assert maria.rows("SELECT status FROM orders") != closed


class Unsure(WorkerGateway):
    """A worker whose database answered COMMIT with an error that says nothing."""

    @override
    async def perform_on(
        self, ctx: Context, target: Target, order: Order, *, on_batch: OnBatch | None = None
    ) -> ActionResult:
        if order.action == "outcome":
            return ActionResult({"ending": "unknown"})
        assert on_batch is not None
        await on_batch(encode_columns(KEEP, ("string", "int64"), ([None], [3])), 1)
        raise ActionFailed("Got error 28 during COMMIT")


async def test_an_answer_that_says_nothing_leaves_the_write_unknown_and_says_why(
    writable: Home,
) -> None:
    kept = writable.place.resources
    own = Resources(kept.settings, kept.db, kept.blobs, kept.cipher)
    own.register(WorkerGateway, Unsure(own))
    at = context(writable)
    at = replace(at, ctx=replace(at.ctx, resources=own))
    with pytest.raises(OutcomeUnknown, match="error 28 during COMMIT"):
        await write(at, UUID(writable.source_id), CHANGE)
    async with kept.db.system() as session:
        found = await session.execute(
            text("select state, note from effect where run_id = :run"), {"run": at.run_id}
        )
        state, note = found.one()
    assert (state, "error 28 during COMMIT" in note) == ("unknown", True)
