"""What goes in and out of the models API. A key goes in and never comes out."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from datelier.llms.catalog import ProviderId

CheckName = Literal["reply", "stream", "tool_call", "json"]
OfferOrigin = Literal["env", "local"]
UserProvider = Literal["openai", "anthropic", "ollama", "generic"]


class Strict(BaseModel):
    """A body in which an unknown field is an error, so that typing mistakes are heard."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class Price(Strict):
    """USD per million tokens; None is unknown."""

    input: Decimal | None = Field(default=None, ge=0, max_digits=12)
    output: Decimal | None = Field(default=None, ge=0, max_digits=12)


class ModelIn(Strict):
    """A model to create or to try."""

    name: str = Field(min_length=1, max_length=120)
    provider: UserProvider
    model_name: str | None = Field(default=None, min_length=1, max_length=200)
    endpoint_url: str | None = Field(default=None, max_length=500)
    api_key: SecretStr | None = None
    price: Price | None = None
    context_window: int | None = Field(default=None, ge=1)
    parameters: dict[str, Any] = Field(default_factory=dict[str, Any])


class ModelPatch(Strict):
    """Changes to a model; what is absent stays. `api_key: null` removes the key."""

    name: str | None = Field(default=None, min_length=1, max_length=120)
    model_name: str | None = Field(default=None, min_length=1, max_length=200)
    endpoint_url: str | None = Field(default=None, max_length=500)
    api_key: SecretStr | None = None
    price: Price | None = None
    context_window: int | None = Field(default=None, ge=1)
    parameters: dict[str, Any] | None = None


class KeyState(BaseModel):
    """What may be said about a stored key."""

    configured: bool
    last4: str | None = None
    updated_at: datetime | None = None


class PriceOut(BaseModel):
    """USD per million tokens; None is unknown."""

    input: float | None = None
    output: float | None = None


class ModelOut(BaseModel):
    """A model as people see it."""

    model_config = ConfigDict(protected_namespaces=())

    id: UUID
    number: int
    name: str
    provider: ProviderId
    model_name: str
    endpoint_url: str | None
    is_active: bool
    is_demo: bool
    origin: str
    key: KeyState
    price: PriceOut
    context_window: int | None
    parameters: dict[str, Any]
    tested_at: datetime | None
    test_ok: bool | None
    test_checks: list[dict[str, Any]] | None = None
    retired_advice: str | None = Field(
        default=None, description="What to use instead, when the provider retired this model."
    )


class Check(BaseModel):
    """One capability, tried on the real endpoint."""

    name: CheckName
    ok: bool
    detail: str | None = None
    code: str | None = None
    elapsed_ms: int


class TestReport(BaseModel):
    """Outcome of *Test*: `ok` when every check is."""

    __test__ = False  # the name is a noun here, not a test class

    ok: bool
    checks: list[Check]


class ProviderOut(BaseModel):
    """A row of the provider catalogue."""

    id: ProviderId
    title: str
    default_model: str | None
    needs_key: bool
    needs_endpoint: bool
    default_endpoint: str | None
    suggested: list[str]


class Offer(BaseModel):
    """A model found in the environment or on this machine, not yet accepted."""

    model_config = ConfigDict(protected_namespaces=())

    provider: UserProvider
    model_name: str
    endpoint_url: str | None = None
    origin: OfferOrigin
    label: str


class AcceptOffer(Strict):
    """Which offer to accept."""

    origin: OfferOrigin
    provider: UserProvider
    model_name: str = Field(min_length=1, max_length=200)


class ModelStatus(BaseModel):
    """Whether the organization has an active model, for the status line."""

    configured: bool
    id: UUID | None = None
    name: str | None = None
    provider: ProviderId | None = None
    is_demo: bool = False
