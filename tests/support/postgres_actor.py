"""A process that starts the embedded PostgreSQL of a home, for tests to watch, stop and kill.

``python postgres_actor.py '{"home": …, "user": …, "system": …, "binaries": …, "limit": …}'``

It prints one JSON line for the start, reads commands from stdin (``stop``) and prints one line
for each. Modules are imported before the privileges are dropped, because the interpreter itself
may live in a folder that only root can enter.
"""

import json
import os
import pwd
import resource
import sys
from pathlib import Path
from typing import Any

import psycopg

from datelier.kit.embedded_postgres import EmbeddedPostgres
from datelier.kit.log import setup_logging
from datelier.kit.postgres_account import choose_account
from datelier.kit.postgres_errors import PostgresFailed
from datelier.kit.settings import Settings


def say(**found: object) -> None:
    sys.stdout.write(json.dumps(found, default=str) + "\n")
    sys.stdout.flush()


def become(user: int) -> None:
    try:
        group = pwd.getpwuid(user).pw_gid
    except KeyError:
        group = user
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def main(order: dict[str, Any]) -> None:
    setup_logging(Settings())  # to stderr: stdout is for the answers
    if order.get("binaries"):
        sys.path.insert(0, order["binaries"])
    if order.get("user") is not None and os.geteuid() != order["user"]:
        become(order["user"])
    if order.get("limit"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["limit"], order["limit"]))
    steps: list[str] = []
    postgres = EmbeddedPostgres(Path(order["home"]), system_folder=Path(order["system"]))
    try:
        server = postgres.start(steps.append)
    except PostgresFailed as error:
        say(error=error.code, detail=error.detail, hint=error.hint)
        return
    with psycopg.connect(server.url) as connection:
        pid = connection.execute("select pg_backend_pid()").fetchone()
    account = choose_account(server.data.stat().st_uid).name
    say(url=server.url, adopted=server.adopted, data=server.data, steps=steps, account=account)
    assert pid
    for line in sys.stdin:
        if line.strip() == "stop":
            say(stopped=postgres.stop())
            return


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
