"""Sources over HTTP with the real worker on real files and the scratch PostgreSQL."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import httpx
import openpyxl
import pytest

from datelier.kit.context import Context
from datelier.sources.gateway import WorkerGateway
from datelier.sources.grounding import grounding
from datelier.sources.schemas import CatalogTable
from datelier.sources.starters import SAMPLE_STARTERS
from tests.conftest import make_org
from tests.sources.app import client

ORDERS = "id,region,amount\n1,North,10.5\n2,South,\n3,North,7\n"


async def upload(
    http: httpx.AsyncClient, *files: tuple[str, bytes], name: str | None = None
) -> httpx.Response:
    fields = {"name": name} if name else None
    return await http.post(
        "/sources/upload", files=[("files", (label, data)) for label, data in files], data=fields
    )


def parquet(folder: Path) -> bytes:
    path = folder / "t.parquet"
    rows = "select range as n, 'x' || range as t from range(5)"
    duckdb.execute(f"copy ({rows}) to '{path}' (format parquet)")
    return path.read_bytes()


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


async def tables_of(http: httpx.AsyncClient, source: dict[str, Any]) -> dict[str, Any]:
    answer = await http.get(f"/sources/{source['id']}/catalog")
    assert answer.status_code == 200, answer.text
    return {table["name"]: table for table in answer.json()["tables"]}


async def test_files_of_every_format_become_tables_of_one_source(
    http: httpx.AsyncClient, tmp_path: Path
) -> None:
    answer = await upload(
        http,
        ("Orders 2026.csv", ORDERS.encode()),
        ("data.parquet", parquet(tmp_path)),
        ("events.json", json.dumps([{"a": 1}, {"a": 2}]).encode()),
        ("book.xlsx", workbook(One=[["k", "v"], ["a", 1]], Two=[["z"], [5]])),
        name="Mixed",
    )
    assert answer.status_code == 201, answer.text
    source = answer.json()
    assert (source["name"], source["status"], source["table_count"]) == ("Mixed", "ready", 5)
    assert all("path" not in file for file in source["config"]["files"])
    tables = await tables_of(http, source)
    assert set(tables) == {"orders_2026", "data", "events", "book_one", "book_two"}
    assert tables["orders_2026"]["rows"] == 3
    assert tables["orders_2026"]["sample"]["rows"][1] == ["2", "South", None]


@pytest.mark.contract("Q18")
async def test_a_preview_pages_through_a_table(http: httpx.AsyncClient) -> None:
    source = (await upload(http, ("orders.csv", ORDERS.encode()))).json()
    rows = (await http.get(f"/sources/{source['id']}/preview?table=orders&limit=2&offset=1")).json()
    assert rows["data"] == [["2", "3"], ["South", "North"], [None, "7.0"]]
    assert (rows["offset"], rows["row_count"], rows["total"]) == (1, 2, 3)
    refused = await http.get(f"/sources/{source['id']}/preview?table=orders&limit=10001")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == "limit"


async def test_the_format_is_found_in_the_bytes_and_not_in_the_name(
    http: httpx.AsyncClient, tmp_path: Path
) -> None:
    answer = await upload(http, ("really_parquet.csv", parquet(tmp_path)))
    assert answer.json()["config"]["files"][0]["format"] == "parquet"
    assert (await tables_of(http, answer.json()))["really_parquet"]["rows"] == 5


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.csv",
        "/abs/x.csv",
        "CON.csv",
        "n" * 200 + ".csv",
        "gpj\u202eexe.csv",
        ".pth",
    ],
)
async def test_hostile_names_never_reach_the_disk(
    http: httpx.AsyncClient, ctx: Context, name: str
) -> None:
    answer = await upload(http, (name, ORDERS.encode()))
    assert answer.status_code == 201, answer.text
    shown = answer.json()["config"]["files"][0]["name"]
    assert "/" not in shown
    assert "\u202e" not in shown
    folder = ctx.resources.blobs.root / str(ctx.org_id) / "sources" / answer.json()["id"]
    assert all(len(path.name) == 32 for path in folder.iterdir())


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 422),
        (b"%PDF-1.7 hello", 415),
        (b"\x7fELF\x02\x01\x01\x00", 415),
        (b"<html><body>x</body></html>", 415),
        (b"PAR1 cut", 422),
        (b"PK\x03\x04 not a zip at all", 422),
        (b"a" * (2 << 20), 422),
        (b",".join([b"c"] * 5000) + b"\n1\n", 422),
        (b"a,b\n1,\0\n", 415),
    ],
)
async def test_what_is_no_table_is_refused_and_nothing_of_it_stays(
    http: httpx.AsyncClient, ctx: Context, data: bytes, status: int
) -> None:
    answer = await upload(http, ("x.csv", data))
    assert answer.status_code == status, answer.text
    kept = ctx.resources.blobs.root / str(ctx.org_id) / "sources"
    assert not kept.exists() or list(kept.iterdir()) == []
    assert (await http.get("/sources")).json()["data"] == []


async def test_a_file_over_the_limit_is_refused_and_nothing_of_it_stays(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    settings = ctx.resources.settings
    before, settings.upload_max_bytes = settings.upload_max_bytes, 1000
    try:
        answer = await upload(http, ("big.csv", b"a,b\n" * 1000))
    finally:
        settings.upload_max_bytes = before
    assert answer.status_code == 413
    assert (await http.get("/sources")).json()["data"] == []


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 400),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x", 400),
        (b"{}", "application/json", 415),
        (b"--x\r\n" + b"h: " + b"v" * 10_000 + b"\r\n", "multipart/form-data; boundary=x", 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\na,b',
            "multipart/form-data; boundary=x",
            400,
        ),
    ],
)
async def test_forms_that_cannot_be_read_are_refused(
    http: httpx.AsyncClient, body: bytes, content_type: str, status: int
) -> None:
    answer = await http.post(
        "/sources/upload", content=body, headers={"content-type": content_type}
    )
    assert answer.status_code == status, answer.text


async def test_the_sample_is_made_once_and_has_what_the_starters_ask(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    first, again = await http.post("/sources/sample"), await http.post("/sources/sample")
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["sample"] is True
    tables = await tables_of(http, first.json())
    assert tables["orders"]["rows"] > 49_000
    assert all(not table["error"] for table in tables.values())
    starters = await http.get(f"/sources/{first.json()['id']}/starters")
    assert starters.json()["questions"] == list(SAMPLE_STARTERS)
    markdown, structured = await grounding(ctx, [UUID(first.json()["id"])])
    assert "### orders (" in markdown
    source = structured["sources"][0]
    assert (source["dialect"], source["tables"][0]["name"]) == ("duckdb", "orders")


async def test_only_allowed_folders_can_be_sources_and_links_lead_nowhere(
    http: httpx.AsyncClient, ctx: Context, tmp_path: Path
) -> None:
    allowed, secret = tmp_path / "allowed", tmp_path / "secret"
    allowed.mkdir()
    secret.mkdir()
    (allowed / "way_out").symlink_to(secret)
    settings = ctx.resources.settings
    settings.allowed_folders = [allowed]
    try:
        for folder, status in (
            (allowed, 201),
            (secret, 422),
            (allowed / "way_out", 422),
            (allowed / ".." / "secret", 422),
            (tmp_path / "missing", 422),
        ):
            body = {"name": str(folder), "engine": "files", "config": {"folder": str(folder)}}
            assert (await http.post("/sources", json=body)).status_code == status, folder
    finally:
        settings.allowed_folders = []


@pytest.mark.parametrize(
    "config",
    [
        {"host": "169.254.169.254"},
        {"host": "/var/run/postgresql"},
        {"host": "a,b"},
        {"host": "h", "options": "-c x=y"},
        {"host": "h", "sslrootcert": "/etc/passwd"},
        {"host": "h", "service": "x"},
        {"host": "h", "passfile": "/x"},
        {"host": "postgresql://x/y"},
        {"host": "h", "sslmode": "allow"},
        {"host": "h", "port": 0},
        {"host": "h", "user": "a\0b"},
    ],
)
async def test_only_known_connection_settings_survive(
    http: httpx.AsyncClient, config: dict[str, Any]
) -> None:
    body = {"name": "db", "engine": "postgresql", "config": {"database": "d", "user": "u"} | config}
    for path in ("/sources", "/sources/test"):
        answer = await http.post(path, json=body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["path"].startswith("config.")


@pytest.mark.contract("A36")
async def test_a_stored_password_never_leaves_and_never_goes_elsewhere(
    http: httpx.AsyncClient,
) -> None:
    config = {"host": "127.0.0.1", "port": 1, "database": "d", "user": "u"}
    body = {"name": "db", "engine": "postgresql", "config": config, "password": "canary-7141"}
    made = await http.post("/sources", json=body)
    assert made.status_code == 201
    source = made.json()
    assert (source["has_password"], source["status"]) == (True, "error")
    listed = await http.get("/sources")
    assert "canary-7141" not in made.text + listed.text
    moved = await http.patch(f"/sources/{source['id']}", json={"config": {"host": "evil.example"}})
    assert moved.status_code == 422
    draft = {"engine": "postgresql", "config": config | {"port": 2}, "source_id": source["id"]}
    assert (await http.post("/sources/test", json=draft)).status_code == 422
    renamed = await http.patch(f"/sources/{source['id']}", json={"name": "db2"})
    assert renamed.json()["name"] == "db2"
    report = (await http.post(f"/sources/{source['id']}/test")).json()
    assert report["ok"] is False
    assert [step["ok"] for step in report["steps"]].count(False) == 1


async def test_a_removed_source_is_gone_with_its_files_and_its_name_is_free(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    source = (await upload(http, ("a.csv", ORDERS.encode()), name="A")).json()
    assert (await http.delete(f"/sources/{source['id']}")).status_code == 204
    assert (await http.get(f"/sources/{source['id']}")).status_code == 404
    assert (await http.delete(f"/sources/{source['id']}")).status_code == 404
    folder = ctx.resources.blobs.root / str(ctx.org_id) / "sources" / source["id"]
    assert not folder.exists()
    assert (await upload(http, ("a.csv", ORDERS.encode()), name="A")).json()["name"] == "A"


async def test_two_sources_of_one_name_are_a_conflict(http: httpx.AsyncClient) -> None:
    config = {"host": "127.0.0.1", "port": 1, "database": "d", "user": "u"}
    body = {"name": "Same", "engine": "postgresql", "config": config}
    assert (await http.post("/sources", json=body)).status_code == 201
    refused = await http.post("/sources", json=body | {"name": "sAME"})
    assert (refused.status_code, refused.json()["code"]) == (409, "name_taken")


@pytest.mark.contract("Q41")
async def test_another_organizations_source_answers_like_one_that_never_was(
    http: httpx.AsyncClient, ctx: Context
) -> None:
    source = (await upload(http, ("a.csv", ORDERS.encode()))).json()
    stranger = replace(ctx, org_id=await make_org(ctx.resources))
    async with client(stranger) as other:
        for path in ("", "/catalog", "/starters", "/preview?table=a"):
            assert (await other.get(f"/sources/{source['id']}{path}")).status_code == 404
        for path in ("/test", "/refresh"):
            assert (await other.post(f"/sources/{source['id']}{path}")).status_code == 404
        assert (await other.get("/sources")).json()["data"] == []


async def test_without_a_worker_a_source_is_kept_unchecked_and_asking_it_is_503(
    ctx: Context, gateway: WorkerGateway
) -> None:
    async with client(ctx) as http:
        made = await upload(http, ("a.csv", ORDERS.encode()))
        assert (made.status_code, made.json()["status"]) == (201, "unchecked")
        answer = await http.post(f"/sources/{made.json()['id']}/refresh")
        assert (answer.status_code, answer.json()["code"]) == (503, "no_worker")
        unread = await http.get(f"/sources/{made.json()['id']}/catalog")
        assert (unread.status_code, unread.json()["code"]) == (404, "catalog_unread")


def test_table_shapes_are_read_with_and_without_samples() -> None:
    table = CatalogTable.model_validate({"name": "t", "columns": [], "sample": None})
    assert table.sample.rows == []
