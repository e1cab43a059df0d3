"""The scripted model server for tests that block: it runs in a thread with a loop of its own."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from tests.support.scripted_openai import ScriptedOpenAI, Turn


class ScriptedThread:
    """A `ScriptedOpenAI` behind plain calls; usable as a context manager."""

    def __init__(self) -> None:
        self._server = ScriptedOpenAI()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        """Base URL of the API."""
        return self._server.url

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The parsed bodies that arrived so far."""
        return list(self._server.requests)

    @property
    def headers(self) -> list[dict[str, str]]:
        """The headers of the requests that arrived so far."""
        return list(self._server.headers)

    def script(self, model: str, turns: Sequence[Turn]) -> None:
        """Answer requests for `model` with `turns` in order; the last one repeats."""
        self._loop.call_soon_threadsafe(self._server.script, model, turns)

    def respond(self, model: str, responder: Callable[[dict[str, Any]], Turn]) -> None:
        """Answer requests for `model` with what `responder(body)` returns."""
        self._loop.call_soon_threadsafe(self._server.respond, model, responder)

    def release(self, turn: Turn) -> None:
        """Let a turn that waits for its `release` go on."""
        assert turn.release is not None
        self._loop.call_soon_threadsafe(turn.release.set)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._server.__aenter__(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(kind, error, trace), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._server.__aexit__(kind, error, trace)
        ours = asyncio.current_task()
        serving = [task for task in asyncio.all_tasks() if task is not ours]
        # Their connections are closed now; cancelling one that is about to end makes asyncio complain.
        if serving:
            await asyncio.wait(serving, timeout=1)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
