"""SQLite sources over HTTP with the real worker: uploaded, and in a folder of the operator."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from datelier.kit.context import Context
from datelier.sources.gateway_server import Gateway
from datelier.sources.grounding import grounding
from tests.sources.app import client
from tests.sources.real_worker import RealWorker
from tests.sources.test_real_worker import ORDERS, tables_of, upload

SHOP = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, placed DATETIME, total REAL);
INSERT INTO orders VALUES (1, '2026-01-02 03:04:05', 10.5), (2, '2026-02-03 04:05:06', NULL);
CREATE VIEW lost AS SELECT * FROM nowhere;
"""


def database(path: Path, script: str = SHOP) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


@pytest.fixture
async def allowed(
    ctx: Context, gateway: Gateway, certificate: tuple[bytes, bytes], tmp_path: Path
) -> AsyncGenerator[httpx.AsyncClient]:
    """A caller, with `tmp_path / "data"` as a folder the operator allows."""
    folder = tmp_path / "data"
    folder.mkdir()
    settings = ctx.resources.settings
    settings.allowed_folders = [folder]
    try:
        async with RealWorker(ctx, gateway, certificate[1], (folder,)), client(ctx) as caller:
            yield caller
    finally:
        settings.allowed_folders = []


async def test_an_uploaded_database_is_a_source_of_its_own(
    http: httpx.AsyncClient, ctx: Context, tmp_path: Path
) -> None:
    answer = await upload(http, ("shop.db", database(tmp_path / "x.db").read_bytes()))
    assert answer.status_code == 201, answer.text
    source = answer.json()
    assert (source["engine"], source["name"], source["status"]) == ("sqlite", "shop.db", "ready")
    assert source["config"]["files"][0]["format"] == "sqlite"
    assert "path" not in source["config"]["files"][0]
    tables = await tables_of(http, source)
    assert set(tables) == {"orders", "lost"}
    assert (tables["orders"]["rows"], tables["orders"]["columns"][0]["primary_key"]) == (2, True)
    assert "nowhere" in tables["lost"]["error"]
    rows = (await http.get(f"/sources/{source['id']}/preview?table=orders&limit=10")).json()
    assert [column["type"] for column in rows["columns"]] == ["int64", "timestamp", "float64"]
    assert rows["data"] == [
        ["1", "2"],
        ["2026-01-02T03:04:05", "2026-02-03T04:05:06"],
        [10.5, None],
    ]
    ran = await http.post(
        "/queries",
        json={
            "source_id": source["id"],
            "sql": "SELECT strftime('%Y-%m', placed) AS month, count(*) AS n FROM orders GROUP BY 1",
        },
    )
    assert (ran.json()["status"], ran.json()["row_count"]) == ("done", 2), ran.text
    refused = await http.post(
        "/queries", json={"source_id": source["id"], "sql": "ATTACH '/tmp/x.db' AS z"}
    )
    assert refused.json()["error"]["code"] == "sql_refused"
    tested = (await http.post(f"/sources/{source['id']}/test")).json()
    assert tested["ok"], tested
    markdown, structured = await grounding(ctx, [UUID(source["id"])])
    assert "sqlite SQL" in markdown
    assert "### orders (2 rows)" in markdown
    assert structured["sources"][0]["dialect"] == "sqlite"
    folder = ctx.resources.blobs.root / str(ctx.org_id) / "sources" / source["id"]
    assert len(list(folder.iterdir())) == 1  # nothing was made beside it
    assert (await http.delete(f"/sources/{source['id']}")).status_code == 204
    assert not folder.exists()


async def test_a_database_is_uploaded_alone_and_whole(
    http: httpx.AsyncClient, tmp_path: Path
) -> None:
    data = database(tmp_path / "x.db").read_bytes()
    both = await upload(http, ("shop.db", data), ("orders.csv", ORDERS.encode()))
    assert (both.status_code, both.json()["code"]) == (400, "malformed")
    damaged = await upload(http, ("shop.db", data[:100] + b"\x07" * 5000))
    assert (damaged.status_code, damaged.json()["code"]) == (422, "bad_file"), damaged.text
    short = await upload(http, ("shop.db", data[:100]))
    assert (short.status_code, short.json()["code"]) == (422, "bad_file")
    assert (await http.get("/sources")).json()["data"] == []


async def test_a_database_in_an_allowed_folder(allowed: httpx.AsyncClient, tmp_path: Path) -> None:
    path = database(tmp_path / "data" / "shop.sqlite")
    secret = database(tmp_path / "secret.db")
    (tmp_path / "data" / "out.db").symlink_to(secret)
    for wrong in (secret, tmp_path / "data" / "out.db", tmp_path / "data", Path("/etc/passwd")):
        body = {"name": "x", "engine": "sqlite", "config": {"path": str(wrong)}}
        refused = await allowed.post("/sources", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "config.path")
    body = {"name": "Shop", "engine": "sqlite", "config": {"path": str(path)}}
    draft = await allowed.post("/sources/test", json=body)
    assert draft.json()["ok"], draft.text
    made = await allowed.post("/sources", json=body)
    assert (made.status_code, made.json()["status"], made.json()["table_count"]) == (
        201,
        "ready",
        2,
    )
    database(path, "CREATE TABLE more (a)")
    refreshed = await allowed.post(f"/sources/{made.json()['id']}/refresh")
    assert {table["name"] for table in refreshed.json()["tables"]} == {"orders", "lost", "more"}
    path.write_bytes(b"no database" * 100)
    tested = (await allowed.post(f"/sources/{made.json()['id']}/test")).json()
    failed = next(step for step in tested["steps"] if step["ok"] is False)
    assert (failed["name"], "encrypted" in failed["detail"]) == ("connect", True)
    assert str(tmp_path) not in str(tested)


async def test_patterns_of_a_folder_and_objects_below_allowed_urls(
    allowed: httpx.AsyncClient, ctx: Context, tmp_path: Path
) -> None:
    for month in (1, 2):
        part = tmp_path / "data" / "orders" / f"month={month}"
        part.mkdir(parents=True)
        (part / "a.csv").write_text(f"id\n{month}\n", encoding="utf-8")
    config = {
        "folder": str(tmp_path / "data"),
        "tables": [{"table": "orders", "glob": "orders/*/*.csv"}],
    }
    made = await allowed.post("/sources", json={"name": "L", "engine": "files", "config": config})
    assert made.status_code == 201, made.text
    tables = await tables_of(allowed, made.json())
    assert (tables["orders"]["rows"], len(tables)) == (2, 1)
    assert [c["name"] for c in tables["orders"]["columns"]] == ["id", "month"]
    body = {
        "name": "R",
        "engine": "files",
        "config": {"objects": [{"url": "https://x.example/a.csv"}]},
    }
    refused = await allowed.post("/sources", json=body)
    assert refused.json()["errors"][0]["path"] == "config.objects.0.url"
    ctx.resources.settings.allowed_urls = ["https://x.example"]
    try:
        # Allowed here, yet not by this worker, which has the last word.
        stored = await allowed.post("/sources", json=body)
    finally:
        ctx.resources.settings.allowed_urls = []
    assert (stored.status_code, stored.json()["status"]) == (201, "error")
    assert "not below a URL" in stored.json()["last_error"]
