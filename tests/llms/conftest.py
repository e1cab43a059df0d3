"""A scripted model server and clients with short patience."""

from collections.abc import AsyncGenerator

import pytest

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from datelier.llms.clients import ModelClients
from datelier.llms.config import ModelConfig
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
