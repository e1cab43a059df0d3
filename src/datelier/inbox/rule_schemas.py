"""What goes over the wire about standing approvals."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from datelier.inbox.schemas import PersonRef

MOST_ROWS = 1_000_000


class RuleTerms(BaseModel):
    """What a rule is about; it covers calls that name nothing else.

    Attributes:
        exact: Has to be equal: `verb` and `table` of a statement, `method` and `host` of a request.
        within: Names of which a covered call uses no others: `columns` that it sets, `reads`, which
            are other tables.
        sentence: All of it in words.
    """

    tool: str
    title: str
    exact: dict[str, str]
    within: dict[str, list[str]]
    source: PersonRef | None
    sentence: str


class RuleProposal(RuleTerms):
    """The rule that would be saved from a request's action.

    Attributes:
        rows: How many rows the shown call changes; null where it changes none.
        asks_after_reading: The rule ends where a run has read what others wrote, unless the one who
            saves it says otherwise.
    """

    agent: PersonRef
    rows: int | None
    asks_after_reading: bool


class RuleIn(BaseModel):
    """Save the rule of a request's action.

    Attributes:
        max_rows: The most rows of one call; the rows of the shown call where it is absent.
        after_reading: For a request to the outside: the rule also holds once a run has read what
            others wrote. Writes within a source hold in any case.
    """

    model_config = ConfigDict(extra="forbid")

    action_id: str = Field(max_length=200)
    max_rows: Annotated[int, Field(ge=1, le=MOST_ROWS)] | None = None
    after_reading: bool = False


class RuleOut(RuleTerms):
    """A standing approval.

    Attributes:
        holds: Whether it is applied; `why_not` says why it is not.
        uses: How many calls it has allowed.
    """

    id: UUID
    number: int
    agent_id: UUID
    max_rows: int | None
    after_reading: bool
    request_id: UUID | None
    saved_by: PersonRef
    created_at: datetime
    uses: int
    last_used_at: datetime | None
    holds: bool
    why_not: str | None
