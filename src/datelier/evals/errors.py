"""What keeps an evaluation from being run."""


class EvaluationError(Exception):
    """An evaluation cannot go on.

    Args:
        message: What is wrong, with the place.
        hint: What to do about it.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SuiteInvalid(EvaluationError):
    """A suite cannot be read."""


class RecordingInvalid(EvaluationError):
    """A recording cannot be read."""


class ReportInvalid(EvaluationError):
    """A report cannot be read."""
