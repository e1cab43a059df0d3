"""How soon the run of an organization begins while another organization has queued a hundred.

`make bench ARGS=fairness`. Delays are the product's own: from the moment a run was stored to the
moment a process began it, both by the database's clock. Settings are those of a new installation.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx

from bench.product import Product
from bench.targets import Row, at_most, table
from datelier.app.organizations import add_organization
from datelier.kit.settings import Settings
from tests.support.ports import free_port

OTHERS: Final = 9
CROWD: Final = 100
ROUNDS: Final = 3
_MODEL: Final = "600tok-500ms"  # longer than a round takes: runs end by being stopped
_EMAIL: Final = "bench@example.com"
_PASSWORD: Final = "correct horse battery"  # of an installation that lives a minute
_PAUSE_S: Final = 0.15
_PATIENCE_S: Final = 300.0
_MOST_S: Final = 2.0


class Organization:
    """One organization with a model of its own, and a client signed in as its owner."""

    def __init__(self, product: Product, slug: str | None, endpoint: str) -> None:
        base = str(product.http.base_url)
        self._http = httpx.Client(base_url=base, timeout=60, trust_env=False)
        self._http.headers["Origin"] = base.partition("/api")[0]
        body = {"email": _EMAIL, "password": _PASSWORD, "organization": slug}
        self.call("POST", "/auth/login", {k: v for k, v in body.items() if v is not None})
        secret = self.call("POST", "/tokens", {"name": "bench"})["token"]
        self._http.cookies.clear()
        self._http.headers["Authorization"] = f"Bearer {secret}"
        model = {"name": "Slow", "provider": "generic", "model_name": _MODEL, "api_key": "sk-x"}
        self._model = self.call("POST", "/models", model | {"endpoint_url": endpoint})["id"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        response = self._http.request(method, path, json=body)
        assert not response.is_error, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    def begin(self) -> str:
        """Start a run; return its id."""
        goal = {"goal": "Count.", "model_id": self._model, "report": "none"}
        return self.call("POST", "/runs", goal)["id"]

    def delay(self, run_id: str) -> float:
        """Return the seconds that a run waited, once it has begun."""
        until = time.monotonic() + _PATIENCE_S
        while (run := self.call("GET", f"/runs/{run_id}"))["started_at"] is None:
            assert time.monotonic() < until, "the run did not begin"
            time.sleep(_PAUSE_S)
        began, made = (datetime.fromisoformat(run[key]) for key in ("started_at", "created_at"))
        return (began - made).total_seconds()

    def waiting(self) -> int:
        """Return how many runs wait in the queue."""
        return self._count("queued")

    def rest(self) -> None:
        """Wait until nothing is queued or executed."""
        until = time.monotonic() + _PATIENCE_S
        while self._count("queued") or self._count("running"):
            assert time.monotonic() < until, "the stopped runs did not end"
            time.sleep(_PAUSE_S)

    def _count(self, status: str) -> int:
        return len(self.call("GET", f"/runs?status={status}&limit=200")["data"])

    def stop(self, run_id: str) -> None:
        """Stop a run."""
        self.call("POST", f"/runs/{run_id}/stop")


def run() -> None:
    """Measure and print."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}/v1"
    model = subprocess.Popen([sys.executable, "-m", "bench.scripted_model", str(port)])
    with tempfile.TemporaryDirectory(prefix="datelier-bench-") as folder:
        product = Product(Path(folder) / "home", cpu=None, settings={})
        try:
            product.start()
            product.sign_up()
            names = [f"Other {number}" for number in range(OTHERS)]
            asyncio.run(_add(product.home, names))
            first = product.call("GET", "/auth/me")["organization"]["slug"]
            crowd = Organization(product, first, endpoint)
            others = [Organization(product, n.lower().replace(" ", "-"), endpoint) for n in names]
            _print(*_measure(crowd, others))
        finally:
            product.stop()
            model.terminate()
            model.wait(10)


async def _add(home: Path, names: list[str]) -> None:
    for name in names:
        await add_organization(Settings(home=home), name=name, owner=_EMAIL)


def _measure(
    crowd: Organization, others: list[Organization]
) -> tuple[list[float], list[float], list[int]]:
    """Return the others' delays without and with the crowd, and how many waited then."""
    idle: list[float] = []
    busy: list[float] = []
    queued: list[int] = []
    _each(others)  # warms connections and caches
    for _ in range(ROUNDS):
        idle += _each(others)
        runs = [crowd.begin() for _ in range(CROWD)]
        queued.append(crowd.waiting())
        busy += _each(others)
        queued.append(crowd.waiting())
        assert min(queued) > 0, "the crowd did not wait, so nothing was measured"
        for run_id in runs:
            crowd.stop(run_id)
        # What still ends would make the next round's idle delays longer, and the target easier.
        crowd.rest()
    return idle, busy, queued


def _each(others: list[Organization]) -> list[float]:
    started: list[tuple[Organization, str]] = []
    for one in others:
        started.append((one, one.begin()))
        time.sleep(_PAUSE_S)  # people do not ask in the same instant
    delays = [one.delay(run_id) for one, run_id in started]
    for one, run_id in started:
        one.stop(run_id)
    for one in others:
        one.rest()
    return delays


def _print(idle: list[float], busy: list[float], queued: list[int]) -> None:
    quiet, crowded = _p95(idle), _p95(busy)
    share = crowded / max(quiet, 1e-9)
    table(
        f"One organization submits {CROWD} runs, {OTHERS} others one each, {ROUNDS} times; "
        f"{min(queued)} to {max(queued)} of the {CROWD} wait meanwhile",
        [
            Row("others' start delay, median, idle", f"{statistics.median(idle) * 1000:.0f} ms"),
            Row("others' start delay, p95, idle", f"{quiet * 1000:.0f} ms"),
            Row("others' start delay, median", f"{statistics.median(busy) * 1000:.0f} ms"),
            at_most("others' start delay, p95", crowded, _MOST_S, "s", 3),
            at_most("others' start delay, p95, times idle", share, 2, "x"),
        ],
    )


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]
