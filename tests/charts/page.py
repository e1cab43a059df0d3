"""A real Chromium page that draws charts with the app's own modules, and tells what it asked the network for."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

from playwright.sync_api import Browser, Error, Page, Request, sync_playwright
from typing_extensions import override

from scripts import web
from tests.browser.conftest import QUIET, chromium

_PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Charts</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="charts.css"></head>
<body><script type="module" src="charts.js"></script></body></html>"""
# Scripts as the app's own policy has them; all else is allowed, so that whatever a chart asks for
# is seen as a request instead of being stopped by the policy.
_POLICY: Final = "script-src 'self'; object-src 'none'"
_DRAWN_MS: Final = 20_000


def build(folder: Path) -> None:
    """Build the page that draws charts into a folder."""
    node = web.node_folder() / "bin" / "node"
    vite = [web.WEB / "node_modules/vite/bin/vite.js", "build", "--config", "vite.charts.config.ts"]
    command = [node, *vite, "--outDir", folder, "--logLevel", "error"]
    subprocess.run(command, cwd=web.WEB, env=web.environment(), check=True)
    (folder / "index.html").write_text(_PAGE, encoding="utf-8")


class _Quiet(SimpleHTTPRequestHandler):
    @override
    def log_message(self, format: str, *args: Any) -> None:  # as the base class names it
        """Say nothing."""

    @override
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", _POLICY)
        super().end_headers()


@contextmanager
def served(folder: Path) -> Generator[str]:
    """Serve a folder on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Easel:
    """Draws charts, one after the other, in one page.

    Args:
        browser: Chromium.
        url: Where the page is served.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        self.page = self._open()

    def _open(self) -> Page:
        page = self._browser.new_page()
        page.goto(f"{self._url}/index.html")
        page.wait_for_function("window.charts !== undefined")
        # Whatever is asked for from here on, a chart asks for.
        page.on("request", self._request)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))
        return page

    def _request(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.elsewhere.append(request.url)

    def draw(
        self, spec: object, rows: object, *, theme: str = "light", width: int = 700
    ) -> dict[str, Any]:
        """Return what became of a chart; `error` says why there is none."""
        self.elsewhere, self.errors = [], []
        try:
            wanted = {"spec": spec, "rows": rows, "theme": theme, "width": width}
            self.page.evaluate("wanted => window.charts.begin(wanted)", wanted)
            self.page.wait_for_function("window.charts.outcome !== null", timeout=_DRAWN_MS)
            outcome: dict[str, Any] = self.page.evaluate("window.charts.outcome")
            owned = self.page.evaluate("window.owned ?? {}.owned")
        except Error as error:
            self.page.close()
            self.page = self._open()
            return {"error": f"the page hung: {str(error)[:80]}"}
        if owned is not None:
            self.errors.append("a script of the chart ran")
        return outcome


@contextmanager
def easel(folder: Path) -> Generator[Easel]:
    """Build the page in a folder and open it in a browser of its own."""
    build(folder)
    path = chromium()
    assert path is not None, "no Chromium found (set DATELIER_CHROMIUM)"
    # No name is ever resolved: a request is seen, and goes nowhere.
    quiet = [*QUIET, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with served(folder) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=quiet)
        try:
            yield Easel(browser, url)
        finally:
            browser.close()
