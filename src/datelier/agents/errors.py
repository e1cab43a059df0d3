"""Failures of the agents slice."""

from typing import ClassVar

from datelier.kit.errors import Conflict, DatelierError, FieldError, NotFound


class DraftChanged(DatelierError):
    """The draft is not the one the caller has seen."""

    status, code, title = 412, "draft_changed", "The draft has changed"


class RevisionNeeded(DatelierError):
    """An edit has to say which revision of the draft it was made from."""

    status: ClassVar[int] = 428
    code: ClassVar[str] = "revision_needed"
    title: ClassVar[str] = "If-Match needed"


class NamesNothing(NotFound):
    """A definition names models or sources that are unknown or foreign, each at its field."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("model or source")
        self.errors = errors


class NothingToPublish(Conflict):
    """The draft is what is published already."""

    code = "nothing_to_publish"


class NeverPublished(Conflict):
    """The agent has no published version yet."""

    code = "never_published"


class BuiltinAgent(Conflict):
    """Built-in agents belong to everybody and stay."""

    code = "builtin_agent"


class AgentUnavailable(Conflict):
    """The agent was archived, is private to somebody else, or was never published."""

    code = "agent_unavailable"


class NotesFull(Conflict):
    """The agent keeps as many notes for this person as it may."""

    code = "notes_full"
