"""The names of a statement: the tables and columns it may use, and those it may make."""

import re
from difflib import get_close_matches
from functools import cached_property
from typing import Final

from sqlglot import exp
from sqlglot.expressions.core import Expr as Expression

from datelier.worker.errors import SqlRefusedError
from datelier.worker.functions import Dialect
from datelier.worker.guard_rules import rules_of
from datelier.worker.scope import Scope

_SYSTEM_COLUMNS: Final = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"})
_SYSTEM_SCHEMAS: Final = frozenset({"information_schema", "main_system", "system", "temp"})
_SYSTEM_NAME: Final = re.compile(r"(?i)(pg_|duckdb_|sqlite_|pragma_)")
_FILE_NAME: Final = re.compile(r"[/\\:*?]|\.\w+$")


def _may_be_dotted(node: exp.Dot, dialect: Dialect) -> bool:
    """`value.upper()` in DuckDB, and PostgreSQL's own functions by their schema."""
    return dialect == "duckdb" or node.this.sql().lower() == "pg_catalog"


class Names:
    """Checks the names of tables and columns against the scope."""

    def __init__(self, tree: Expression, scope: Scope, dialect: Dialect) -> None:
        self._scope = scope
        self._tree = tree
        self._dialect: Dialect = dialect
        self._defined = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}

    def check_new_name(self, name: str) -> None:
        if self._dialect == "mysql":
            return
        if _SYSTEM_NAME.match(name) or _FILE_NAME.search(name):
            raise SqlRefusedError(f"WITH cannot define the name {name!r}.", "Use a plain name.")

    def check_table(self, table: exp.Table) -> None:
        if not isinstance(table.this, exp.Identifier):
            return  # a function in FROM: its name is checked like any other call
        name, schema = table.name, table.db
        if table.catalog:
            raise SqlRefusedError(
                f"The table {table.sql()[:80]} names another database.",
                "A query reads one source: leave the database's name out.",
            )
        if self._is_system(schema, name):
            raise SqlRefusedError(
                f"The system table {name!r} is not available to queries.",
                "Tables and columns of the source are described by its catalog.",
            )
        if self._scope.schemas is not None and schema and not self._is_known_schema(table):
            raise SqlRefusedError(
                f"The schema {schema!r} is not part of this source.",
                f"Its schemas are: {', '.join(sorted(self._scope.schemas)[:8])}.",
            )
        self._check_known(table)

    def _is_system(self, schema: str, name: str) -> bool:
        own = rules_of(self._dialect).system
        if own:
            # BigQuery's `dataset.INFORMATION_SCHEMA.TABLES` comes as one name with a dot in it.
            return not own.isdisjoint({schema.lower(), name.lower().partition(".")[0]})
        return schema.lower() in _SYSTEM_SCHEMAS or bool(_SYSTEM_NAME.match(schema or name))

    def _is_known_schema(self, table: exp.Table) -> bool:
        known, written = self._scope.schemas or frozenset(), table.args.get("db")
        quoted = isinstance(written, exp.Identifier) and written.args.get("quoted")
        fold = str if quoted and self._dialect == "snowflake" else rules_of(self._dialect).fold
        return fold(table.db) in {fold(one) for one in known} or table.db in known

    def _check_known(self, table: exp.Table) -> None:
        known = self._scope.tables
        name = table.name.lower()
        schemas = self._scope.schemas or ()
        if known is None or (name in known and (not table.db or table.db in schemas)):
            return
        if not table.db and name in self._defined:
            return
        if table.db.lower() == "main" and name in known:
            return  # DuckDB's own name for where they are
        near = get_close_matches(name, known, n=3, cutoff=0.6) or sorted(known)[:8]
        raise SqlRefusedError(
            f"There is no table {table.name[:80]!r} in this source.",
            f"Its tables include: {', '.join(near)}." if near else "The source has no tables.",
        )

    def check_column(self, node: exp.Column | exp.Dot) -> None:
        if isinstance(node, exp.Dot):
            member: object = node.expression
            if isinstance(member, exp.Anonymous) and _may_be_dotted(node, self._dialect):
                return  # its name is checked like any other call
            if self._dialect == "clickhouse" and isinstance(member, exp.Literal):
                return  # the first of a tuple is `t.1`
            if not isinstance(member, exp.Identifier | exp.Star):
                raise SqlRefusedError(
                    "A function cannot be called through a schema or a value here.",
                    "Call it by its name alone.",
                )
        else:
            member = node.this
            self._check_quoted(node)
        if self._dialect != "postgres" or not isinstance(member, exp.Identifier):
            return
        name = member.name if member.args.get("quoted") else member.name.lower()
        if name in _SYSTEM_COLUMNS and isinstance(node, exp.Column):
            raise SqlRefusedError(
                f"The system column {name!r} is not available.", "Use the table's own columns."
            )
        if name in self._scope.row_functions:
            raise SqlRefusedError(
                f"{name!r} is a function of this database; a column of that name would call it.",
                "Leave it out, or rename the column in a view.",
            )

    def _check_quoted(self, column: exp.Column) -> None:
        """SQLite reads a name in double quotes that is no column as a text, without a word."""
        known = self._scope.columns
        member: object = column.this
        if known is None or column.table or not isinstance(member, exp.Identifier):
            return
        name = member.name.lower()
        if not member.args.get("quoted") or name in known or name in self._aliases:
            return
        near = get_close_matches(name, known, n=3, cutoff=0.6)
        like = f"Did you mean {', '.join(near)}? " if near else ""
        raise SqlRefusedError(
            f'There is no column "{member.name[:80]}" in this source.',
            f"{like}A text is written in single quotes.",
        )

    @cached_property
    def _aliases(self) -> frozenset[str]:
        """Every name the statement itself gives to something."""
        aliases = {str(alias.alias).lower() for alias in self._tree.find_all(exp.Alias)}
        for table in self._tree.find_all(exp.TableAlias):
            aliases |= {column.name.lower() for column in table.columns}
        return frozenset(aliases)
