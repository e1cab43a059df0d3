"""Every threshold and cap of the analyst graph, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_BUDGETS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "router": 4_000,
        "quick_answer": 32_000,
        "research": 32_000,
        "explain": 16_000,
        "recovery": 4_000,
        "narrator": 16_000,
        "followups": 4_000,
        "direct": 8_000,
        "clarifier": 2_000,
        "suggester": 4_000,
        "summarizer": 8_000,
    }
)


@dataclass(frozen=True, slots=True)
class AnalystSettings:
    """What the nodes hold themselves to.

    Attributes:
        summarize_threshold: A conversation longer than this many messages gets its first summary.
        summarize_increment: So many new messages later it is written anew.
        summarize_window: Messages that the summarizer reads.
        routing_history: Messages that the router reads.
        routing_seconds: Seconds after which a question is not sorted any more, but researched.
        quick_rounds: Rounds of tools of a quick answer.
        research_rounds: Rounds of tools of research.
        explain_rounds: Rounds of tools of an explanation.
        chart_rounds: Rounds of tools of the narrator; the last words are then written without.
        direct_rounds: Rounds of tools of small talk; the last words are then written without.
        recovery: Whether a search that found nothing is looked at once more before it is told.
        followup_history: Messages that the follow-up questions are made from.
        followup_packet: Characters of what was found that they are made from.
        followups_least: Fewer questions are not shown.
        followups_most: More questions are not shown.
        options_least: A question back to the reader offers at least so many answers, or none.
        options_most: More answers are not shown.
        budgets: Tokens that a node's own reading may have: what was said before, and what tools
            gave. The prompt with the sources has a budget of its own.
    """

    summarize_threshold: int = 20
    summarize_increment: int = 8
    summarize_window: int = 30
    routing_history: int = 10
    routing_seconds: float = 30.0
    quick_rounds: int = 3
    research_rounds: int = 10
    explain_rounds: int = 3
    chart_rounds: int = 6
    direct_rounds: int = 3
    recovery: bool = True
    followup_history: int = 6
    followup_packet: int = 1_000
    followups_least: int = 2
    followups_most: int = 3
    options_least: int = 2
    options_most: int = 4
    budgets: Mapping[str, int] = field(default_factory=lambda: _BUDGETS)

    def rounds(self, node: str) -> int:
        """Return how often a node may use tools."""
        return {
            "quick_answer": self.quick_rounds,
            "research": self.research_rounds,
            "explain": self.explain_rounds,
            "narrator": self.chart_rounds,
            "direct": self.direct_rounds,
        }.get(node, 0)


SETTINGS: Final = AnalystSettings()
