"""Remote objects as files: what the operator allowed is copied beside the worker, then read."""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from datelier.worker.engines.files_load import FORMATS, FileTable, table_name
from datelier.worker.engines.objects_proxy import GuardProxy, Place, Resolve, system_resolve
from datelier.worker.errors import WorkerError

OBJECTS_MAX: Final = 1000
OBJECT_BYTES: Final = 1024**3
TOTAL_BYTES: Final = 4 * 1024**3
_LISTED_S: Final = 5.0  # a listing serves so long, then changes are looked for
_TIMEOUT: Final = "30s"
_PORTS: Final = {"http": 80, "https": 443}
_CLOUDS: Final[dict[str, tuple[Place, ...]]] = {
    "s3": ((".amazonaws.com", 443),),
    "gs": (
        ("storage.googleapis.com", 443), ("oauth2.googleapis.com", 443),
        ("www.googleapis.com", 443),
    ),
    "az": ((".blob.core.windows.net", 443), ("login.microsoftonline.com", 443)),
}  # fmt: skip
_SAFE: Final = re.compile(r"[\w.~!$&'()*+,;=:@/-]*")


@dataclass(frozen=True, slots=True)
class _Object:
    """One remote object: its path below the store, its size, and what tells its versions apart."""

    path: str
    size: int
    tag: str


class Objects:
    """Copies of remote objects, kept as long as they do not change. Its methods block.

    Args:
        allowed: URL prefixes that the operator allows; none by default. `PREFIX@ENDPOINT` names
            the server of a bucket that is in no cloud: `s3://lake/sales/@https://minio:9000`.
        folder: Where copies are kept.
        resolve: How names become addresses.
        opened: See `open_store`.
        listed_s: Seconds a listing serves before changes are looked for.
    """

    def __init__(
        self,
        allowed: Sequence[str],
        folder: Path,
        resolve: Resolve = system_resolve,
        opened: Callable[[str, str, str, str | None], Any] | None = None,
        listed_s: float = _LISTED_S,
    ) -> None:
        pairs = [url.strip().partition("@") for url in allowed]
        self._allowed = tuple(_prefix(prefix) for prefix, _, _ in pairs)
        self._endpoints = {
            urlsplit(prefix).netloc.lower(): endpoint for prefix, _, endpoint in pairs if endpoint
        }
        self._folder = folder
        self._resolve = resolve
        self._opened = opened or open_store
        self._listed_s = listed_s
        self._proxy: GuardProxy | None = None
        self._lock = threading.Lock()
        self._listed: dict[str, tuple[float, list[Path]]] = {}

    def tables(self, entries: Sequence[Mapping[str, Any]]) -> list[FileTable]:
        """The tables of `[{"url", "table"?}]`; a URL that ends in / or has a * is many objects."""
        return [self._table(entry) for entry in entries[:100]]

    def close(self) -> None:
        """Stop the way out."""
        if self._proxy is not None:
            self._proxy.close()

    def _table(self, entry: Mapping[str, Any]) -> FileTable:
        url = str(entry.get("url") or "")
        scheme, place, path = self._checked(url)
        with self._lock:
            known = self._listed.get(url)
            if known is None or known[0] < time.monotonic() or not all(map(Path.is_file, known[1])):
                known = (time.monotonic() + self._listed_s, self._copied(scheme, place, path))
                self._listed[url] = known
        files = known[1]
        stem = PurePosixPath(path.rstrip("/*")).name or place
        name = str(entry.get("table") or table_name(stem.partition(".")[0]))
        kind = FORMATS[files[0].suffix.lower()]
        if len(files) == 1 and not _is_many(path):
            return FileTable(name, files[0], kind)
        return FileTable(name, self._home(scheme, place), kind, parts=tuple(files))

    def _checked(self, url: str) -> tuple[str, str, str]:
        """The parts of a URL that the operator allows."""
        parts = urlsplit(url)
        plain = _SAFE.fullmatch(url) and ".." not in url and "//" not in parts.path
        if not plain or not parts.netloc or "@" in parts.netloc:
            raise WorkerError("source_missing", "The URL of an object is not acceptable.")
        wanted = f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path}"
        if not any(wanted.startswith(prefix) for prefix in self._allowed):
            raise WorkerError(
                "source_missing",
                f"{wanted[:200]} is not below a URL this worker may read.",
                hint="Ask the operator to add it to DATELIER_ALLOWED_URLS.",
            )
        return parts.scheme.lower(), parts.netloc.lower(), parts.path.lstrip("/")

    def _copied(self, scheme: str, place: str, path: str) -> list[Path]:
        from obstore.exceptions import BaseError  # noqa: PLC0415 - only where it is used

        try:
            store = self._store(scheme, place)
            found = list(_find(store, path))
            if not found:
                raise WorkerError("source_missing", f"No object matches {path[:200]!r}.")
            if sum(one.size for one in found) > TOTAL_BYTES:
                raise WorkerError("limit_exceeded", "The objects take more than 4 GB together.")
            return [self._copy(store, self._home(scheme, place), one) for one in found]
        except (BaseError, OSError) as error:
            raise _failure(error, path) from None

    def _store(self, scheme: str, place: str) -> Any:
        if self._proxy is None:
            self._proxy = GuardProxy(
                set(_places((*self._allowed, *self._endpoints.values()))), self._resolve
            )
        return self._opened(scheme, place, self._proxy.url, self._endpoints.get(place))

    def _home(self, scheme: str, place: str) -> Path:
        return self._folder / hashlib.sha256(f"{scheme}://{place}".encode()).hexdigest()[:24]

    def _copy(self, store: Any, home: Path, one: _Object) -> Path:
        import obstore  # noqa: PLC0415 - only where it is used

        target = home / one.path
        facts = target.with_name(f".{target.name}.facts")
        wanted = json.dumps([one.size, one.tag])
        if target.is_file() and facts.is_file() and facts.read_text(encoding="utf-8") == wanted:
            return target
        if one.size > OBJECT_BYTES:
            raise WorkerError("limit_exceeded", f"{target.name} is larger than 1 GB.")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        size = 0
        with partial.open("wb") as file:
            for chunk in obstore.get(store, one.path):
                size += len(chunk)
                if size > OBJECT_BYTES:
                    raise WorkerError("limit_exceeded", f"{target.name} is larger than 1 GB.")
                file.write(chunk)
        facts.unlink(missing_ok=True)
        partial.replace(target)
        facts.write_text(wanted, encoding="utf-8")
        return target


def open_store(scheme: str, place: str, way_out: str, endpoint: str | None) -> Any:
    """A store of a cloud, with the credentials of the worker's environment, or of a web server.

    Args:
        scheme: `http`, `https`, `s3`, `gs` or `az`.
        place: The host, or the bucket.
        way_out: URL of the proxy that every connection takes.
        endpoint: Of a bucket that is in no cloud.
    """
    from obstore.store import HTTPStore, from_url  # noqa: PLC0415 - only where it is used

    options: Any = {"proxy_url": way_out, "timeout": _TIMEOUT, "connect_timeout": "10s"}
    retries: Any = {"max_retries": 1}
    if endpoint is not None:
        options["allow_http"] = endpoint.startswith("http://")
        url = f"{scheme}://{place}/"
        return from_url(
            url, client_options=options, retry_config=retries, config={"endpoint": endpoint}
        )
    if scheme not in _PORTS:
        return from_url(f"{scheme}://{place}/", client_options=options, retry_config=retries)
    options["allow_http"] = scheme == "http"
    return HTTPStore(f"{scheme}://{place}/", client_options=options, retry_config=retries)


def _prefix(url: str) -> str:
    """A prefix as it is compared: whole folders only, so that a.example is not a.example.org."""
    scheme, mark, rest = url.strip().partition("://")
    host, slash, path = rest.partition("/")
    whole = f"{scheme.lower()}{mark}{host.lower()}{slash}{path}"
    return whole if whole.endswith("/") else f"{whole}/"


def _places(allowed: Sequence[str]) -> Iterator[Place]:
    for prefix in allowed:
        parts = urlsplit(prefix)
        if parts.scheme in _PORTS and parts.hostname:
            yield parts.hostname, parts.port or _PORTS[parts.scheme]
        yield from _CLOUDS.get(parts.scheme, ())


def _is_many(path: str) -> bool:
    return path.endswith("/") or "*" in path or not path


def _find(store: Any, path: str) -> Iterator[_Object]:
    import obstore  # noqa: PLC0415 - only where it is used

    if not _is_many(path):
        yield _object(obstore.head(store, path))
        return
    fixed = path.partition("*")[0].rpartition("/")[0]
    count = 0
    for page in obstore.list(store, prefix=fixed or None):
        for meta in page:
            name = PurePosixPath(str(meta["path"]))
            if name.suffix.lower() not in FORMATS or name.name.startswith((".", "_")):
                continue
            if "*" in path and not fnmatchcase(str(name), path):
                continue
            count += 1
            if count > OBJECTS_MAX:
                raise WorkerError("limit_exceeded", f"More than {OBJECTS_MAX} objects match.")
            yield _object(meta)


def _object(meta: Mapping[str, Any]) -> _Object:
    path = str(meta["path"])
    name = PurePosixPath(path)
    if name.suffix.lower() not in FORMATS or ".." in name.parts or name.is_absolute():
        raise WorkerError("bad_file", f"{name.name} has an unknown format.")
    changed = f"{meta.get('e_tag') or ''} {meta.get('version') or ''} {meta['last_modified']}"
    return _Object(path, int(meta["size"]), changed)


def _failure(error: Exception, path: str) -> WorkerError:
    """Why an object cannot be read. The client's text may name addresses, so it is not shown."""
    name = PurePosixPath(path.rstrip("/*")).name or "The object"
    kind = type(error).__name__
    if kind == "NotFoundError":
        return WorkerError("source_missing", f"{name} does not exist.")
    if kind in {"PermissionDeniedError", "UnauthenticatedError"}:
        return WorkerError(
            "auth_failed",
            f"{name} may not be read.",
            hint="Check the credentials in the worker's environment, and its allowed URLs.",
        )
    return WorkerError("unreachable", f"{name} cannot be fetched.", hint="Check host and network.")
