"""A scripted model server and clients with short patience."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from datelier.llms.clients import ModelClients
from datelier.llms.config import ModelConfig
from tests.support.api import Account, Served
from tests.support.scripted_openai import ScriptedOpenAI

KEY = "sk-canary-7f3d9b1e5a"


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedOpenAI]:
    """A server that speaks the OpenAI protocol."""
    async with ScriptedOpenAI() as running:
        yield running


@pytest.fixture
async def clients() -> AsyncGenerator[ModelClients]:
    """Model clients that give up on a silent stream soon."""
    made = ModelClients(stream_gap_s=0.5)
    yield made
    await made.close()


@pytest.fixture
async def owner(served: Served) -> Account:
    """The owner of an organization on what the test serves."""
    return await served.account("owner")


@pytest.fixture
async def api(served: Served, owner: Account) -> AsyncGenerator[httpx.AsyncClient]:
    """What the test serves, as its owner calls it."""
    async with await served.signed_in(owner) as client:
        client.base_url = "http://127.0.0.1:8484/api/v1/"
        yield client


def config_of(ctx_or_org: Context, url: str | None, **changes: object) -> ModelConfig:
    """A configuration that is not stored."""
    values: dict[str, object] = {
        "id": uuid7(),
        "org_id": ctx_or_org.org_id,
        "number": 1,
        "name": "Test model",
        "provider": "generic",
        "model_name": "m",
        "endpoint_url": url,
        "sealed_key": None,
        "price_input": None,
        "price_output": None,
        "context_window": None,
        "parameters": {},
        "updated_at": now(),
        **changes,
    }
    return ModelConfig(**values)  # pyright: ignore[reportArgumentType]  # built from a mapping
