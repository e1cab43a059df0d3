"""The benchmark's model server as a process of its own, for tests that block."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

from tests.support.installation import ROOT
from tests.support.ports import free_port


@contextmanager
def model_server() -> Generator[str]:
    """Yield the base URL of a server whose models' names are their scripts, as `300tok-10ms`."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.scripted_model", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def words(count: int) -> str:
    """Return the text that a model named ``<count>tok-…`` says."""
    return "".join(f"tk{index}q " for index in range(count))
