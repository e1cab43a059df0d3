"""Why a chart is refused."""

from dataclasses import dataclass

from datelier.kit.errors import Invalid


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a spec is refused: a JSON path such as ``encoding.x.field``, and a sentence."""

    path: str
    message: str


class ChartRefused(Invalid):
    """The spec is not an acceptable chart; `errors` names the places."""

    code = "chart_invalid"

    def __init__(self, problems: list[Problem]) -> None:
        first = problems[0]
        super().__init__(
            f"{first.path or 'spec'}: {first.message}",
            errors=[{"path": p.path or "spec", "message": p.message} for p in problems[:10]],
        )
