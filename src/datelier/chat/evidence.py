"""The results that an answer may have its figures from, each opened at most once per claim."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

from langchain_core.messages import AnyMessage, ToolMessage

from datelier.kit.log import get_logger
from datelier.queries.trace.errors import TraceError
from datelier.queries.trace.formula import Reference
from datelier.queries.trace.load import load_table, table_of_version, thread_references
from datelier.queries.trace.tables import Table
from datelier.runs.execution import ActiveRun
from datelier.runs.fold import Part

log = get_logger(__name__)

_MOST: Final = 20  # results that a text is checked against, the newest


class Evidence:
    """Finds results by name.

    Args:
        run: Whose thread they belong to.
    """

    def __init__(self, run: ActiveRun) -> None:
        self._run = run
        self._versions: dict[tuple[int, int], dict[str, Any]] = {}
        self._tables: dict[tuple[int, int], Table] = {}
        self._missing: dict[Reference, TraceError] = {}
        self._newest: dict[int, int] = {}

    def note(self, part: Part) -> None:
        """Remember what a tool said about a query that is done."""
        data: dict[str, Any] = part.get("data") or {}
        if part["type"] == "data-query" and data.get("status") == "done":
            self._versions[_key(data)] = data

    def take(self, messages: Iterable[AnyMessage]) -> list[Reference]:
        """Take the results of this run's tools; return them all, oldest first."""
        found: list[Reference] = []
        for message in messages:
            output: Any = message.artifact if isinstance(message, ToolMessage) else None
            if not isinstance(output, dict) or not str(output.get("handle")).startswith("Q"):  # pyright: ignore[reportUnknownArgumentType]  # JSON
                continue
            known = cast("dict[str, Any]", output)
            if "rows" not in known:
                continue
            key = _key(known)
            found.append(Reference(*key))
            self._newest[key[0]] = max(key[1], self._newest.get(key[0], 0))
            if key not in self._tables and key in self._versions:
                table = table_of_version(self._versions[key], known)
                if table is not None:
                    self._tables[key] = table
        return found[-_MOST:]

    def find(self, reference: Reference) -> Table:
        """Return a result that was loaded; without a version this run's newest.

        Raises:
            TraceError: There is no such result.
        """
        table = self._known(reference)
        if table is not None:
            return table
        raise self._missing.get(reference) or TraceError(
            "no_such_query", f"This chat has no result Q{reference.handle}."
        )

    def _known(self, reference: Reference) -> Table | None:
        version = reference.version or self._newest.get(reference.handle, 0)
        return self._tables.get((reference.handle, version))

    def lacks(self, references: Iterable[Reference]) -> bool:
        """Whether any of some results has to be loaded first."""
        return any(self._known(r) is None and r not in self._missing for r in references)

    async def load(self, references: Iterable[Reference]) -> None:
        """Open what is not there yet; what cannot be opened is remembered as missing."""
        thread_id = self._run.claim.thread_id
        for reference in references:
            if thread_id is None or not self.lacks([reference]):
                continue
            version = reference.version or self._newest.get(reference.handle)
            try:
                wanted = Reference(reference.handle, version)
                table = await load_table(self._run.ctx, thread_id, wanted)
            except TraceError as error:
                self._missing[reference] = error
                continue
            self._tables[table.handle, table.version] = table
            self._newest.setdefault(table.handle, table.version)

    async def of_thread(self) -> list[Reference]:
        """Return the newest results of the thread, for an answer that asked for none itself."""
        thread_id = self._run.claim.thread_id
        if thread_id is None:
            return []
        async with self._run.ctx.begin() as tx:
            return (await thread_references(tx, thread_id))[-_MOST:]

    def tables(self, references: Sequence[Reference]) -> list[Table]:
        """Return those of some results that are there."""
        found = [self._known(reference) for reference in references]
        return [table for table in found if table is not None]


def _key(data: dict[str, Any]) -> tuple[int, int]:
    return int(str(data["handle"])[1:]), int(data.get("version") or 1)


def evidence_of(run: ActiveRun) -> Evidence:
    """Return the evidence of a claim."""
    found: Evidence | None = run.cache.get("evidence")
    if found is None:
        found = run.cache["evidence"] = Evidence(run)
    return found
