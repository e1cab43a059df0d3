"""The platform database: one engine, two roles, and the one place that adds the tenant.

Two independent walls keep organizations apart. Verbs read and write tenant rows only through
:func:`owned`, :func:`get_owned` and :func:`add_owned`, which filter by the context's
organization; and PostgreSQL's row-level security is forced for the role that requests run as.
"""

import asyncio
import select as sockets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, Protocol, TypeVar
from uuid import UUID

import psycopg
from psycopg.abc import PQGen
from psycopg.rows import Row
from sqlalchemy import TIMESTAMP, ForeignKey, PoolResetState, Select, Uuid, event, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DisconnectionError, OperationalError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from typing_extensions import override

from datelier.kit.errors import NotFound
from datelier.kit.ids import uuid7

APP_ROLE = "datelier_app"
SYSTEM_ROLE = "datelier_system"

T = TypeVar("T")

# Takes a role and names the organization, until the transaction ends.
# A process that froze in a transaction must not keep its rows locked for the others: the server
# ends the session, and whoever wakes up in it finds it closed.
IDLE_LIMIT: LiteralString = "60s"
ENTER: LiteralString = (
    "select set_config('role', %s, true), set_config('datelier.org', %s, true),"
    f" set_config('idle_in_transaction_session_timeout', '{IDLE_LIMIT}', true)"
)


class SafeConnection(psycopg.AsyncConnection[Row]):
    """A connection that closes when a wait for a pipeline's answers is cancelled.

    The answers not yet read would otherwise be given to whoever borrows the connection next.
    """

    @override
    async def wait(self, gen: PQGen[T], *args: Any, **kwargs: Any) -> T:
        try:
            return await super().wait(gen, *args, **kwargs)
        except asyncio.CancelledError:
            if self.pgconn.pipeline_status:
                gen.close()  # its clean-up still needs the connection
                self.pgconn.finish()
            raise


class Base(DeclarativeBase):
    """Declarative base of every table."""

    type_annotation_map = {
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        UUID: Uuid(),
    }


class Stamped:
    """When a row was made and last changed, by the database's clock."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Tenant(Stamped):
    """Columns of every row that belongs to an organization."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))


TenantT = TypeVar("TenantT", bound=Tenant)


class Database:
    """Connections to the platform database.

    Args:
        url: A `postgresql://` URL of the owner role.
        pool_size: Connections kept by this process.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        # Of a fixed size, since connecting costs more than waiting; and the connections used
        # last come first, since they hold the most prepared statements.
        self.engine = create_async_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=0,
            pool_use_lifo=True,
            # Rolled back by hand: the pool's own way reports every closed connection as an error.
            pool_reset_on_return=None,
            # What failed is logged as it is; what it was about may be anybody's secret.
            hide_parameters=True,
            connect_args={"prepare_threshold": 2, "async_creator_fn": SafeConnection.connect},
        )
        event.listen(self.engine.sync_engine, "reset", _roll_back)
        event.listen(self.engine.sync_engine, "checkout", _refuse_closed)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        # Tests switch this wall off to prove that row-level security holds alone.
        self.tenant_filter = True

    @property
    def conninfo(self) -> str:
        """The libpq URL, for drivers that do not go through SQLAlchemy. Holds the password."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @asynccontextmanager
    async def transaction(self, org_id: UUID) -> AsyncGenerator[AsyncSession]:
        """Open a transaction as the request role, bound to one organization."""
        async with self._sessions() as session, session.begin():
            await _enter(session, APP_ROLE, str(org_id))
            yield session

    @asynccontextmanager
    async def system(self) -> AsyncGenerator[AsyncSession]:
        """Open a transaction that sees every organization.

        Only the few verbs named in design §4 may use it: sign-in, claiming runs, the reaper.
        """
        async with self._sessions() as session, session.begin():
            await _enter(session, SYSTEM_ROLE, "")
            yield session

    async def once(
        self, statements: Sequence["Statement"], org_id: UUID | None
    ) -> list[list[tuple[Any, ...]]]:
        """Execute statements in a transaction and a round trip of their own, and commit.

        Args:
            statements: Each is prepared and gives rows.
            org_id: Run them as the request role of this organization; None to see all of them,
                which only the verbs named in design §4 may.

        Returns:
            The rows of each statement.

        Raises:
            OperationalError, DataError: As :func:`one_trip`.
            psycopg.Error: It failed otherwise.
        """
        role, org = (SYSTEM_ROLE, "") if org_id is None else (APP_ROLE, str(org_id))
        async with self.engine.connect() as connection:
            _, *rows = await _trip(connection, [_entering(role, org), *statements], commit=True)
            return rows

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()


def was_closed(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Return whether the server has closed an idle connection.

    An idle connection has nothing to say; one that does was closed. Asking the socket costs a
    microsecond, a round trip before every transaction would not.
    """
    if connection.closed:
        return True
    poll = sockets.poll()  # unlike select, not limited to the first 1,024 descriptors
    poll.register(connection.fileno(), sockets.POLLIN)
    return bool(poll.poll(0))


def _roll_back(connection: Any, _record: object, state: PoolResetState) -> None:
    if state.asyncio_safe and not state.terminate_only and not connection.driver_connection.closed:
        connection.rollback()


def _refuse_closed(_connection: object, record: Any, _proxy: object) -> None:
    # The pool then connects anew, so that a restart of the server costs nobody an error.
    if was_closed(record.driver_connection):
        raise DisconnectionError("the server has closed this connection")


async def _enter(session: AsyncSession, role: str, org: str) -> None:
    """Begin the transaction, take a role and name the organization, in one round trip."""
    await _trip(await session.connection(), [_entering(role, org)], commit=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with ``%(name)s`` placeholders. Whoever writes it names the organization in it."""

    sql: LiteralString
    values: Mapping[str, Any] | Sequence[Any]


def _entering(role: str, org: str) -> Statement:
    return Statement(ENTER, (role, org))


class Caller(Protocol):
    """What the tenant helpers need of a context: an organization and an open transaction."""

    @property
    def org_id(self) -> UUID: ...
    @property
    def session(self) -> AsyncSession: ...
    @property
    def db(self) -> Database: ...


def owned(ctx: Caller, model: type[TenantT]) -> Select[TenantT]:
    """Return a SELECT of `model` limited to the context's organization."""
    statement = select(model)
    if ctx.db.tenant_filter:
        statement = statement.where(model.org_id == ctx.org_id)
    return statement


async def get_owned(
    ctx: Caller, model: type[TenantT], row_id: UUID, *, for_update: bool = False
) -> TenantT:
    """Return one row of the caller's organization.

    Raises:
        NotFound: The id is unknown, or belongs to another organization.
    """
    statement = owned(ctx, model).where(model.id == row_id)
    if for_update:
        statement = statement.with_for_update()
    row = (await ctx.session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound(str(getattr(model, "__tablename__", "object")), row_id)
    return row


async def add_owned(ctx: Caller, row: TenantT) -> TenantT:
    """Insert `row` for the context's organization and return it with its defaults loaded."""
    row.org_id = ctx.org_id
    ctx.session.add(row)
    await ctx.session.flush()
    return row


async def one_trip(ctx: Caller, statements: Sequence[Statement]) -> list[list[tuple[Any, ...]]]:
    """Execute statements in the open transaction, in order and in one round trip.

    For the path to an answer's first word, where locks are held until the commit and every
    trip counts. They run as the request role of the context's organization, like all others.

    Args:
        ctx: A context inside a transaction.
        statements: Each is prepared and gives rows.

    Returns:
        The rows of each statement.

    Raises:
        OperationalError, DataError: SQLAlchemy's: the server is gone, or a value cannot be stored.
        psycopg.Error: A statement failed otherwise; nothing is stored.
    """
    session = ctx.session
    if session.new or session.dirty or session.deleted:
        await session.flush()
    return await _trip(await session.connection(), statements, commit=False)


async def _trip(
    connection: AsyncConnection, statements: Sequence[Statement], *, commit: bool
) -> list[list[tuple[Any, ...]]]:
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        async with driver.pipeline():
            cursors = [
                await driver.execute(statement.sql, statement.values, prepare=True)
                for statement in statements
            ]
            if commit:
                await driver.commit()
        return [await cursor.fetchall() for cursor in cursors]
    except psycopg.OperationalError as error:
        await connection.invalidate(error)
        raise OperationalError("", None, error) from error
    except asyncio.CancelledError as error:
        await connection.invalidate(error)  # a roll-back would fail and hide the cancellation
        raise
    except psycopg.DataError as error:
        raise DataError("", None, error) from error
