"""The scripted model server on a loop of its own, for tests that block."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager

from tests.support.scripted_openai import ScriptedOpenAI


@contextmanager
def scripted_openai() -> Generator[ScriptedOpenAI]:
    """Yield a running server; scripts may be set from the test's thread at any time."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = ScriptedOpenAI()
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
        yield server
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
