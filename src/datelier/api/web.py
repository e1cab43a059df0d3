"""Serves the built web app: hashed assets for ever, pages fresh, compressed when built so."""

import mimetypes
from dataclasses import dataclass, field
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from datelier.api.errors import MethodNotAllowed, PathUnknown
from datelier.kit.errors import Unavailable

_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_IMMUTABLE = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"
_NOT_PAGES = ("/api/", "/assets/")


@dataclass(slots=True)
class _File:
    path: Path
    media_type: str
    immutable: bool
    etag: str
    encoded: dict[str, Path] = field(default_factory=dict[str, Path])


class WebApp:
    """What answers when no route does.

    Every file is looked up once at start, so a path can never lead out of the folder.

    Args:
        root: The built web app; None or an empty folder when it was not built.
    """

    def __init__(self, root: Path | None) -> None:
        self._files = _index(root) if root is not None and root.is_dir() else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        path: str = scope["path"]
        if path == "/api" or path.startswith("/api/"):
            raise PathUnknown
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodNotAllowed("Pages can only be read.")
        found = self._files.get(path)
        if found is None and not path.startswith(_NOT_PAGES):
            if not self._files:
                raise Unavailable(
                    "The web app is not built.", hint="Build it with make web, then start again."
                )
            found = self._files["/index.html"]
        if found is None:
            raise PathUnknown
        await _answer(found, Headers(scope=scope))(scope, receive, send)


def _index(root: Path) -> dict[str, _File]:
    files: dict[str, _File] = {}
    compressed: list[tuple[str, str, Path]] = []
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        name = "/" + path.relative_to(root).as_posix()
        encoding = next((label for label, suffix in _ENCODINGS if name.endswith(suffix)), None)
        if encoding is not None:
            compressed.append((name.rsplit(".", 1)[0], encoding, path))
            continue
        stat = path.stat()
        files[name] = _File(
            path,
            mimetypes.guess_type(name)[0] or "application/octet-stream",
            immutable=name.startswith("/assets/"),
            etag=f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"',
        )
    for name, encoding, path in compressed:
        if name in files:
            files[name].encoded[encoding] = path
    return files if "/index.html" in files else {}


def _answer(file: _File, headers: Headers) -> Response:
    answer_headers = {
        "Cache-Control": _IMMUTABLE if file.immutable else _REVALIDATE,
        "ETag": file.etag,
        "Vary": "Accept-Encoding",
    }
    if headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=answer_headers)
    accepted = {
        part.split(";")[0].strip() for part in headers.get("accept-encoding", "").split(",")
    }
    for encoding, _ in _ENCODINGS:
        if encoding in accepted and encoding in file.encoded:
            answer_headers["Content-Encoding"] = encoding
            return FileResponse(
                file.encoded[encoding], headers=answer_headers, media_type=file.media_type
            )
    return FileResponse(file.path, headers=answer_headers, media_type=file.media_type)
