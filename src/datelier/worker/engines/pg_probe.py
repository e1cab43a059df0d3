"""The connection test of PostgreSQL, step by step, and the judgement of its role."""

from typing import Any, Final

from datelier.worker.engines.base import Probe, Step
from datelier.worker.engines.hosts import reach, resolve
from datelier.worker.engines.names import quoted
from datelier.worker.engines.pg_catalog import Querying
from datelier.worker.engines.pg_connect import Connection, Target, connect
from datelier.worker.engines.testing import Test, listed
from datelier.worker.errors import WorkerError

_ROLE_SQL: Final = """
SELECT r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls, r.rolreplication,
  ARRAY(SELECT m.rolname::text FROM pg_roles m WHERE NOT r.rolsuper
        AND m.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_maintain',
          'pg_execute_server_program', 'pg_signal_backend', 'pg_write_all_data', 'pg_checkpoint')
        AND pg_has_role(r.oid, m.oid, 'USAGE') ORDER BY 1)
FROM pg_roles r WHERE r.rolname = current_user
"""
_OBJECTS_SQL: Final = """
SELECT 'owns', format('%%I.%%I', n.nspname, c.relname) FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT LIKE 'pg\\_%%'
    AND n.nspname <> 'information_schema' AND pg_has_role(c.relowner, 'USAGE')
UNION ALL
SELECT 'writes', format('%%I.%%I', n.nspname, c.relname) FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname NOT LIKE 'pg\\_%%'
    AND n.nspname <> 'information_schema' AND NOT pg_has_role(c.relowner, 'USAGE')
    AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
         OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'))
UNION ALL
SELECT 'creates', n.nspname FROM pg_namespace n
  WHERE n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'
    AND has_schema_privilege(n.oid, 'CREATE')
UNION ALL
SELECT 'definer', format('%%I.%%I', n.nspname, p.proname) FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE p.prosecdef AND p.provolatile = 'v' AND n.nspname NOT LIKE 'pg\\_%%'
    AND n.nspname <> 'information_schema' AND has_function_privilege(p.oid, 'EXECUTE')
UNION ALL
SELECT 'reaches', p.proname::text FROM pg_proc p
  WHERE p.proname IN ('dblink', 'dblink_exec', 'dblink_connect')
    AND has_function_privilege(p.oid, 'EXECUTE')
UNION ALL
SELECT 'reaches', w.fdwname::text FROM pg_foreign_data_wrapper w
  WHERE has_foreign_data_wrapper_privilege(w.oid, 'USAGE')
"""
_FLAGS: Final = (
    "is a superuser",
    "may create roles",
    "may create databases",
    "bypasses row security",
    "may replicate",
)
_SENTENCES: Final = {
    "owns": "owns {}",
    "writes": "may change {}",
    "creates": "may create objects in schema {}",
    "definer": "may run functions with the rights of their owner: {}",
    "reaches": "can reach other servers or files through {}",
}
_FIX: Final = """\
CREATE ROLE {role} LOGIN PASSWORD 'choose-a-password'
  NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE {role} SET default_transaction_read_only = on;
ALTER ROLE {role} SET statement_timeout = '60s';
GRANT CONNECT ON DATABASE {database} TO {role};
{grants}"""
_FIX_SCHEMA: Final = """\
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {role};"""


class PostgresTest:
    """One connection test."""

    def __init__(self, target: Target, query: Querying) -> None:
        self.target = target
        self.connection: Connection | None = None
        self._query = query
        self._addresses: list[str] = []

    async def resolve(self) -> str:
        self._addresses = await resolve(self.target.host)
        return ", ".join(self._addresses)

    async def reach(self) -> str:
        return await reach(self.target.host, self._addresses, self.target.port)

    async def sign_in(self) -> str:
        self.connection = await connect(self.target, self._addresses)
        return f"as {self.target.user}"

    async def list_schemas(self) -> str:
        rows = await self._query(
            "SELECT n.nspname FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%%'"
            " AND n.nspname <> 'information_schema' AND has_schema_privilege(n.oid, 'USAGE')"
            " ORDER BY 1 LIMIT %s",
            50,
        )
        found = {str(row[0]) for row in rows}
        missing = sorted((self.target.schemas or frozenset()) - found)
        if missing:
            raise WorkerError(
                "source_missing",
                f"The schema {missing[0]!r} is not visible to this role.",
                hint=f"GRANT USAGE ON SCHEMA {quoted(missing[0])} TO {quoted(self.target.user)};",
            )
        return ", ".join(sorted(found))

    async def weaknesses(self) -> list[str]:
        """Why the role is more than a reader; empty is good."""
        (role,) = await self._query(_ROLE_SQL)
        reasons = [text for flag, text in zip(role, _FLAGS, strict=False) if flag]
        reasons += [f"is a member of {name}" for name in role[5]]
        if role[0]:
            return reasons  # a superuser has every right that follows
        found: dict[str, list[str]] = {}
        for kind, name in await self._query(_OBJECTS_SQL.replace("%%", "%")):
            found.setdefault(str(kind), []).append(str(name))
        return reasons + [_SENTENCES[kind].format(listed(found[kind])) for kind in found]

    def fix_sql(self, schemas: str) -> str:
        """SQL that makes a good role for this database."""
        role = quoted("datelier_reader")
        names = [quoted(name) for name in schemas.split(", ") if name]
        grants = "\n".join(_FIX_SCHEMA.format(schema=name, role=role) for name in names)
        return _FIX.format(role=role, database=quoted(self.target.database), grants=grants)


async def run_probe(test: PostgresTest, adopt: Any) -> Probe:
    """Run every step; `adopt(connection)` hands the session over once it is open."""
    report = Test()
    await report.run("resolve", test.resolve())
    if not report.failed:
        await report.run("connect", test.reach())
    if not report.failed:
        await report.run("sign_in", test.sign_in())
        _judge_tls(report, test)
    if report.failed:
        return report.result()
    adopt(test.connection)
    await report.run("list_schemas", test.list_schemas())
    return await _judge_role(report, test)


def _judge_tls(report: Test, test: PostgresTest) -> None:
    signed = report.steps["sign_in"]
    if test.connection is None:
        detail = signed.detail or ""
        if "SSL" in detail or "certificate" in detail:
            report.steps["tls"] = Step("tls", False, 0, detail, signed.advice)
            report.steps["sign_in"] = Step("sign_in", None)
        return
    if test.connection.pgconn.ssl_in_use:
        report.steps["tls"] = Step("tls", True, 0, "encrypted")
    else:
        report.steps["tls"] = Step(
            "tls", None, 0, "not encrypted", "Use sslmode require if the network is not yours."
        )


async def _judge_role(report: Test, test: PostgresTest) -> Probe:
    reasons = await report.judge_role(test.weaknesses())
    if report.failed or not reasons:
        return report.result()
    schemas = report.steps["list_schemas"].detail or ""
    return report.result({"reasons": reasons, "fix_sql": test.fix_sql(schemas)})
