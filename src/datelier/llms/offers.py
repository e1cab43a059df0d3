"""Models that are already within reach: keys in the environment, servers on this machine.

Nothing is used because it was found. It is offered, and becomes a row when accepted.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx

from datelier.kit.environment import environment
from datelier.kit.guarded_http import AddressPolicy, guarded_client
from datelier.llms.catalog import PROVIDERS
from datelier.llms.schemas import Offer, UserProvider

PROBE_TIMEOUT_S: Final = 0.3
_MAX_NAMES: Final = 20
_MAX_BYTES: Final = 1_000_000
_EMBEDDING: Final = ("embed", "bge-", "minilm")


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A model server that may run on this machine.

    Attributes:
        base: Address to ask.
        path: Where it lists its models.
        names: Reads the model names out of that list.
        endpoint_url: What a model row stores.
    """

    title: str
    provider: UserProvider
    base: str
    path: str
    names: Callable[[Any], list[str]]
    endpoint_url: str


def _ollama_names(body: Any) -> list[str]:
    return [str(item["name"]) for item in body["models"]]


def _openai_names(body: Any) -> list[str]:
    return [str(item["id"]) for item in body["data"]]


def ollama(base: str) -> LocalServer:
    """Return the probe of an Ollama server at `base`."""
    return LocalServer("Ollama", "ollama", base, "/api/tags", _ollama_names, base)


def lm_studio(base: str) -> LocalServer:
    """Return the probe of an LM Studio server at `base`."""
    return LocalServer("LM Studio", "generic", base, "/v1/models", _openai_names, f"{base}/v1")


LOCAL_SERVERS: Final = (ollama("http://127.0.0.1:11434"), lm_studio("http://127.0.0.1:1234"))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where offers come from; tests give their own."""

    read: Callable[[str], str | None] = environment
    servers: tuple[LocalServer, ...] = LOCAL_SERVERS


def env_offers(surroundings: Surroundings) -> list[Offer]:
    """Return an offer for every provider whose key is in the environment."""
    found: list[Offer] = []
    for row in PROVIDERS:
        if row.env_key is None or row.default_model is None or not surroundings.read(row.env_key):
            continue
        found.append(
            Offer.model_validate(
                {
                    "provider": row.id,
                    "model_name": row.default_model,
                    "origin": "env",
                    "label": f"{row.title}, with the key in {row.env_key}",
                }
            )
        )
    return found


def env_key(provider_id: str, surroundings: Surroundings) -> str | None:
    """Return the key the environment holds for a provider."""
    name = next((row.env_key for row in PROVIDERS if row.id == provider_id), None)
    return surroundings.read(name) if name else None


async def local_offers(surroundings: Surroundings) -> list[Offer]:
    """Ask the servers that may run on this machine, all at once, briefly."""
    policy = AddressPolicy(allow_private=True)
    async with guarded_client(policy, timeout=PROBE_TIMEOUT_S) as http:
        lists = await asyncio.gather(*(_probe(http, one) for one in surroundings.servers))
    return [offer for offers in lists for offer in offers]


async def _probe(http: httpx.AsyncClient, server: LocalServer) -> list[Offer]:
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            response = await http.get(server.base + server.path)
        if response.status_code != 200 or len(response.content) > _MAX_BYTES:
            return []
        names = server.names(response.json())
    except (httpx.HTTPError, TimeoutError, ValueError, LookupError, TypeError):
        # Nothing there, or something else on that port: simply no offer.
        return []
    return [
        Offer(
            provider=server.provider,
            model_name=name,
            endpoint_url=server.endpoint_url,
            origin="local",
            label=f"{name}, on {server.title} on this machine",
        )
        for name in names[:_MAX_NAMES]
        if not any(word in name.lower() for word in _EMBEDDING)
    ]
