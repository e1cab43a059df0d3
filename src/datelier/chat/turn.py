"""Everything a run of the chat graph needs to know, read once per claim."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, SystemMessage, ToolMessage

from datelier.agents.definition import AgentDefinition
from datelier.agents.notes import notes_told
from datelier.agents.policy import policy_of
from datelier.chat.defined import with_definitions
from datelier.chat.evidence import evidence_of
from datelier.chat.graph_name import ANALYST_NAME
from datelier.chat.history import Told, focus_of, history, told
from datelier.chat.lookup import Seen
from datelier.chat.prompts import system_prompt
from datelier.kit.clock import now
from datelier.kit.context import Context, Resources
from datelier.kit.errors import DatelierError, NotFound
from datelier.kit.log import get_logger
from datelier.kit.tools import Tool, ToolContext, Where
from datelier.llms.clients import Answering, answering, build_chat_model
from datelier.llms.config import ModelConfig
from datelier.llms.reservations import budgeted, longest_answer
from datelier.llms.service import resolve
from datelier.runs.execution import ActiveRun
from datelier.runs.fold import Part
from datelier.sources.grounding import grounding, known_grounding
from datelier.threads.desk import Desk, Pin, thread_desk

log = get_logger(__name__)

_NO_SOURCES: tuple[str, dict[str, Any]] = ("", {"sources": []})
_KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class Facts:
    """What a model may be told about a question, before a prompt makes sentences of it.

    Attributes:
        told: What was said before; the question is last.
        grounding: Markdown about the sources.
        sources: The same as data.
        at: When the question was taken up.
        background: Nobody watches the run.
        notes: What the agent has noted; None for an agent that keeps none.
    """

    told: Told
    grounding: str
    sources: dict[str, Any]
    at: datetime
    background: bool = False
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """What the platform knows about a question.

    Attributes:
        budgeted: Whether the organization has budgets, which a call must fit into.
    """

    config: ModelConfig
    model: BaseChatModel
    facts: Facts
    source_ids: tuple[UUID, ...]
    agent: str
    definition: AgentDefinition
    budgeted: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A brief, and what this run may do with it.

    Attributes:
        definition: The agent as this run is pinned to it.
        tools: What the caller's scopes and the agent's policy allow, by name.
        caller: Streams the answer of the model with its tools.
        before: System prompt and the branch up to the question, which is last. Where each node
            has a prompt of its own, it is empty until a node takes the turn.
        facts: What these are made of.
        heard: A tool of this run has answered.
    """

    config: ModelConfig
    model: BaseChatModel
    before: Sequence[BaseMessage]
    source_ids: tuple[UUID, ...]
    agent: str
    definition: AgentDefinition
    tools: dict[str, Tool]
    caller: Answering
    facts: Facts
    budgeted: bool = False
    heard: bool = False

    @property
    def has_read(self) -> bool:
        """Whether what others wrote may stand before the model, such as rows, files or answers.

        What it is told of its sources holds values of theirs; a background run has a payload.
        """
        facts = self.facts
        earlier = len(facts.told.messages) > 1 or facts.notes or facts.background
        return bool(self.heard or self.source_ids or earlier)

    @property
    def question(self) -> str:
        """What was asked."""
        said = self.facts.told.messages
        return said[-1].text if said else ""


class Briefs:
    """Briefs made while a question was stored, for the runner of the same process.

    Who stores a question has just seen all that its answer needs; reading it again a
    millisecond later would only delay the first word.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, Brief] = OrderedDict()

    def keep(self, run_id: UUID, brief: Brief) -> None:
        """Keep a brief until its run takes it; the oldest give way."""
        self._kept[run_id] = brief
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def take(self, run_id: UUID) -> Brief | None:
        """Return a run's brief once."""
        return self._kept.pop(run_id, None)


def keep_briefs(resources: Resources) -> None:
    """Make room for briefs in a process that executes runs."""
    resources.register(Briefs, Briefs())


def hand_over(ctx: Context, run_id: UUID, found: Seen, said: Iterable[tuple[Any, ...]]) -> None:
    """Keep the brief of a run that is about to begin, if nothing more has to be read for it.

    What goes wrong here goes wrong again in the run, where it is said in the answer.

    Args:
        ctx: Who asked.
        run_id: The run.
        found: What was found out about the chat.
        said: Role, text and parts of the branch that ends in the question, oldest first.
    """
    sources = found.sources
    schemas = found.desk.definition.schemas
    branch = told(said)
    focus = focus_of(branch)
    facts = known_grounding(sources, schemas, focus=focus) if sources else _NO_SOURCES
    # What depends on the question or changes unseen, such as definitions and notes, the run
    # reads itself.
    beyond = found.defined or found.desk.definition.memory != "off"
    if found.config is None or facts is None or beyond:
        return
    try:
        # Under a budget the long way was gone, and the run reads its brief itself.
        config = tuned(found.config, found.desk.definition, budgeted=False)
        brief = _brief(ctx, config, found.desk, facts, branch)
    except DatelierError as error:
        log.info("brief_not_kept", run_id=str(run_id), code=error.code)
    else:
        ctx.resources.get(Briefs).keep(run_id, brief)


@dataclass(frozen=True, slots=True)
class _Also:
    """What else a prompt says: that nobody watches, and what the agent remembers."""

    background: bool = False
    notes: str | None = None


_NOTHING_ELSE: Final = _Also()


def _brief(
    ctx: Context,
    config: ModelConfig,
    desk: Desk,
    facts: tuple[str, dict[str, Any]],
    branch: Told,
    also: _Also = _NOTHING_ELSE,
) -> Brief:
    known = Facts(branch, *facts, now(), also.background, also.notes)
    model = build_chat_model(ctx, config)
    return Brief(config, model, known, desk.sources, desk.agent, desk.definition)


def _before(brief: Brief) -> Sequence[BaseMessage]:
    facts = brief.facts
    prompt = system_prompt(
        instructions=brief.definition.instructions,
        grounding=facts.grounding,
        results=facts.told.results,
        at=facts.at,
        background=facts.background,
        notes=facts.notes,
    )
    # The demo model reads the same facts as data instead of Markdown.
    system = SystemMessage(prompt, additional_kwargs={"datelier": facts.sources})
    return (system, *facts.told.messages)


def tuned(config: ModelConfig, definition: AgentDefinition, *, budgeted: bool) -> ModelConfig:
    """Return a model with its agent's parameters; under a budget its answers have an end."""
    bounds = {"max_tokens": longest_answer(config)} if budgeted else {}
    return config.tuned({**bounds, **definition.parameters.for_model()})


def having_heard(turn: Turn, said: Sequence[BaseMessage]) -> Turn:
    """Return a turn that knows whether a tool has answered in what its run has said so far."""
    heard = any(isinstance(message, ToolMessage) for message in said)
    return replace(turn, heard=True) if heard else turn


async def turn_of(run: ActiveRun) -> Turn:
    """Return the turn of a run, reading it at the first call of a claim.

    Raises:
        NoModel: No model is configured.
        NotFound: The thread is gone.
    """
    turn: Turn | None = run.cache.get("turn")
    if turn is None:
        brief = run.ctx.resources.get(Briefs).take(run.id) or await _read(run)
        tools = offered(run, brief.definition)
        caller = bound(brief.config, brief.model, tools)
        turn = Turn(
            config=brief.config,
            model=brief.model,
            before=_before(brief) if run.claim.graph != ANALYST_NAME else (),
            facts=brief.facts,
            source_ids=brief.source_ids,
            agent=brief.agent,
            definition=brief.definition,
            tools=tools,
            caller=caller,
            budgeted=brief.budgeted,
        )
        run.cache["turn"] = turn
    return turn


def offered(run: ActiveRun, definition: AgentDefinition) -> dict[str, Tool]:
    """Return the tools of a run, by name: for this kind of run, within the caller's rights."""
    where: Where = "background" if run.claim.kind == "background" else "chat"
    return {
        tool.name: tool
        for tool in run.tools
        if tool.scope in run.ctx.scopes
        and where in tool.contexts
        and policy_of(definition, tool) != "never"
    }


def tool_context(run: ActiveRun, turn: Turn, call_id: str) -> ToolContext:
    """Return where one call of a run happens."""

    async def emit(part: Part) -> None:
        evidence.note(part)
        run.log.put(part)

    evidence = evidence_of(run)
    claim = run.claim
    assert claim.thread_id is not None
    assert claim.message_id is not None
    return ToolContext(
        ctx=run.ctx,
        run_id=claim.id,
        thread_id=claim.thread_id,
        message_id=claim.message_id,
        tool_call_id=call_id,
        source_ids=turn.source_ids,
        emit=emit,
        agent=turn.agent,
        schemas=turn.definition.schemas,
        max_rows=turn.definition.limits.max_rows,
        fence=run.fence,
        question=turn.question,
        locale=(claim.input or {}).get("locale"),
        numbers=turn.definition.numbers,
        agent_id=claim.agent_id,
    )


async def _read(run: ActiveRun) -> Brief:
    claim = run.claim
    if claim.thread_id is None or claim.user_message_id is None:
        raise NotFound("thread")
    async with run.ctx.begin() as ctx:
        pin = Pin(claim.agent_id, claim.agent_version, claim.input.get("definition"))
        desk = await thread_desk(ctx, claim.thread_id, pin)
        config = await resolve(ctx, claim.model_id, desk.model_id, desk.definition.model_id)
        branch = await history(ctx, claim.thread_id, claim.user_message_id)
        source_ids = desk.sources
        schemas = desk.definition.schemas
        facts = _NO_SOURCES
        if source_ids:
            facts = await grounding(ctx, source_ids, schemas, focus=focus_of(branch))
        facts = await with_definitions(ctx, facts, branch.messages, source_ids, schemas)
        limited = await budgeted(ctx)
        noted: str | None = None
        if desk.definition.memory == "agent" and claim.agent_id is not None:
            noted = await notes_told(ctx, claim.agent_id)
    background = claim.kind == "background"
    config = tuned(config, desk.definition, budgeted=limited)
    brief = _brief(run.ctx, config, desk, facts, branch, _Also(background, noted))
    return replace(brief, budgeted=limited)


_bindings: OrderedDict[tuple[object, ...], Answering] = OrderedDict()


def bound(config: ModelConfig, model: BaseChatModel, tools: dict[str, Tool]) -> Answering:
    """Return the model with the tools it may call, bound once per model and set of tools."""
    key = (config.org_id, config.id, config.updated_at, id(model), *tools)
    known = _bindings.get(key)
    if known is None:
        described = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.schema,
                },
            }
            for tool in tools.values()
        ]
        known = _bindings[key] = answering(model, described)
        while len(_bindings) > _KEPT:
            _bindings.popitem(last=False)
    return known
