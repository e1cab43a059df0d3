"""A resolved model: everything a call needs, detached from the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from datelier.llms.models import Model

_PER = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One LLM configuration. The key stays sealed until a client is built.

    Attributes:
        price_input: USD per million tokens; None is unknown.
        overlay: Parameters that an agent put over the row's own; part of that key as well.
        updated_at: Changes whenever the row does; part of the client cache's key.
    """

    id: UUID
    org_id: UUID
    number: int
    name: str
    provider: str
    model_name: str
    endpoint_url: str | None
    sealed_key: bytes | None = field(repr=False)
    price_input: Decimal | None
    price_output: Decimal | None
    context_window: int | None
    parameters: dict[str, Any]
    updated_at: datetime
    overlay: tuple[tuple[str, Any], ...] = ()

    def tuned(self, parameters: Mapping[str, Any]) -> "ModelConfig":
        """Return the same model asked with these parameters over its own."""
        if not parameters:
            return self
        return replace(
            self,
            parameters={**self.parameters, **parameters},
            overlay=tuple(sorted(parameters.items())),
        )

    @property
    def is_demo(self) -> bool:
        """Whether this is the offline demo model."""
        return self.provider == "demo"

    @property
    def aad(self) -> str:
        """Associated data of the sealed key."""
        return key_aad(self.id, self.org_id)

    @classmethod
    def of(cls, row: Model) -> "ModelConfig":
        """Return the configuration a row holds."""
        return cls(
            id=row.id,
            org_id=row.org_id,
            number=row.number,
            name=row.name,
            provider=row.provider,
            model_name=row.model_name,
            endpoint_url=row.endpoint_url,
            sealed_key=row.api_key,
            price_input=row.price_input,
            price_output=row.price_output,
            context_window=row.context_window,
            parameters=dict(row.parameters),
            updated_at=row.updated_at,
        )


def key_aad(model_id: UUID, org_id: UUID) -> str:
    """Return the associated data that binds a key to its row."""
    return f"model:{model_id}:api_key:{org_id}"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or more calls; None is unknown."""

    input_tokens: int | None = None
    output_tokens: int | None = None

    @classmethod
    def of(cls, metadata: Mapping[str, Any] | None) -> "Usage":
        """Return the usage in a LangChain message's ``usage_metadata`` (None when absent)."""
        if not metadata:
            return cls()
        return cls(metadata.get("input_tokens"), metadata.get("output_tokens"))

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            _plus(self.input_tokens, other.input_tokens),
            _plus(self.output_tokens, other.output_tokens),
        )


def _plus(left: int | None, right: int | None) -> int | None:
    return left if right is None else right if left is None else left + right


def cost(model: ModelConfig, usage: Usage) -> Decimal | None:
    """Return the price of `usage` in USD; None when a price or a count is unknown."""
    prices = (model.price_input, model.price_output)
    tokens = (usage.input_tokens, usage.output_tokens)
    total = Decimal(0)
    for price, count in zip(prices, tokens, strict=True):
        if price is None or count is None:
            return None
        total += price * count / _PER
    return total
