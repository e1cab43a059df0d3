"""From a configuration to a chat model; one HTTP connection pool per process.

Building a provider's client costs milliseconds, so a built model is kept until its row
changes. Provider packages cost up to two seconds of CPU to import and are therefore imported
when the first model of that provider is built.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from datelier.kit.collector import settle
from datelier.kit.context import Context, Resources
from datelier.kit.guarded_http import AddressPolicy, GuardedTransport
from datelier.kit.settings import Settings
from datelier.llms.completions import Completions
from datelier.llms.config import ModelConfig

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage

# An admin of a self-hosted product may point a model at the own machine or network.
ENDPOINT_POLICY = AddressPolicy(allow_private=True)

_KEPT = 128
_LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=200, keepalive_expiry=30)
_STREAM_GAP_S = 60.0
_TIMEOUT = httpx.Timeout(connect=10, read=_STREAM_GAP_S, write=30, pool=30)
_MAX_RETRIES = 1
# Parameters of a configuration that may reach a provider; anything else could redirect the
# request or carry a second key.
_PARAMETERS = frozenset(
    {"temperature", "top_p", "max_tokens", "seed", "stop", "reasoning_effort", "num_ctx"}
)


# A product on a web port of its own must not lose every provider in the world.
_WEB_PORTS = frozenset({80, 443})


def endpoint_policy(settings: Settings) -> AddressPolicy:
    """Return the policy of a process: its own ports are never a model's endpoint."""
    own = frozenset({settings.port, settings.worker_port}) - _WEB_PORTS
    return replace(ENDPOINT_POLICY, refused_ports=own)


class ModelClients:
    """The built chat models and the connection pool of one process.

    Args:
        policy: Which addresses and ports models may have.
        stream_gap_s: Seconds of silence after which a stream is given up.
    """

    def __init__(
        self, policy: AddressPolicy = ENDPOINT_POLICY, *, stream_gap_s: float = _STREAM_GAP_S
    ) -> None:
        self._policy = policy
        self._stream_gap_s = stream_gap_s
        self._built: OrderedDict[tuple[Any, ...], BaseChatModel] = OrderedDict()
        self._transports: dict[str, Any] = {}
        self._http: httpx.AsyncClient | None = None
        self._imported: set[str] = set()

    def http(self) -> httpx.AsyncClient:
        """Return the shared, guarded client."""
        if self._http is None:
            self._http = httpx.AsyncClient(
                transport=self._transport(httpx),
                timeout=_TIMEOUT,
                follow_redirects=False,
                trust_env=False,
            )
        return self._http

    def _transport(self, library: Any) -> GuardedTransport:
        """Return the guarded transport made with `httpx` or its twin."""
        name = str(library.__name__)
        if name not in self._transports:
            limits = library.Limits(
                max_connections=_LIMITS.max_connections,
                max_keepalive_connections=_LIMITS.max_keepalive_connections,
                keepalive_expiry=_LIMITS.keepalive_expiry,
            )
            inner = library.AsyncHTTPTransport(limits=limits, trust_env=False)
            self._transports[name] = GuardedTransport(inner, self._policy)
        return self._transports[name]

    def get(self, config: ModelConfig, key: Callable[[], str | None]) -> "BaseChatModel":
        """Return the chat model of a stored configuration, built at most once per version.

        `key` unseals its key and is called when it is built.
        """
        cache_key = (config.org_id, config.id, config.updated_at, config.overlay)
        model = self._built.get(cache_key)
        if model is None:
            model = self._built[cache_key] = self.build(config, key())
            if config.provider not in self._imported:
                self._imported.add(config.provider)
                settle()
            while len(self._built) > _KEPT:
                self._built.popitem(last=False)
        else:
            self._built.move_to_end(cache_key)
        return model

    def build(self, config: ModelConfig, key: str | None) -> "BaseChatModel":
        """Return a new chat model, imported on first use of its provider."""
        import langsmith  # noqa: PLC0415  # lazy: 0.6 s of CPU; comes with LangChain

        # LangChain would send prompts to LangSmith when an environment variable says so.
        langsmith.configure(enabled=False)
        parameters = {k: v for k, v in config.parameters.items() if k in _PARAMETERS}
        if config.provider == "demo":
            from datelier.llms.demo.model import DemoChatModel  # noqa: PLC0415  # lazy: LangChain

            return DemoChatModel()
        if config.provider == "anthropic":
            return self._anthropic(config, key, parameters)
        if config.provider == "ollama":
            return self._ollama(config, key, parameters)
        return self._openai(config, key, parameters)

    def _openai(
        self, config: ModelConfig, key: str | None, parameters: dict[str, Any]
    ) -> "BaseChatModel":
        from datelier.llms.streaming import StreamingChatOpenAI  # noqa: PLC0415  # lazy: 1.7 s of CPU

        built: Any = StreamingChatOpenAI
        base_url = config.endpoint_url or "https://api.openai.com/v1"
        key = key or "none"  # the SDK insists on one; servers without ignore it
        return built(
            model=config.model_name,
            base_url=base_url,
            api_key=key,
            completions=Completions(
                self._transport(httpx),
                base_url=base_url,
                key=key,
                timeout=_TIMEOUT,
                attempts=1 + _MAX_RETRIES,
            ),
            stream_usage=True,
            max_retries=_MAX_RETRIES,
            timeout=_STREAM_GAP_S,
            stream_chunk_timeout=self._stream_gap_s,
            http_async_client=self.http(),
            **parameters,
        )

    def _anthropic(
        self, config: ModelConfig, key: str | None, parameters: dict[str, Any]
    ) -> "BaseChatModel":
        from datelier.llms.anthropic_client import guarded_anthropic  # noqa: PLC0415  # lazy: 2.6 s of CPU

        return guarded_anthropic(
            self._transport,
            model=config.model_name,
            base_url=config.endpoint_url or "https://api.anthropic.com",
            api_key=key or "none",
            max_retries=_MAX_RETRIES,
            timeout=_STREAM_GAP_S,
            **{"max_tokens": 8192, **parameters},
        )

    def _ollama(
        self, config: ModelConfig, key: str | None, parameters: dict[str, Any]
    ) -> "BaseChatModel":
        from langchain_ollama import ChatOllama  # noqa: PLC0415  # lazy: 1.3 s of CPU

        built: Any = ChatOllama
        if "max_tokens" in parameters:
            parameters = {**parameters, "num_predict": parameters["max_tokens"]}
            del parameters["max_tokens"]
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return built(
            model=config.model_name,
            base_url=config.endpoint_url or "http://localhost:11434",
            client_kwargs={"headers": headers, "timeout": self._stream_gap_s},
            async_client_kwargs={
                "transport": self._transport(httpx),
                "follow_redirects": False,
                "trust_env": False,
            },
            **parameters,
        )

    async def close(self) -> None:
        """Close every connection; the next call opens new ones."""
        self._built.clear()
        transports, self._transports, self._http = self._transports, {}, None
        await asyncio.gather(*(transport.aclose() for transport in transports.values()))


Answering = Callable[[Sequence["BaseMessage"]], AsyncIterator["AIMessageChunk"]]


def answering(model: "BaseChatModel", tools: list[dict[str, Any]]) -> Answering:
    """Return what streams a model's answer to messages.

    Args:
        model: The model.
        tools: What it may call, as OpenAI describes functions; empty for nothing.
    """
    bound: Any = model.bind_tools(tools) if tools else model
    direct: Any = getattr(model, "answer", None)
    if direct is None:
        return bound.astream
    return partial(direct, **bound.kwargs) if tools else direct


def answering_json(model: "BaseChatModel", config: ModelConfig) -> Answering | None:
    """Return what streams a model's answer as one JSON object; None for a provider that cannot.

    The prompt has to ask for JSON all the same.
    """
    chat: Any = model
    if config.provider in {"openai", "generic"}:
        # Given as a keyword of its own, the library would take another way to the endpoint.
        return partial(chat.answer, extra_body={"response_format": {"type": "json_object"}})
    if config.provider == "ollama":
        return chat.bind(format="json").astream
    return None


def model_clients(resources: Resources) -> ModelClients:
    """Return the process's model clients, made on first use."""
    try:
        return resources.get(ModelClients)
    except LookupError:
        clients = ModelClients(endpoint_policy(resources.settings))
        resources.register(ModelClients, clients)
        return clients


def build_chat_model(ctx: Context, config: ModelConfig) -> "BaseChatModel":
    """Return the chat model of a configuration, ready to stream.

    Raises:
        SecretUnreadable: The stored key was sealed with another secret key.
    """

    def unseal() -> str | None:
        if config.sealed_key is None:
            return None
        return ctx.resources.cipher.open(config.sealed_key, config.aad)

    return model_clients(ctx.resources).get(config, unseal)
