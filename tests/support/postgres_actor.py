"""A process that starts the embedded PostgreSQL of a home, for tests to watch, stop and kill.

It is forked from a server that has imported everything already: that is quick, and the
interpreter may live in a folder that only root can enter, where an ordinary user could not
import anything.
"""

import os
import pwd
import resource
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg

from datelier.kit.embedded_postgres import EmbeddedPostgres
from datelier.kit.postgres_account import choose_account
from datelier.kit.postgres_errors import PostgresFailed
from tests.support.forks import fork_server


@dataclass(frozen=True)
class Order:
    """What an actor is to do: as whom, where, with which programs and limit on file sizes."""

    home: Path
    user: int
    system: Path
    binaries: Path | None = None
    limit: int | None = None


def launch(order: Order) -> tuple[Any, "Connection[Any, Any]"]:
    """Return a new actor's process and our end of its pipe.

    The actor sends one dictionary for its start, and for each text ``stop`` another.
    """
    context = fork_server()
    ours, theirs = context.Pipe()
    process = context.Process(target=act, args=(order, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def become(user: int) -> None:
    try:
        group = pwd.getpwuid(user).pw_gid
    except KeyError:
        group = user
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def act(order: Order, pipe: "Connection[Any, Any]") -> None:
    if order.binaries is not None:
        sys.path.insert(0, str(order.binaries))
    if os.geteuid() != order.user:
        become(order.user)
    if order.limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.limit, order.limit))
    steps: list[str] = []
    postgres = EmbeddedPostgres(order.home, system_folder=order.system)
    try:
        server = postgres.start(steps.append)
    except PostgresFailed as error:
        pipe.send({"error": error.code, "detail": error.detail, "hint": error.hint})
        return
    with psycopg.connect(server.url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    account = choose_account(server.data.stat().st_uid).name
    pipe.send(
        {
            "url": server.url,
            "adopted": server.adopted,
            "data": server.data,
            "steps": steps,
            "account": account,
        }
    )
    while pipe.recv() == "stop":
        pipe.send({"stopped": postgres.stop()})
