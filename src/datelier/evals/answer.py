"""What a run's log has told, as far as it is judged."""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from datelier.evals.api import Json

_CARD = re.compile(r"\{\{card [^}]*\}\}")
_REFUSING = {"clarify": "ambiguous", "out_of_scope": "out_of_scope"}
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(slots=True)
class Answer:
    """One answer.

    Attributes:
        first_text: Seconds from the question to the first words; None without any.
        seconds: Seconds from the question to the end.
        waits: The answer needs a person's decision.
    """

    thread_id: str
    run_id: str
    text: str = ""
    queries: dict[str, Json] = field(default_factory=dict[str, Json])
    figures: dict[str, Json] = field(default_factory=dict[str, Json])
    numbers: Json = field(default_factory=dict[str, Any])
    usage: Json = field(default_factory=dict[str, Any])
    intent: Json | None = None
    refusal: Json | None = None
    error: Json | None = None
    stopped: bool = False
    waits: bool = False
    first_text: float | None = None
    seconds: float = 0
    _kept: tuple[str, dict[str, Json], dict[str, Json]] = ("", {}, {})

    def read(self, part: Json, at: float) -> None:
        """Take in a part of the log that came `at` seconds after the question."""
        kind = part["type"]
        if kind == "text-start" and self.text:
            self.text += "\n\n"
        elif kind == "text-delta":
            if self.first_text is None:
                self.first_text = at
            self.text += part["delta"]
        elif kind == "start-step":
            self._kept = self.text, dict(self.queries), dict(self.figures)
        elif kind == "reset-step":
            self._reset_step()
        elif kind == "error":
            self.error = part
        elif kind == "abort":
            self.stopped = True
        elif kind.startswith("data-"):
            self._read_data(kind, part)

    def _reset_step(self) -> None:
        """Forget what the present step has said: it is done again from its beginning."""
        text, queries, figures = self._kept
        self.text, self.queries, self.figures = text, dict(queries), dict(figures)

    def _read_data(self, kind: str, part: Json) -> None:
        data = part["data"]
        if kind == "data-query":
            self.queries[part["id"]] = data
        elif kind == "data-citation":
            self.figures[part["id"]] = data
        elif kind == "data-request":
            self.waits = data["status"] == "pending"
        elif kind in {"data-numbers", "data-usage", "data-intent", "data-refusal"}:
            setattr(self, kind.removeprefix("data-"), data)

    @property
    def prose(self) -> str:
        """The text without the places where a page shows cards."""
        return _BLANK_LINES.sub("\n\n", _CARD.sub("", self.text)).strip()

    @property
    def refused(self) -> str | None:
        """Why there is no answer: the reason, ``abstained`` when none was told; None is an answer.

        A question that was sorted tells itself whether it was refused. A workflow that does not sort
        refuses by saying something that rests on no query and states no figure.
        """
        if self.refusal is not None:
            return str(self.refusal.get("reason", "abstained"))
        if self.intent is not None:
            return _REFUSING.get(str(self.intent.get("intent")))
        if self.results or any(f["kind"] != "asked" for f in self.figures.values()):
            return None
        return "abstained"

    @property
    def results(self) -> list[Json]:
        """The queries that have a result, in the order in which they ran."""
        return [query for query in self.queries.values() if query.get("result_id")]

    @property
    def grounds(self) -> list[Json]:
        """The queries that the answer may rest on: those its figures cite, then the last one."""
        cited = {
            cell["result_id"]
            for figure in self.figures.values()
            for cell in figure["cells"]
            if figure["kind"] != "asked"
        }
        found = [query for query in self.results if query["result_id"] in cited]
        last = self.results[-1:]
        return [*found, *(query for query in last if query not in found)]

    @property
    def cost(self) -> Decimal | None:
        """US dollars; None when a price is unknown."""
        try:
            return Decimal(str(self.usage["cost"]))
        except (KeyError, InvalidOperation):
            return None
