"""Alembic's entry: one connection, one transaction, a short lock timeout."""

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

url = make_url(context.config.attributes["url"]).set(drivername="postgresql+psycopg")

with create_engine(url, poolclass=NullPool).connect() as connection:
    connection.execute(text("set lock_timeout = '5s'"))
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
