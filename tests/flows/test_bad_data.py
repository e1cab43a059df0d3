"""Files that are no tables and databases that do not answer: said at once, nothing left behind."""

import csv
import io
import zipfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.flows.asking import ask
from tests.support.cluster import Cluster
from tests.support.installation import Installation
from tests.support.ports import free_port


def upload(
    installation: Installation, file: str, data: bytes, *, name: str | None = None
) -> httpx.Response:
    form = {"name": name} if name else {}
    return installation.http.post("/sources/upload", files={"files": (file, data)}, data=form)


def kept(installation: Installation) -> set[Path]:
    """Every file that uploads have left in the home."""
    return {path for path in (installation.home / "blobs").rglob("*") if path.is_file()}


def names(installation: Installation) -> set[str]:
    return {source["name"] for source in installation.call("GET", "/sources")["data"]}


def verify_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The one shape of an error: typed, with a sentence, and an id to ask about."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["code"] not in {"", "internal"}
    assert problem["detail"]
    assert problem["correlation_id"]
    return problem


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (300 << 20))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "statuses"),
    [
        ("empty.csv", bytes, {422}),
        ("program.csv", lambda: b"\x7fELF\x02\x01\x01" + bytes(200), {415}),
        ("page.csv", lambda: b"<html><script>alert(1)</script></html>", {415}),
        ("cut.parquet", lambda: b"PAR1 and then nothing", {422}),
        ("cut.json", lambda: b'[{"a": 1}, {"a":', {422}),
        ("cut.xlsx", lambda: b"PK\x03\x04 not a zip", {422}),
        ("bomb.xlsx", _bomb, {413, 422}),
        ("line.csv", lambda: b"x" * (3 << 20), {422}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_table_is_refused_whole(
    installation: Installation, name: str, make: Callable[[], bytes], statuses: set[int]
) -> None:
    before, sources = kept(installation), names(installation)
    answer = upload(installation, name, make())
    assert answer.status_code in statuses, answer.text
    problem = verify_problem(answer, answer.status_code)
    assert name in problem["detail"], "a person has never seen the name it is stored under"
    assert problem["hint"]
    assert kept(installation) == before
    assert names(installation) == sources


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16", "cp1252"])
def test_the_encodings_of_old_programs_are_read(installation: Installation, encoding: str) -> None:
    # What spreadsheets save holds signs that Latin-1 has no place for.
    places = ("Besançon… 5 €", "“Orléans”") if encoding == "cp1252" else ("Besançon", "Orléans")
    text = "ville;visiteurs\n" + "".join(f"{p};{n}\n" for n in range(1, 40) for p in places)
    answer = upload(installation, "villes.csv", text.encode(encoding), name=f"Villes {encoding}")
    assert answer.status_code == 201, answer.text
    source_id = answer.json()["id"]
    table = installation.call("GET", f"/sources/{source_id}/catalog")["tables"][0]["name"]
    body = {"source_id": source_id, "sql": f'select distinct ville from "{table}" order by 1'}
    version = installation.call("POST", "/queries", body)
    assert version["status"] == "done", version
    page = installation.call("GET", f"/results/{version['result_id']}/rows")
    assert page["data"] == [list(places)]


def test_hostile_names_and_cells_stay_what_they_are(installation: Installation) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["=cmd()", "name"])
    writer.writerow(["=HYPERLINK(1)", "<img src=x onerror=alert(1)>"])
    writer.writerow(["@SUM(1)", "'; drop table orders; --"])
    answer = upload(installation, "../../etc/passwd\n.csv", text.getvalue().encode(), name="Odd")
    assert answer.status_code == 201, answer.text
    source_id = answer.json()["id"]
    assert not (installation.home.parent / "etc").exists()
    table = installation.call("GET", f"/sources/{source_id}/catalog")["tables"][0]["name"]
    body = {"source_id": source_id, "sql": f'select * from "{table}"'}
    version = installation.call("POST", "/queries", body)
    page = installation.call("GET", f"/results/{version['result_id']}/rows")
    assert page["data"][0][0] == "=HYPERLINK(1)"
    download = f"/results/{version['result_id']}/download?format=csv"
    plain = installation.http.get(download, params={"protect": "false"}).text
    guarded = installation.http.get(download, params={"protect": "true"}).text
    assert "\r\n=HYPERLINK" in plain
    assert "\r\n=HYPERLINK" not in guarded


@pytest.fixture(scope="module")
def server() -> Generator[Cluster]:
    """A database server that belongs to somebody else."""
    cluster = Cluster(tcp=True)
    yield cluster
    cluster.stop()


def config(port: int, **more: str) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": port,
        "database": "postgres",
        "user": "owner",
        "sslmode": "disable",
    } | more


@pytest.mark.parametrize(
    ("more", "step"),
    [
        ({"database": "nowhere"}, "sign_in"),
        ({"user": "nobody_known"}, "sign_in"),
        ({"sslmode": "require"}, "tls"),
        ({"host": "no-such-host.invalid"}, "resolve"),
    ],
    ids=["database", "user", "tls", "host"],
)
def test_the_step_at_which_a_connection_fails_is_named_with_advice(
    installation: Installation, server: Cluster, more: dict[str, str], step: str
) -> None:
    body = {"engine": "postgresql", "config": config(server.port, **more), "password": "hunter2"}
    report = installation.call("POST", "/sources/test", body)
    assert not report["ok"]
    failed = [entry for entry in report["steps"] if entry["ok"] is False]
    assert [entry["name"] for entry in failed] == [step]
    assert failed[0]["detail"] or failed[0]["advice"]
    assert "hunter2" not in str(report)


@pytest.mark.contract("Q63")
def test_a_database_that_is_away_is_told_and_the_chat_still_answers(
    installation: Installation,
) -> None:
    port = free_port()
    body = {"engine": "postgresql", "config": config(port)}
    report = installation.call("POST", "/sources/test", body)
    assert [entry["name"] for entry in report["steps"] if entry["ok"] is False] == ["connect"]
    source = installation.call("POST", "/sources", body | {"name": f"Away {port}"})
    assert source["status"] == "error"
    assert source["last_error"]
    answer = installation.http.post("/queries", json={"source_id": source["id"], "sql": "select 1"})
    told = answer.json()
    assert (told.get("error") or told)["code"] == "unreachable"
    said = ask(installation, source["id"], "How many rows are there?")
    assert said.parts[-1][1]["type"] in {"finish", "error"}
    assert said.text or said.parts[-1][1].get("errorText")
    installation.call("DELETE", f"/sources/{source['id']}")


def test_a_statement_that_takes_too_long_is_stopped_at_the_database(
    installation: Installation, server: Cluster
) -> None:
    body = {"name": "Slow base", "engine": "postgresql", "config": config(server.port)}
    source = installation.call("POST", "/sources", body)
    sql = (
        "with recursive t(n) as (select 1 union all select n + 1 from t) "
        "select count(*) from t where n < 0"
    )
    body = {"source_id": source["id"], "sql": sql, "timeout_seconds": 1}
    version = installation.call("POST", "/queries", body)
    assert version["status"] == "failed"
    assert version["error"]["code"] == "timeout"
    assert version["error"]["hint"]
