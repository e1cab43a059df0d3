"""What of a write or a request a standing rule can be about.

By what the statement is, never by its text: the parser that guards writes reads it, and every
name is looked up in the catalog, so that a rule about one table is about no other of that name.
Whatever is not plainly one of these shapes has no terms, and a person is asked.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import httpx
import orjson

from datelier.effects.requests import Outgoing
from datelier.kit.errors import NotFound
from datelier.kit.tools import NoTerms, Terms, ToolContext
from datelier.sources.catalog import get_catalog
from datelier.sources.privacy import DIALECTS, table_key
from datelier.sources.schemas import CatalogTable
from datelier.sources.target import get_source
from datelier.sources.write_connection import NotWritable, write_target
from datelier.worker.errors import WorkerError
from datelier.worker.functions import Dialect

if TYPE_CHECKING:
    from sqlglot import exp

ALL_COLUMNS: Final = "*"
_UNKNOWN: Final = "The statement names a table that the catalog does not know, or knows twice."
_PORTS: Final = {"http": 80, "https": 443}


async def write_terms(at: ToolContext, source_id: UUID, sql: str) -> Terms:
    """Return the terms of a write: verb, table, columns set, other tables read.

    Raises:
        NoTerms: It affects every row, uses WITH, or names what the catalog does not know.
    """
    async with at.ctx.begin() as tx:
        source = await get_source(tx, source_id)
        try:
            place = (await write_target(tx, source_id)).target.json
            tables = (await get_catalog(tx, source_id)).tables
        except (NotWritable, NotFound) as error:
            raise NoTerms(error.detail, hint=error.hint) from None
    dialect = DIALECTS[source.engine]
    exact, within = await asyncio.to_thread(_shape, sql, dialect, tables)
    return Terms(
        exact=exact,
        within=within,
        source_id=source_id,
        pinned=_pinned(place),
        counted=True,
        inward=True,
    )


def _pinned(place: str) -> str:
    """Digest where the source is and who writes there."""
    body: dict[str, Any] = orjson.loads(place)
    body.pop("password", None)
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _shape(
    sql: str, dialect: Dialect, tables: Sequence[CatalogTable]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    from sqlglot import exp  # noqa: PLC0415  # lazy: it takes a second of CPU

    from datelier.worker.guard import read_statement  # noqa: PLC0415  # likewise
    from datelier.worker.guard_write import check_write  # noqa: PLC0415  # likewise

    try:
        write = check_write(sql, dialect)
        tree: Any = read_statement(write.sql, dialect)
    except WorkerError as error:
        raise NoTerms(error.message) from None
    if write.everything:
        raise NoTerms(f"{write.verb} of every row is asked about each time.")
    if tree.find(exp.With):
        raise NoTerms("A statement with WITH is asked about each time.")
    where = tree.args.get("where")
    if write.verb != "INSERT" and (where is None or where.find(exp.Column) is None):
        raise NoTerms("Its condition names no column, so it is asked about each time.")
    target: Any = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    table = _known(target, dialect, tables)
    named = {_known(node, dialect, tables) for node in tree.find_all(exp.Table)}
    within = {"columns": _columns(tree, dialect), "reads": sorted(named - {table})}
    return {"verb": write.verb, "table": table}, within


def _columns(tree: Any, dialect: Dialect) -> list[str]:
    from sqlglot import exp  # noqa: PLC0415  # see _shape

    if isinstance(tree, exp.Update):
        return sorted({_name(change.this.this, dialect) for change in tree.expressions})
    if isinstance(tree, exp.Insert):
        if not isinstance(tree.this, exp.Schema):
            return [ALL_COLUMNS]
        return sorted({_name(column, dialect) for column in tree.this.expressions})
    return []


def _known(node: "exp.Table", dialect: Dialect, tables: Sequence[CatalogTable]) -> str:
    """Return the one table of the catalog that is meant."""
    from sqlglot import exp  # noqa: PLC0415  # see _shape

    schema: Any = node.args.get("db")
    if not isinstance(node.this, exp.Identifier) or node.args.get("catalog"):
        raise NoTerms("It reads something that is no table, so it is asked about each time.")
    name = _name(node.this, dialect)
    of = None if schema is None else _name(schema, dialect)
    found = [t for t in tables if t.name == name and (of is None or t.schema_name == of)]
    if len(found) != 1:
        raise NoTerms(
            _UNKNOWN, hint="Look at the source again, or write the schema before the name."
        )
    return table_key(found[0].schema_name, found[0].name)


def _name(identifier: "exp.Identifier", dialect: Dialect) -> str:
    """Return a name as the database has it: PostgreSQL folds what stands in no quotes."""
    plain = str(identifier.this)
    folds = dialect == "postgres" and not identifier.args.get("quoted")
    return plain.lower() if folds else plain


def request_terms(wanted: Outgoing) -> Terms:
    """Return the terms of a request: its method, and the host with scheme and port."""
    url = httpx.URL(wanted.url)
    port = url.port or _PORTS[url.scheme]
    host = f"{url.scheme}://{url.raw_host.decode('ascii')}"
    if port != _PORTS[url.scheme]:
        host = f"{host}:{port}"
    return Terms(exact={"method": wanted.method, "host": host})
