"""The connection test of MySQL and MariaDB, step by step, and the judgement of its user."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

from datelier.worker.engines.base import Probe, Step
from datelier.worker.engines.hosts import reach, resolve
from datelier.worker.engines.mysql_catalog import Querying
from datelier.worker.engines.mysql_connect import Target
from datelier.worker.engines.mysql_wire import Session
from datelier.worker.engines.names import backticked
from datelier.worker.engines.testing import Test, listed
from datelier.worker.errors import WorkerError

Commanding = Callable[[str], Awaitable[list[tuple[str | None, ...]]]]
_GRANT: Final = re.compile(
    r"GRANT (?P<what>.+?) ON (?P<on>.+?) TO .+?(?P<option> WITH GRANT OPTION)?$"
)
_ROLE: Final = re.compile(r"GRANT (?P<roles>.+?) TO ")
_GOOD: Final = frozenset({"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES"})
_CHANGES: Final = frozenset({
    "ALL PRIVILEGES", "INSERT", "UPDATE", "DELETE", "DELETE HISTORY", "CREATE", "DROP", "ALTER",
    "INDEX", "TRIGGER", "CREATE VIEW", "CREATE TEMPORARY TABLES", "REFERENCES", "LOCK TABLES",
    "EVENT", "CREATE ROUTINE", "ALTER ROUTINE",
})  # fmt: skip
_SERVER_WIDE: Final = "*.*"
_FIX: Final = """\
CREATE USER 'datelier_reader'@'%' IDENTIFIED BY 'choose-a-password';
GRANT SELECT, SHOW VIEW ON {database}.* TO 'datelier_reader'@'%';"""


class Adopting(Protocol):
    """Who owns the session that the test opens."""

    async def adopt(self, addresses: list[str]) -> Session: ...


class MySqlTest:
    """One connection test."""

    def __init__(self, target: Target, query: Querying, command: Commanding) -> None:
        self.target = target
        self.session: Session | None = None
        self.spoiled = False  # the session took a role: it must not serve anything else
        self.addresses: list[str] = []
        self._query = query
        self._command = command

    async def resolve(self) -> str:
        self.addresses = await resolve(self.target.host)
        return ", ".join(self.addresses)

    async def reach(self) -> str:
        return await reach(self.target.host, self.addresses, self.target.port)

    async def sign_in(self, engine: Adopting) -> str:
        self.session = await engine.adopt(self.addresses)
        kind = "MariaDB" if self.session.is_mariadb else "MySQL"
        version = re.sub(r"^5\.5\.5-(?=1\d\.)", "", self.session.version)
        return f"as {self.target.user}, {kind} {version.partition('-')[0]}"

    async def list_schemas(self) -> str:
        rows = await self._query(
            "SELECT CAST(TABLE_NAME AS CHAR) FROM information_schema.TABLES"
            " WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME LIMIT 1",
            self.target.database,
        )
        if not rows:
            raise WorkerError(
                "source_missing",
                f"No table of the database {self.target.database!r} is visible to this user.",
                hint=f"GRANT SELECT ON {backticked(self.target.database)}.* TO the user.",
            )
        return self.target.database

    async def weaknesses(self) -> list[str]:
        """Why the user is more than a reader; empty is good."""
        lines = await self._grants("SHOW GRANTS FOR CURRENT_USER()")
        reasons: list[str] = []
        for role in _roles(lines):
            try:
                lines += await self._of_role(role)
            except WorkerError:
                reasons.append(f"is a member of {role}, whose rights cannot be seen")
        return _judge(lines) + reasons

    async def _of_role(self, role: str) -> list[str]:
        if self.session is not None and self.session.is_mariadb:
            # Only who has taken a role may see its rights.
            self.spoiled = True
            await self._command(f"SET ROLE {role}")
            return await self._grants("SHOW GRANTS FOR CURRENT_ROLE()")
        return await self._grants(f"SHOW GRANTS FOR CURRENT_USER() USING {role}")

    async def _grants(self, sql: str) -> list[str]:
        return [row[0] for row in await self._command(sql) if row[0]]

    def fix_sql(self) -> str:
        """SQL that makes a good user for this database."""
        # A wildcard in a grant is a pattern: the name stands for itself only.
        name = backticked(self.target.database.replace("_", "\\_").replace("%", "\\%"))
        return _FIX.format(database=name)


def _roles(lines: Iterable[str]) -> list[str]:
    """Roles granted to the user, as the server quotes them."""
    found: list[str] = []
    for line in lines:
        match = None if _GRANT.match(line) else _ROLE.match(line)
        if match:
            found += re.findall(r"`(?:[^`]|``)+`(?:@`(?:[^`]|``)*`)?", match["roles"])
    return found


def _judge(lines: Iterable[str]) -> list[str]:
    changes: list[str] = []
    powers: list[str] = []
    readable: list[str] = []
    for line in lines:
        match = _GRANT.match(line)
        if match is None:
            continue
        rights = {part.strip() for part in re.sub(r"\([^)]*\)", "", match["what"]).split(",")}
        if match["option"] or "GRANT OPTION" in rights:
            powers.append("GRANT OPTION")
        if rights & _CHANGES:
            changes.append(match["on"].replace("`", ""))
        powers += sorted(rights - _GOOD - _CHANGES - {"GRANT OPTION"})
        if "SELECT" in rights and match["on"].replace("`", "") in {_SERVER_WIDE, "mysql.*"}:
            readable.append(match["on"])
        powers += sorted(rights & {"CREATE ROUTINE", "ALTER ROUTINE", "EVENT", "TRIGGER"})
    return _sentences(changes, powers, readable)


def _sentences(changes: list[str], powers: list[str], readable: list[str]) -> list[str]:
    reasons: list[str] = []
    if _SERVER_WIDE in changes:
        reasons.append("may change every database of the server")
    elif changes:
        reasons.append(f"may change {listed(changes)}")
    if powers:
        reasons.append(f"has the privileges {listed(powers)}")
    if readable:
        reasons.append("may read the accounts of the server itself")
    return reasons


async def run_probe(test: MySqlTest, engine: Adopting) -> Probe:
    """Run every step; the session that is opened goes to the engine."""
    report = Test()
    await report.run("resolve", test.resolve())
    if not report.failed:
        await report.run("connect", test.reach())
    if not report.failed:
        await report.run("sign_in", test.sign_in(engine))
        _judge_tls(report, test)
    if not report.failed:
        await report.run("list_schemas", test.list_schemas())
    if report.failed:
        return report.result()
    reasons = await report.judge_role(test.weaknesses())
    if report.failed or not reasons:
        return report.result()
    return report.result({"reasons": reasons, "fix_sql": test.fix_sql()})


def _judge_tls(report: Test, test: MySqlTest) -> None:
    if test.session is None:
        signed = report.steps["sign_in"]
        detail = signed.detail or ""
        if "SSL" in detail or "certificate" in detail:
            report.steps["tls"] = Step("tls", False, 0, detail, signed.advice)
            report.steps["sign_in"] = Step("sign_in", None)
    elif test.session.encrypted:
        report.steps["tls"] = Step("tls", True, 0, "encrypted")
    else:
        report.steps["tls"] = Step(
            "tls", None, 0, "not encrypted", "Use tls require if the network is not yours."
        )
