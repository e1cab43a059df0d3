"""What an edited call would do, for the person who is about to approve it."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from datelier.inbox import service as inbox
from datelier.inbox.models import Request
from datelier.inbox.schemas import Risk
from datelier.kit.context import Context
from datelier.kit.errors import Conflict, Invalid
from datelier.kit.hidden import revealed_deep
from datelier.kit.tools import PreviewRefused, Tool, Toolbox, ToolContext
from datelier.runs.fold import Part


class PreviewIn(BaseModel):
    """The arguments that a person would approve for an action."""

    model_config = ConfigDict(extra="forbid")

    action_id: str = Field(max_length=200)
    args: Any = None


class PreviewOut(BaseModel):
    """What the call would do; `refused` says why it can never be made as it is.

    Attributes:
        requires: How many people must approve the request when it is decided like this.
    """

    preview: dict[str, Any] | None
    risk: Risk
    requires: int = 1
    refused: str | None = None
    hint: str | None = None

    @property
    def may_destroy(self) -> bool:
        """Whether it destroys, or nobody knows that it does not."""
        return self.risk == "destructive" or self.refused is not None


class NoPreview(Conflict):
    """The action has nothing to show."""

    code, title = "no_preview", "No preview possible"


async def preview_edited(ctx: Context, request_id: UUID, given: PreviewIn) -> PreviewOut:
    """Return what an open request's action would do with other arguments; nothing is changed.

    The rows are read with the rights of whoever looks.

    Raises:
        NotFound: Unknown, foreign, or of somebody else's chat.
        Invalid: No such action, or arguments that do not fit the tool.
        NoPreview: The action has none.
    """
    async with ctx.begin() as tx:
        row = await inbox.get_visible(tx, request_id)
    tool = _tool(ctx, row, given.action_id)
    if tool is None or tool.preview is None or row.run_id is None or row.thread_id is None:
        raise NoPreview("Nothing can be shown of this action before it is carried out.")
    try:
        parsed = tool.input_model.model_validate(given.args)
    except ValidationError as error:
        raise Invalid(
            "The arguments do not fit.",
            errors=[
                {"path": ".".join(["args", *map(str, item["loc"])]), "message": item["msg"]}
                for item in error.errors(include_input=False, include_url=False)
            ],
        ) from None
    at = ToolContext(
        ctx=ctx,
        run_id=row.run_id,
        thread_id=row.thread_id,
        message_id=row.run_id,
        tool_call_id="preview",
        source_ids=(row.source_id,) if row.source_id is not None else (),
        emit=_nowhere,
        agent="",
    )
    try:
        found = await tool.preview(at, parsed)
        seen = PreviewOut(preview=revealed_deep(found.data), risk=found.risk or tool.effect)
    except PreviewRefused as error:
        seen = PreviewOut(preview=None, risk=tool.effect, refused=error.detail, hint=error.hint)
    most = ctx.resources.settings.destroy_approvals
    seen.requires = max(row.requires, most) if seen.may_destroy else row.requires
    return seen


def _tool(ctx: Context, row: Request, action_id: str) -> Tool | None:
    action = next((one for one in inbox.actions_of(row) if one.id == action_id), None)
    if action is None:
        raise Invalid.field("action_id", "is no action of this request")
    tools = {tool.name: tool for tool in ctx.resources.get(Toolbox).tools}
    tool = tools.get(action.name)
    if tool is not None:
        ctx.require(tool.scope)
    return tool


async def _nowhere(_part: Part) -> None:
    return
