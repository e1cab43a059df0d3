"""A TCP tunnel that can be cut without a word, as a broken network is, and that can lie in wait."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import final


class HungUp(Exception):
    """The connection is to end here."""


@dataclass
class Trap:
    """What happens when certain bytes come through.

    Attributes:
        needle: The bytes, on their way to the far side.
        before: Whether it happens before they go on, or after they were answered.
        spring: What happens; :class:`HungUp` ends the connection. The answer is not passed on then.
    """

    needle: bytes
    before: bool
    spring: Callable[[], Awaitable[None]]
    sprung: asyncio.Event = field(default_factory=asyncio.Event)


@final
class Tunnel:
    """Forwards a loopback port to another one.

    While it is cut, bytes are neither forwarded nor refused and nobody is told: each side
    waits for the other. Afterwards the connections of that time are dead.

    Args:
        port: Where it leads.

    Attributes:
        trap: Sprung by the first connection that carries its bytes, and gone then.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._server: asyncio.Server | None = None
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.trap: Trap | None = None

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Forward nothing from now on."""
        self._open.clear()

    def heal(self) -> None:
        """Let new connections through; those of before are closed."""
        for task in self._tasks:
            task.cancel()
        self._open.set()

    async def close(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        self.heal()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far: asyncio.StreamWriter | None = None
        try:
            await self._open.wait()
            far_reader, far = await asyncio.open_connection("127.0.0.1", self._to)
            answered: list[Trap] = []  # traps that wait for the answer on this connection
            async with asyncio.TaskGroup() as both:
                both.create_task(self._there(reader, far, answered))
                both.create_task(self._back(far_reader, writer, answered))
        except (OSError, asyncio.CancelledError, ExceptionGroup):
            pass
        finally:
            self._tasks.discard(task)
            for side in (writer, far):
                if side is not None:
                    side.transport.abort()

    async def _there(
        self, reader: asyncio.StreamReader, far: asyncio.StreamWriter, answered: list[Trap]
    ) -> None:
        while data := await reader.read(65536):
            await self._open.wait()
            trap = self.trap
            if trap is not None and trap.needle in data:
                self.trap = None
                if trap.before:
                    await _sprung(trap)
                else:
                    answered.append(trap)
            far.write(data)
            await far.drain()
        with contextlib.suppress(OSError):
            far.write_eof()

    async def _back(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answered: list[Trap]
    ) -> None:
        while data := await reader.read(65536):
            await self._open.wait()
            if answered:
                await _sprung(answered.pop())
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()


async def _sprung(trap: Trap) -> None:
    try:
        await trap.spring()
    finally:
        trap.sprung.set()
