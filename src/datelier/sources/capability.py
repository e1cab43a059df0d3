"""What an action needs of a worker, and which workers have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from datelier.wire.v1 import worker_pb2 as pb

Held = frozenset[tuple[str, str]]
"""`(name, engine)` of sources whose settings and secret only the worker has."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a source asks of a worker: its engine, or that the worker itself holds it."""

    engine: str
    held: str | None = None

    @classmethod
    def of(cls, source: Mapping[str, Any]) -> "Need":
        """Read it off what the worker is told about a source."""
        held = source.get("worker_source")
        return cls(str(source.get("engine")), None if held is None else str(held))


@dataclass(frozen=True, slots=True)
class Offer:
    """What a worker can do, and for whom; `org_id` None serves every organization."""

    org_id: UUID | None
    engines: frozenset[str]
    held: Held = frozenset()

    def serves(self, org_id: UUID, need: Need) -> bool:
        """Whether this worker may and can perform actions of an organization on a source.

        Files lie beside the platform's own worker; what a worker holds is its organization's.
        """
        if self.org_id not in {None, org_id}:
            return False
        if need.held is not None:
            return self.org_id is not None and (need.held, need.engine) in self.held
        return need.engine in self.engines and (need.engine != "files" or self.org_id is None)


def held_of(sources: Sequence[pb.HeldSource]) -> Held:
    """Read the held sources of a Hello; nonsense is cut short, not trusted."""
    return frozenset((held.name[:120], held.engine[:40]) for held in sources[:200] if held.name)


def held_rows(held: Held) -> list[dict[str, str]]:
    """Return held sources as they are stored."""
    return [{"name": name, "engine": engine} for name, engine in sorted(held)]


def held_from(rows: Sequence[Mapping[str, Any]]) -> Held:
    """Read stored held sources."""
    return frozenset((str(row["name"]), str(row["engine"])) for row in rows)
