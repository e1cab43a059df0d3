"""The provider catalogue, as data: adding a provider is adding a row here.

`langchain` names the integration (contract Q10). `default_model` is what a new configuration
gets when none is named; the older defaults that people know from other tools are kept in
`retired` when their provider no longer serves them, so that they can be flagged by name.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

ProviderId = Literal["openai", "anthropic", "ollama", "generic", "demo"]

DEMO_MODEL_NAME: Final = "demo"


@dataclass(frozen=True, slots=True)
class Provider:
    """One kind of endpoint.

    Attributes:
        default_model: Name used when none is given; None when only the endpoint knows.
        needs_key: Whether a key must be stored; a generic endpoint may take one without.
        env_key: Environment variable whose key is offered at first run.
        retired: Old name → what to use instead.
    """

    id: ProviderId
    title: str
    langchain: str
    default_model: str | None
    needs_key: bool
    needs_endpoint: bool
    default_endpoint: str | None = None
    env_key: str | None = None
    suggested: tuple[str, ...] = ()
    retired: dict[str, str] = field(default_factory=dict[str, str])


PROVIDERS: Final[tuple[Provider, ...]] = (
    Provider(
        id="openai",
        title="OpenAI",
        langchain="openai",
        default_model="gpt-4o-mini",
        needs_key=True,
        needs_endpoint=False,
        env_key="OPENAI_API_KEY",
        suggested=("gpt-5", "gpt-5-mini", "gpt-4.1-mini", "gpt-4o-mini"),
        retired={
            "gpt-3.5-turbo-0301": "gpt-4o-mini",
            "gpt-3.5-turbo-0613": "gpt-4o-mini",
            "gpt-4-32k": "gpt-4.1-mini",
            "gpt-4-vision-preview": "gpt-4o-mini",
            "gpt-4.5-preview": "gpt-5",
            "text-davinci-003": "gpt-4o-mini",
        },
    ),
    Provider(
        id="anthropic",
        title="Anthropic",
        langchain="anthropic",
        default_model="claude-haiku-4-5",
        needs_key=True,
        needs_endpoint=False,
        env_key="ANTHROPIC_API_KEY",
        suggested=("claude-sonnet-4-5", "claude-haiku-4-5"),
        retired={
            "claude-3-haiku-20240307": "claude-haiku-4-5",
            "claude-3-opus-20240229": "claude-sonnet-4-5",
            "claude-3-sonnet-20240229": "claude-sonnet-4-5",
            "claude-3-5-sonnet-20240620": "claude-sonnet-4-5",
            "claude-3-5-sonnet-20241022": "claude-sonnet-4-5",
            "claude-2.1": "claude-sonnet-4-5",
        },
    ),
    Provider(
        id="ollama",
        title="Ollama",
        langchain="ollama",
        default_model="llama3.2",
        needs_key=False,
        needs_endpoint=False,
        default_endpoint="http://localhost:11434",
        suggested=("llama3.2", "qwen3", "gpt-oss"),
    ),
    Provider(
        id="generic",
        title="OpenAI-compatible",
        langchain="openai",
        default_model=None,
        needs_key=False,
        needs_endpoint=True,
        default_endpoint="http://localhost:1234/v1",
    ),
    Provider(
        id="demo",
        title="Demo model",
        langchain="",
        default_model=DEMO_MODEL_NAME,
        needs_key=False,
        needs_endpoint=False,
    ),
)

_BY_ID: Final = {provider.id: provider for provider in PROVIDERS}


def provider(provider_id: str) -> Provider:
    """Return the catalogue row of a provider (KeyError for a name the database refuses too)."""
    return {str(key): row for key, row in _BY_ID.items()}[provider_id]


def retired_advice(provider_id: str, model_name: str) -> str | None:
    """Return what to use instead of a model that its provider has retired, else None."""
    return provider(provider_id).retired.get(model_name)
