"""Remote objects: only what the operator allowed, and no way around it."""

import base64
import http.client
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import obstore
import pytest
from obstore.store import MemoryStore, S3Store
from typing_extensions import override

from datelier.worker.engines.files import FilesEngine
from datelier.worker.engines.files_library import Libraries
from datelier.worker.engines.files_load import Places
from datelier.worker.engines.files_objects import Objects
from datelier.worker.engines.objects_proxy import GuardProxy
from datelier.worker.errors import WorkerError
from tests.worker.conftest import collect, opened


class Site(ThreadingHTTPServer):
    """A web server on loopback; `pages` by path, `sends` where it redirects to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.pages: dict[str, bytes] = {}
        self.sends: dict[str, str] = {}
        self.hits: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Page(BaseHTTPRequestHandler):
    @property
    def _site(self) -> Site:
        assert isinstance(self.server, Site)
        return self.server

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(self._site.pages.get(self.path, b""))

    def _answer(self, body: bytes) -> None:
        self._site.hits.append(f"{self.command} {self.path}")
        if self.path in self._site.sends:
            self.send_response(302)
            self.send_header("Location", self._site.sends[self.path])
            self.send_header("Content-Length", "0")
        elif self.path in self._site.pages:
            page = self._site.pages[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(len(page)))
            self.send_header("ETag", f'"{hash(page)}"')
            self.send_header("Last-Modified", "Sat, 21 Nov 2026 05:00:00 GMT")
        else:
            self.send_response(404)
            self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Generator[Site]:
    site = Site()
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield site
    site.shutdown()
    site.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as made:
        made.pages["/data/orders.csv"] = b"id,total\n1,10.50\n2,0.25\n"
        made.pages["/private/secret.csv"] = b"a\n1\n"
        yield made


@pytest.fixture
def objects(site: Site, tmp_path: Path) -> Iterator[Objects]:
    made = Objects((f"{site.url}/data",), tmp_path / "copies", listed_s=0)
    yield made
    made.close()


def entry(url: str) -> list[dict[str, str]]:
    return [{"table": "x", "url": url}]


async def test_an_object_of_a_web_server_is_a_table(site: Site, tmp_path: Path) -> None:
    libraries = Libraries(Places(tmp_path, (), (f"{site.url}/data/",)))
    source = {"engine": "files", "objects": [{"url": f"{site.url}/data/orders.csv"}]}
    async with opened(FilesEngine(source, libraries)) as engine:
        (table,) = await engine.catalog()
        assert (table.name, table.rows) == ("orders", 2)
        assert (await collect(engine, "SELECT sum(total) FROM orders"))[0] == [["10.75"]]
        with pytest.raises(WorkerError):
            await collect(engine, f"SELECT * FROM read_csv('{site.url}/private/secret.csv')")
    libraries.close()
    assert site.hits == ["HEAD /data/orders.csv", "GET /data/orders.csv"]


def test_an_object_that_did_not_change_is_not_fetched_again(site: Site, objects: Objects) -> None:
    url = f"{site.url}/data/orders.csv"
    (first,) = objects.tables(entry(url))
    objects.tables(entry(url))
    assert [hit for hit in site.hits if hit.startswith("GET")] == ["GET /data/orders.csv"]
    site.pages["/data/orders.csv"] += b"3,1.00\n"
    (again,) = objects.tables(entry(url))
    assert again.path == first.path
    assert again.path.read_bytes().endswith(b"3,1.00\n")


@pytest.mark.parametrize(
    "url",
    [
        "{site}/private/secret.csv",
        "{site}/data/../private/secret.csv",
        "{site}/data/%2e%2e/private/secret.csv",
        "{site}/data//secret.csv",
        "{site}/data.csv",
        "{site}.evil.example/data/orders.csv",
        "http://user:pass@127.0.0.1/data/orders.csv",
        "http://127.0.0.1/data/orders.csv",
        "http://169.254.169.254/data/orders.csv",
        "http://2130706433/data/orders.csv",
        "https://127.0.0.1/data/orders.csv",
        "file:///etc/passwd",
        "s3://bucket/data/orders.csv",
        "gopher://127.0.0.1/data/orders.csv",
        "{site}/data/orders.csv?x=1",
        "{site}/data/orders.csv#x",
        "{site}/data/\\orders.csv",
        "",
    ],
)
def test_a_url_that_is_not_allowed_is_never_fetched(site: Site, objects: Objects, url: str) -> None:
    with pytest.raises(WorkerError) as refused:
        objects.tables(entry(url.replace("{site}", site.url)))
    assert refused.value.code == "source_missing"
    assert site.hits == []


def test_nothing_is_allowed_by_default(site: Site, tmp_path: Path) -> None:
    objects = Objects((), tmp_path)
    with pytest.raises(WorkerError, match="not below"):
        objects.tables(entry(f"{site.url}/data/orders.csv"))
    objects.close()


def test_a_redirect_to_another_place_ends_at_the_door(site: Site, objects: Objects) -> None:
    with running() as other:
        other.pages["/x.csv"] = b"a\n1\n"
        for target in (f"{other.url}/x.csv", "http://169.254.169.254/latest.csv"):
            site.sends["/data/go.csv"] = target
            with pytest.raises(WorkerError) as failed:
                objects.tables(entry(f"{site.url}/data/go.csv"))
            assert failed.value.code in {"unreachable", "auth_failed"}
            assert "169.254" not in failed.value.message
        assert other.hits == []


@pytest.mark.parametrize(
    "answers",
    [["169.254.169.254"], ["127.0.0.1", "169.254.169.254"], ["64:ff9b::7f00:1"], []],
)
def test_a_name_that_leads_to_a_forbidden_address_is_not_reached(
    site: Site, tmp_path: Path, answers: list[str]
) -> None:
    port = urlsplit(site.url).port
    objects = Objects(
        (f"http://files.example:{port}/data/",), tmp_path, lambda _host, _port: answers
    )
    with pytest.raises(WorkerError) as failed:
        objects.tables(entry(f"http://files.example:{port}/data/orders.csv"))
    objects.close()
    assert failed.value.code in {"unreachable", "auth_failed"}
    assert site.hits == []


def test_the_connection_goes_to_the_address_that_was_looked_at(site: Site, tmp_path: Path) -> None:
    port = urlsplit(site.url).port
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    objects = Objects((f"http://files.example:{port}/data/",), tmp_path, resolve)
    (table,) = objects.tables(entry(f"http://files.example:{port}/data/orders.csv"))
    objects.close()
    assert table.path.read_bytes() == site.pages["/data/orders.csv"]
    assert set(asked) == {"files.example"}


def test_the_way_out_serves_nobody_else(site: Site) -> None:
    proxy = GuardProxy({("127.0.0.1", urlsplit(site.url).port or 0)})
    own = urlsplit(proxy.url)

    def status(method: str, target: str, secret: str | None = own.password) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", own.port or 0, timeout=5)
        token = base64.b64encode(f"datelier:{secret}".encode()).decode()
        headers = {"Proxy-Authorization": f"Basic {token}"} if secret else {}
        connection.request(method, target, headers=headers)
        answer = connection.getresponse().status
        connection.close()
        return answer

    url = f"{site.url}/data/orders.csv"
    assert status("GET", url) == 200
    assert status("GET", url, None) == 407
    assert status("GET", url, "wrong") == 407
    assert status("POST", url) == 405
    assert status("GET", "http://127.0.0.1:1/x") == 403
    assert status("CONNECT", "127.0.0.1:22") == 403
    proxy.close()
    assert [hit.split()[0] for hit in site.hits] == ["GET"]


def test_objects_of_a_bucket_are_one_table(tmp_path: Path) -> None:
    bucket = MemoryStore()
    for month in (1, 2):
        path = tmp_path / f"{month}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"COPY (SELECT {month} AS id) TO '{path}' (FORMAT parquet)")
        obstore.put(bucket, f"sales/month={month}/part.parquet", path.read_bytes())
    obstore.put(bucket, "sales/_SUCCESS", b"")
    obstore.put(bucket, "other/x.csv", b"a\n1\n")

    def opened_store(*_: str | None) -> MemoryStore:
        return bucket

    objects = Objects(("s3://lake/sales/",), tmp_path / "copies", opened=opened_store, listed_s=0)
    (table,) = objects.tables([{"url": "s3://lake/sales/"}])
    assert (table.name, table.format, len(table.parts)) == ("sales", "parquet", 2)
    (one,) = objects.tables([{"url": "s3://lake/sales/month=1/*.parquet", "table": "january"}])
    assert (one.name, len(one.parts)) == ("january", 1)
    obstore.put(bucket, "sales/month=3/part.parquet", (tmp_path / "1.parquet").read_bytes())
    (more,) = objects.tables([{"url": "s3://lake/sales/"}])
    assert len(more.parts) == 3
    with pytest.raises(WorkerError):
        objects.tables([{"url": "s3://lake/other/x.csv"}])
    objects.close()


LISTING = """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>lake</Name>
<KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents>
<Key>sales/a.csv</Key><LastModified>2026-11-21T05:00:00.000Z</LastModified>
<ETag>"e1"</ETag><Size>8</Size></Contents></ListBucketResult>"""


def test_a_bucket_of_a_server_of_ones_own_is_read_through_the_same_door(
    site: Site, tmp_path: Path
) -> None:
    site.pages["/lake?list-type=2&prefix=sales%2F"] = LISTING.encode()
    site.pages["/lake/sales/a.csv"] = b"a,b\n1,2\n"

    def opened_store(_scheme: str, place: str, way_out: str, endpoint: str | None) -> S3Store:
        return S3Store(
            place,
            endpoint=endpoint or "",
            region="us-east-1",
            access_key_id="key",
            secret_access_key="secret",
            client_options={"proxy_url": way_out, "allow_http": True},
        )

    url = "s3://lake/sales/"
    objects = Objects((f"{url}@{site.url}",), tmp_path, opened=opened_store)
    (table,) = objects.tables([{"url": url}])
    objects.close()
    assert table.parts[0].read_bytes() == b"a,b\n1,2\n"
    assert len(site.hits) == 2
    # Without the endpoint in the operator's list, the door stays shut.
    closed = Objects((url,), tmp_path / "other", opened=lambda s, p, w, _: opened_store(s, p, w, site.url))  # fmt: skip
    with pytest.raises(WorkerError):
        closed.tables([{"url": url}])
    closed.close()
    assert len(site.hits) == 2
