"""A browser page under watch: what it logs and where it connects."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import ConsoleMessage, Page, Request

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_ALL = {"type": "tag", "values": _TAGS}
# What a theme decides: it changes colours and nothing else of a page.
_COLORS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# While something fades in, its colours are others'. What goes on for ever is not waited for.
_AXE_RUN = """
only => Promise.allSettled(document.getAnimations()
  .filter(one => one.playState === 'running' && one.effect?.getComputedTiming().endTime < Infinity)
  .map(one => one.finished))
  .then(() => axe.run(document, {runOnly: only, resultTypes: ['violations'], preload: false}))
  .then(report => report.violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${JSON.stringify(node.target)}`)))
"""
_TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass
class Watched:
    """A page, the complaints in its console and its requests to other origins.

    Args:
        page: The page.
        origin: Where everything must come from.
    """

    page: Page
    origin: str
    errors: list[str] = field(default_factory=list[str])
    elsewhere: list[str] = field(default_factory=list[str])
    forgiven: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        allowed = (self.origin, self.origin.replace("http", "ws", 1), "data:", "blob:")
        if not request.url.startswith(allowed):
            self.elsewhere.append(request.url)

    def forgive(self, *texts: str) -> None:
        """Accept complaints that hold one of `texts`: what a browser says of a dead server."""
        self.forgiven.extend(texts)

    def verify(self) -> None:
        """Fail when the console complained or anything left the origin."""
        told = [one for one in self.errors if not any(text in one for text in self.forgiven)]
        assert not told, told
        assert not self.elsewhere, self.elsewhere

    def axe(self) -> list[str]:
        """Return accessibility violations as ``rule: selector`` lines."""
        return self._run(_ALL)

    def axe_in_both_themes(self) -> list[str]:
        """Like :meth:`axe` of a page in the light, and then what the colours of the dark violate."""
        found = self._run(_ALL)
        self._show("dark")
        found += [f"dark: {one}" for one in self._run(_COLORS)]
        self._show("light")
        return found

    def _show(self, theme: Literal["light", "dark"]) -> None:
        self.page.emulate_media(color_scheme=theme)
        self.page.evaluate(_TWO_FRAMES)

    def _run(self, only: dict[str, Any]) -> list[str]:
        # Through the debugger, because the page's own policy forbids foreign scripts.
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        return self.page.evaluate(_AXE_RUN, only)

    def sideways(self) -> int:
        """Return by how many pixels the page scrolls sideways, once it is drawn in its window."""
        self.page.evaluate(_TWO_FRAMES)
        return self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
