"""Failures of the definitions slice."""

from datelier.kit.errors import Conflict, DatelierError


class DefinitionChanged(DatelierError):
    """The definition is not the one the caller has seen."""

    status, code, title = 412, "definition_changed", "The definition has changed"


class VersionNeeded(DatelierError):
    """An edit has to say which version it was made from."""

    status, code, title = 428, "version_needed", "If-Match needed"


class DefinitionNameTaken(Conflict):
    """Another definition of the organization has this name."""

    code = "definition_name_taken"


class CheckFailed(Conflict):
    """The definition's SQL does not run, so it cannot be certified."""

    code = "check_failed"


class DefinitionArchived(Conflict):
    """The definition was archived and is kept for its history only."""

    code = "definition_archived"


class PlanChanged(Conflict):
    """What an import would do is no longer what its plan said."""

    code = "plan_changed"
