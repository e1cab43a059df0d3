"""A MariaDB source through the API, the gateway and the real worker."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.queries.test_queries import run
from tests.support.mariadb import ScratchMariaDB, running_mariadb
from tests.support.mariadb_source import PASSWORD, SOURCE_SQL


@pytest.fixture(scope="module")
def shop() -> Iterator[ScratchMariaDB]:
    with running_mariadb() as server:
        server.run(*SOURCE_SQL)
        yield server


def body(shop: ScratchMariaDB, user: str, password: str | None, **more: Any) -> dict[str, Any]:
    config = {"host": shop.host, "port": shop.port, "database": shop.database, "user": user}
    named = {"name": f"maria {user}", "engine": "mysql", "config": config | more}
    return named | ({"password": password} if password else {})


async def add(http: httpx.AsyncClient, shop: ScratchMariaDB, user: str) -> dict[str, Any]:
    password = PASSWORD if user == "reader" else None
    answer = await http.post("/sources", json=body(shop, user, password))
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.contract("A22", "A37")
async def test_a_database_is_connected_described_tested_and_queried(
    http: httpx.AsyncClient, shop: ScratchMariaDB
) -> None:
    source = await add(http, shop, "reader")
    assert source["status"] == "ready", source
    assert source["weak_role"] is None
    assert source["config"]["tls"] == "prefer"
    catalog = (await http.get(f"/sources/{source['id']}/catalog")).json()
    tables = {entry["name"]: entry for entry in catalog["tables"]}
    orders = tables["orders"]
    assert (orders["schema"], orders["rows"], orders["comment"]) == ("app", 40, "What was sold")
    assert orders["columns"][0]["primary_key"] is True
    assert orders["columns"][1]["comment"] == "Where"
    assert tables["big"]["kind"] == "view"
    assert orders["sample"]["rows"][0][:2] == ["1", "south"]
    report = (await http.post(f"/sources/{source['id']}/test")).json()
    assert report["ok"] is True, report
    version = await run(
        http, source["id"], "select id, total, placed, note from orders order by id"
    )
    assert version["database_user"].startswith("reader@")
    rows = (await http.get(f"/results/{version['result_id']}/rows")).json()
    assert [column[4] for column in rows["data"]] == [5, "36.25", "2026-01-07T09:00:00", None]
    preview = await http.get(f"/sources/{source['id']}/preview?table=app.orders&limit=5")
    assert (preview.json()["row_count"], preview.json()["total"]) == (5, 40)
    starters = (await http.get(f"/sources/{source['id']}/starters")).json()["questions"]
    assert len(starters) == 4


async def test_what_the_guard_refuses_says_so(
    http: httpx.AsyncClient, shop: ScratchMariaDB
) -> None:
    source = await add(http, shop, "caller")
    assert "may change app" in " ".join(source["weak_role"]["reasons"])
    for sql, named in (
        ("select sleep(1)", "sleep()"),
        ("select 1 into outfile '/tmp/x'", "INTO OUTFILE"),
        ("select * from mysql.user", "user"),
        ("delete from t", "DELETE"),
    ):
        answer = await http.post("/queries", json={"source_id": source["id"], "sql": sql})
        version = answer.json()
        assert version["status"] == "failed"
        assert version["error"]["code"] == "sql_refused"
        assert named in version["error"]["message"]


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"host": "/run/mysqld.sock"}, "config.host"),
        ({"host": "169.254.169.254"}, "config.host"),
        ({"port": 70000}, "config.port"),
        ({"tls": "verify-full"}, "config.tls"),
        ({"sslmode": "prefer"}, "config.sslmode"),
        ({"local_infile": True}, "config.local_infile"),
        ({"init_command": "x"}, "config.init_command"),
        ({"user": "a\nb"}, "config.user"),
    ],
)
async def test_settings_that_are_not_acceptable_are_named(
    http: httpx.AsyncClient, config: dict[str, Any], field: str
) -> None:
    good = {"host": "db", "database": "app", "user": "reader"}
    answer = await http.post(
        "/sources", json={"name": "bad", "engine": "mysql", "config": good | config}
    )
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [field]


async def test_a_stored_password_is_not_sent_to_another_place(
    http: httpx.AsyncClient, shop: ScratchMariaDB
) -> None:
    answer = await http.post("/sources", json=body(shop, "reader", PASSWORD) | {"name": "moved"})
    source = answer.json()
    for config in ({"host": "elsewhere.example"}, {"tls": "disable"}):
        moved = await http.patch(f"/sources/{source['id']}", json={"config": config})
        assert moved.status_code == 422
        assert moved.json()["errors"][0]["path"] == "password"
