"""Short transactions of prepared statements, for the way to an answer's first word.

A session costs more CPU than the statements it carries. Here there is only the driver: what is
known beforehand goes out together and is answered together. Everything else uses sessions.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import DictRow
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.exc import DataError, OperationalError

from datelier.kit.db import APP_ROLE, ENTER, Statement

Rows = list[list[dict[str, Any]]]


class Trip:
    """One transaction of an organization, as the request role.

    Args:
        connection: An autocommit connection that nobody else uses meanwhile.
        org_id: The organization.
    """

    def __init__(self, connection: psycopg.AsyncConnection[DictRow], org_id: UUID) -> None:
        self._connection = connection
        self._org_id = org_id
        self._begun = False

    async def send(self, statements: Sequence[Statement], *, commit: bool = False) -> Rows:
        """Execute statements in order and in one round trip; return the rows of each.

        Args:
            statements: Each gives rows, and names the organization.
            commit: Commit in the same trip.

        Raises:
            OperationalError, DataError: SQLAlchemy's, as sessions raise them: the server is
                gone, or a value cannot be stored.
            psycopg.Error: A statement or the commit failed otherwise; nothing is stored.
        """
        connection = self._connection
        fresh, self._begun = not self._begun, True
        # What goes out together is one transaction as it is.
        single = fresh and commit
        try:
            async with connection.pipeline():
                if fresh:
                    if not single:
                        await connection.execute("begin", prepare=True)
                    await connection.execute(ENTER, (APP_ROLE, str(self._org_id)), prepare=True)
                cursors = [
                    await connection.execute(statement.sql, statement.values, prepare=True)
                    for statement in statements
                ]
                if commit and not single:
                    await connection.execute("commit", prepare=True)
            return [await cursor.fetchall() for cursor in cursors]
        except psycopg.OperationalError as error:
            await connection.close()
            raise OperationalError("", None, error) from error
        except psycopg.DataError as error:
            raise DataError("", None, error) from error
        except asyncio.CancelledError:
            # Answers may be under way that nobody will read.
            await connection.close()
            raise


class Trips:
    """Opens such transactions.

    Args:
        pool: Autocommit connections that may take the request role.
    """

    def __init__(self, pool: AsyncConnectionPool[psycopg.AsyncConnection[DictRow]]) -> None:
        self._pool = pool

    @asynccontextmanager
    async def begin(self, org_id: UUID) -> AsyncGenerator[Trip]:
        """Yield a transaction; what was not committed when it ends is rolled back.

        Raises:
            PoolTimeout: Every connection was busy for too long.
        """
        async with self._pool.connection() as connection:
            try:
                yield Trip(connection, org_id)
            finally:
                if not connection.closed:
                    try:
                        await connection.rollback()
                    except psycopg.Error:
                        # What was answered stands, and the server undoes what was not committed.
                        await connection.close()
