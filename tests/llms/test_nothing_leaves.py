"""An environment variable of LangChain's cannot make prompts leave the organization."""

import asyncio
import os
import subprocess
import sys

from tests.support.scripted_openai import ScriptedOpenAI, Turn

_PROGRAM = """
import asyncio, sys, threading
from uuid import uuid4
from datetime import datetime, UTC
from datelier.llms.clients import ModelClients
from datelier.llms.config import ModelConfig

config = ModelConfig(uuid4(), uuid4(), 1, "m", "generic", "m", sys.argv[1], None, None, None, None,
                     {}, datetime.now(UTC))

async def main():
    clients = ModelClients()
    model = clients.build(config, "k")
    print("".join([chunk.text async for chunk in model.astream("hello")]))
    await clients.close()

asyncio.run(main())
from langsmith.utils import tracing_is_enabled
assert tracing_is_enabled() is False
print([thread.name for thread in threading.enumerate() if "tracing" in thread.name.lower()])
"""


async def test_tracing_stays_off_whatever_the_environment_says(server: ScriptedOpenAI) -> None:
    server.script("m", [Turn.say("all quiet")])
    variables = {
        "LANGSMITH_TRACING": "true",
        "LANGCHAIN_TRACING_V2": "true",
        "LANGSMITH_API_KEY": "k",
        "LANGSMITH_ENDPOINT": f"http://127.0.0.1:{server.port}",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PATH": "/usr/bin:/bin",
    }
    before = len(server.requests)

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM, server.url,
        env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, errors = await process.communicate()
    assert out.decode().splitlines() == ["all quiet", "[]"], errors.decode()
    assert len(server.requests) == before + 1
