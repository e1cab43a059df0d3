"""What every flow does: ask, follow the log, look at what came."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from tests.support.installation import Installation


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as its log told it."""

    thread_id: str
    run_id: str
    parts: list[tuple[int, dict[str, Any]]]

    @property
    def text(self) -> str:
        return "".join(part["delta"] for _, part in self.parts if part["type"] == "text-delta")

    def data(self, kind: str) -> list[dict[str, Any]]:
        """The last state of every data part of a kind, in order of appearance."""
        found = {
            part["id"]: part["data"] for _, part in self.parts if part["type"] == f"data-{kind}"
        }
        return list(found.values())


def ask(installation: Installation, source_id: str, question: str, **thread: Any) -> Told:
    """Ask in a new thread and return when the log has ended."""
    made = installation.call("POST", "/threads", {"source_ids": [source_id], **thread})
    sent = installation.call("POST", f"/threads/{made['id']}/messages", {"text": question})
    return Told(made["id"], sent["run_id"], list(follow(installation.http, sent["run_id"])))


def follow(http: httpx.Client, run_id: str, after: int = 0) -> list[tuple[int, dict[str, Any]]]:
    """Return `(seq, part)` of a run's log until it ends."""
    parts: list[tuple[int, dict[str, Any]]] = []
    seq = after
    with http.stream(
        "GET", f"/runs/{run_id}/events", params={"after": after}, timeout=90
    ) as response:
        assert response.is_success, response.read()
        for line in response.iter_lines():
            if line.startswith("id:"):
                seq = int(line[3:])
            elif line.startswith("data:") and line[5:].strip() != "[DONE]":
                parts.append((seq, json.loads(line[5:])))
    return parts


def totals(installation: Installation, result_id: str) -> dict[str | None, Decimal]:
    """Return a two-column result as a mapping; the number is the second column."""
    page = installation.call("GET", f"/results/{result_id}/rows?limit=1000")
    keys, values = page["data"][:2]
    return {key: Decimal(str(value)) for key, value in zip(keys, values, strict=True)}
