"""1,000,000 rows streamed to a Parquet download; what it costs in memory, process by process."""

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.load import tree
from bench.product import Product

ROWS = 1_000_000
SQL = f"""
    select n as id, (n * 7919) % 100003 as customer_id, 'order-' || n as code,
    ['north', 'south', 'east', 'west'][1 + n % 4] as region,
    cast(n % 9973 as decimal(18, 2)) / 7 as amount, (n % 50) / 3.0 as ratio,
    timestamptz '2026-01-01 00:00:00+00' + to_minutes(n) as ordered_at,
    date '2026-01-01' + cast(n % 365 as int) as day, n % 3 = 0 as returned, md5('' || n) as note
    from range({ROWS}) t(n)
"""


@dataclass
class Memory:
    """Watches how much memory each process of the product takes meanwhile.

    Args:
        product: The running product.
    """

    product: Product
    before: dict[str, float] = field(init=False)
    peak: dict[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        self.before = self._look()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            for name, size in self._look().items():
                self.peak[name] = max(self.peak.get(name, 0), size)

    def _look(self) -> dict[str, float]:
        """Resident megabytes of the server and of the worker, its child."""
        sizes: dict[str, float] = {}
        for process in tree(self.product.pid):
            try:
                words = process.cmdline()
                if "postgres" not in process.name():
                    name = "server" if process.pid == self.product.pid else "worker"
                    name = name if name == "server" or "worker" in " ".join(words) else "other"
                    sizes[name] = sizes.get(name, 0) + process.memory_info().rss / 1e6
            except psutil.Error:
                continue
        return sizes


def run(product: Product, folder: Path) -> None:
    """Download a million rows and print seconds, bytes and memory."""
    one = {"files": ("one.csv", b"a\n1\n")}
    uploaded = product.http.post("/sources/upload", files=one)
    source = uploaded.json()["id"]
    version = product.call("POST", "/queries", {"source_id": source, "sql": SQL, "limit": 10})
    if version["status"] != "done":
        raise RuntimeError(f"the query failed: {version['error']}")
    for form in ("parquet", "csv"):
        _download(product, version["result_id"], form, folder / f"rows.{form}")


def _download(product: Product, result: str, form: str, target: Path) -> None:
    started = time.perf_counter()
    with Memory(product) as memory:
        path, last = f"/results/{result}/exports", {"status": "nothing"}
        with product.http.stream("POST", path, json={"format": form}) as lines:
            for line in lines.iter_lines():
                last = json.loads(line)
        if last["status"] != "done":
            raise RuntimeError(f"the download failed: {last}")
        with (
            product.http.stream("GET", f"/exports/{last['id']}") as body,
            target.open("wb") as file,
        ):
            for chunk in body.iter_bytes():
                file.write(chunk)
    seconds = time.perf_counter() - started
    size = target.stat().st_size / 1e6
    print(f"\n{last['rows']:,} rows x 10 columns as {form}: {seconds:.1f} s, {size:.0f} MB")
    for name in sorted(memory.peak):
        idle, peak = memory.before.get(name, 0), memory.peak[name]
        print(f"  {name}: {idle:.0f} MB before, {peak:.0f} MB at its peak")
