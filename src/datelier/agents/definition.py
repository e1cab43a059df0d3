"""What an agent is: the one shape of a draft, of a version, and of what a run is pinned to."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

Policy = Literal["auto", "ask", "never"]
Numbers = Literal["allow", "warn", "block"]
Report = Literal["all", "problems", "none"]
Workflow = Literal["plain", "analyst"]
Intent = Literal["quick_answer", "research", "explain", "clarify", "out_of_scope", "direct"]

MOST_INSTRUCTIONS = 20_000  # characters
MOST_STARTERS = 6
MOST_MENTIONS = 20

Usd = Annotated[
    Decimal,
    Field(gt=0, le=10_000, max_digits=10, decimal_places=4),
    PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str),
]
# The worker sets a session's search path to them, in quotes.
SchemaName = Annotated[str, Field(min_length=1, max_length=63, pattern=r'^[^"\x00-\x1f]+$')]
Starter = Annotated[str, Field(min_length=1, max_length=200)]
ToolName = Annotated[str, Field(min_length=1, max_length=100)]
MentionName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class Parameters(_Strict):
    """How the model is asked; what is absent is the model's own setting."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_output_tokens: Annotated[int, Field(ge=1, le=200_000)] | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None

    def for_model(self) -> dict[str, Any]:
        """Return them by the names that model configurations use."""
        given = self.model_dump(exclude_none=True)
        if "max_output_tokens" in given:
            given["max_tokens"] = given.pop("max_output_tokens")
        return given


class Limits(_Strict):
    """The most that one run may take; what is absent is the installation's own limit."""

    max_steps: Annotated[int, Field(ge=1, le=200)] | None = None
    max_seconds: Annotated[int, Field(ge=5, le=86_400)] | None = None
    max_rows: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    max_cost_usd: Usd | None = None


class Mention(_Strict):
    """What ``@name`` in a question does: how it is answered, and from which tools.

    `partition` narrows the tools of that kind of answer; null leaves it all of them.
    """

    intent: Intent
    partition: Literal["data", "metadata", "documents"] | None = None


class AgentDefinition(_Strict):
    """Everything that decides how an agent answers.

    Attributes:
        workflow: ``plain``: one loop of model and tools. ``analyst``: questions are sorted first,
            and each kind has steps of its own.
        routing_model_id: The model that sorts questions; null for the one that answers.
        mentions: What a question can say to choose for itself, by name without the ``@``.
        tools: Policy by tool name; a tool that is absent has the default of its effect.
        source_ids: The sources it may use; null for those of the thread.
        schemas: Allowed schemas by source id; a source that is absent shows all of its schemas.
        report: What reaches the inbox when a run in the background has ended.
        numbers: What happens to a number in an answer that no query shows.
    """

    instructions: Annotated[str, Field(max_length=MOST_INSTRUCTIONS)] = ""
    workflow: Workflow = "plain"
    model_id: UUID | None = None
    fallback_model_id: UUID | None = None
    routing_model_id: UUID | None = None
    mentions: Annotated[dict[MentionName, Mention], Field(max_length=MOST_MENTIONS)] = {}
    parameters: Parameters = Parameters()
    tools: Annotated[dict[ToolName, Policy], Field(max_length=200)] = {}
    source_ids: Annotated[list[UUID], Field(max_length=200)] | None = None
    schemas: Annotated[
        dict[UUID, Annotated[list[SchemaName], Field(min_length=1, max_length=500)]],
        Field(max_length=200),
    ] = {}
    limits: Limits = Limits()
    starters: Annotated[list[Starter], Field(max_length=MOST_STARTERS)] = []
    memory: Literal["off"] = "off"
    numbers: Numbers = "warn"
    report: Report = "all"

    def stored(self) -> dict[str, Any]:
        """Return it as JSON, as it is stored and compared."""
        return self.model_dump(mode="json")


def read_definition(stored: dict[str, Any]) -> AgentDefinition:
    """Return a stored definition; what a later version of the product added is passed over."""
    known = {key: value for key, value in stored.items() if key in AgentDefinition.model_fields}
    return AgentDefinition.model_validate(known)
