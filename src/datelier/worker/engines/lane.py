"""A thread of its own for one blocking driver, which nobody has to wait for when it hangs."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Final, TypeVar

GRACE_S: Final = 2.0
_T = TypeVar("_T")
_Job = tuple[Callable[[], Any], "Future[Any]"]


class Lane:
    """Runs blocking work in order, one piece at a time.

    Args:
        stop: Tells running work to end soon; called from the event loop.
        name: Of the thread.
    """

    def __init__(self, stop: Callable[[], None], name: str) -> None:
        self._stop = stop
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._name = name
        self._thread: threading.Thread | None = None
        self.stuck = False

    async def run(self, work: Callable[[], _T]) -> _T:
        """The result of `work`; when the task is cancelled, it is stopped first.

        Work that does not stop within `GRACE_S` is left to its thread, and its result dropped;
        from then on the lane is `stuck`.
        """
        if self._thread is None:
            # A daemon: work that never ends must not keep the process alive.
            self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
            self._thread.start()
        future: Future[_T] = Future()
        self._jobs.put((work, future))
        waiting = asyncio.wrap_future(future)
        try:
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            self._stop()
            await asyncio.wait({waiting}, timeout=GRACE_S)
            if waiting.done():
                waiting.exception()
            else:
                self.stuck = True
                waiting.cancel()
            raise

    async def close(self, work: Callable[[], None]) -> None:
        """Run `work` as the last piece, whenever the thread gets there."""
        if self._thread is None:
            return
        last: Future[None] = Future()
        self._jobs.put((work, last))
        self._jobs.put(None)
        self._thread = None
        self._stop()
        waiting = asyncio.wrap_future(last)
        await asyncio.wait({waiting}, timeout=GRACE_S)
        if not waiting.done():
            waiting.cancel()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, future = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                future.set_exception(error)
