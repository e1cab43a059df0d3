"""`make bench`: print the product's cost beside a hand-written application's.

`make bench ARGS=rows` measures only how rows travel, `ARGS=stops` only how fast Stop stops,
`ARGS=analyst` only what the analyst graph costs beside the plain loop at as many model calls.
Apart from those: `ARGS=fairness` how soon an organization's run begins while another has queued a
hundred, `ARGS="viewers 10"` a thousand viewers for ten minutes (half a minute by default) and then
fifty that do not read, `ARGS=stalled` only these, and `ARGS=recovery` how soon a run goes on after
its runner was killed. Each prints target and measured.

The server under test runs on one CPU, the load and the scripted model server on the other, where
the machine has two. Absolute times on a shared machine are upper bounds; compare the columns.

`ARGS=starts` measures only what processes cost that do nothing yet: imports, start, idle memory.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import uvloop

from bench import analyst, download, fairness, recovery, rows, starts, stops, viewers
from bench.load import Request, Sample, measure, median
from bench.product import Product, on_cpu
from bench.targets import Row, at_most, table
from tests.support.ports import free_port

MODEL = "bench-200tok-5ms"
TOKENS = 200
STREAMS = (1, 50, 200)
_MORE_MS = 10
QUESTION = "How many orders did we ship last month, by region?"


def _spawn(
    arguments: list[str], *, cpu: int, env: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*on_cpu(cpu), sys.executable, *arguments],
        env={**os.environ, **(env or {})},  # noqa: TID251  # children inherit the environment
    )


def _wait(url: str) -> None:
    for _ in range(1500):
        try:
            httpx.get(url, timeout=1, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"{url} did not come up")


def _raw(port: int) -> Request:
    body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
    return Request(port, "/v1/chat/completions", json.dumps(body).encode())


def _bare(port: int, name: str) -> Request:
    return Request(
        port, "/chat", json.dumps({"thread_id": name, "message": QUESTION, "model": MODEL}).encode()
    )


def _product(product: Product, name: str, model_id: str) -> Request:
    message = {"id": f"m-{name}", "role": "user", "parts": [{"type": "text", "text": QUESTION}]}
    body = {
        "id": f"bench-{name}",
        "messages": [message],
        "trigger": "submit-message",
        "model_id": model_id,
    }
    return Request(
        product.port,
        "/api/v1/chat",
        json.dumps(body).encode(),
        f"Authorization: Bearer {product.token}\r\n",
    )


async def _streams(
    model_port: int, bare_port: int, bare_pid: int, product: Product, model_id: str
) -> None:
    print(f"\n{TOKENS} tokens at 5 ms per stream, all started at once; medians of 3 runs")
    print("first token: half of the streams had theirs by then; worst: all of them")
    print(
        f"{'':14}{'streams':>8}{'first token':>14}{'added':>10}{'worst':>10}{'added':>10}"
        f"{'tokens/s':>10}{'CPU s / 1,000 tokens':>22}{'failed':>8}"
    )
    count = 0
    verdict: list[Row] = []
    for streams in STREAMS:
        results: dict[str, list[Sample]] = {"model server": [], "bare app": [], "datelier": []}
        runs = 5 if streams == 1 else 3
        # One uncounted round warms caches and connection pools; then the three take turns, so
        # that a change of the machine's speed hits all alike.
        for turn in range(runs + 1):
            count += 1
            tag = f"{streams}-{count}"

            def bare(index: int, tag: str = tag) -> Request:
                return _bare(bare_port, f"{tag}-{index}")

            def ours(index: int, tag: str = tag) -> Request:
                return _product(product, f"{tag}-{index}", model_id)

            samples = {
                "model server": await measure(
                    lambda _: _raw(model_port), streams=streams, expected=TOKENS, pid=0
                ),
                "bare app": await measure(bare, streams=streams, expected=TOKENS, pid=bare_pid),
                "datelier": await measure(ours, streams=streams, expected=TOKENS, pid=product.pid),
            }
            if turn:
                for name, sample in samples.items():
                    results[name].append(sample)
        floor = median(results["model server"])
        for name, samples_ in results.items():
            middle = median(samples_)
            cpu = "" if name == "model server" else f"{middle.cpu_per_thousand:.3f}"
            print(
                f"{name:14}{streams:>8}"
                f"{_ms(middle.first_token):>14}{_ms(middle.first_token - floor.first_token):>10}"
                f"{_ms(middle.worst):>10}{_ms(middle.worst - floor.worst):>10}"
                f"{middle.tokens_per_second:>10.0f}{cpu:>22}{middle.failed:>8}",
                flush=True,
            )
        bare_, ours_ = median(results["bare app"]), median(results["datelier"])
        added = ours_.first_token - floor.first_token
        most = bare_.first_token - floor.first_token + _MORE_MS / 1000
        verdict.append(at_most(f"first token added, {streams}", added * 1000, most * 1000, "ms", 1))
        if streams > 1:  # of one stream CPU time is too coarse
            most = bare_.cpu_per_thousand
            verdict.append(
                at_most(f"CPU s / 1,000 tokens, {streams}", ours_.cpu_per_thousand, most, "s", 3)
            )
    table(f"beside the bare application's: its first token + {_MORE_MS} ms, and its CPU", verdict)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def main() -> None:
    """Start everything, measure, print, and stop everything; one section only if it is named."""
    other, under_test = 0, 1
    match sys.argv[1:]:
        case ["fairness"]:
            return fairness.run()
        case ["recovery", *times]:
            return recovery.run(*map(int, times))
        case ["stalled"]:
            return viewers.run_stalled()
        case ["viewers"]:
            return viewers.run()
        case ["viewers", minutes, *many]:
            return viewers.run(float(minutes), *map(int, many))
        case _:
            pass
    os.sched_setaffinity(0, {other})
    with tempfile.TemporaryDirectory(prefix="datelier-bench-") as folder:
        product = Product(Path(folder) / "home", cpu=under_test)
        try:
            if (asked := sys.argv[1:]) == ["starts"]:
                starts.imports()
                starts.measure(product)
            elif asked:
                product.start()
                product.sign_up()
            else:
                _conversations(product, other, under_test)
            _sections(product, asked, Path(folder), under_test)
        finally:
            product.stop()


def _sections(product: Product, asked: list[str], folder: Path, under_test: int) -> None:
    if not asked or asked == ["rows"]:
        rows.measure(product, cpu=under_test)
        download.run(product, folder)
    if not asked or asked == ["stops"]:
        stops.run(product)
    if not asked or asked == ["analyst"]:
        analyst.run(product)


def _conversations(product: Product, other: int, under_test: int) -> None:
    model_port, bare_port = free_port(), free_port()
    model = _spawn(["-m", "bench.scripted_model", str(model_port)], cpu=other)
    bare = _spawn(
        ["-m", "uvicorn", "bench.bare_app:app", "--port", str(bare_port), "--log-level", "warning"],
        cpu=under_test,
        env={"BENCH_MODEL_URL": f"http://127.0.0.1:{model_port}/v1"},
    )
    try:
        starts.measure(product)
        endpoint = {
            "provider": "generic",
            "endpoint_url": f"http://127.0.0.1:{model_port}/v1",
            "api_key": "sk-bench",
        }
        made = product.call("POST", "/models", {"name": "bench", "model_name": MODEL, **endpoint})
        _wait(f"http://127.0.0.1:{bare_port}/health")
        uvloop.run(_streams(model_port, bare_port, bare.pid, product, made["id"]))
    finally:
        for child in (bare, model):
            child.terminate()
            child.wait(10)


if __name__ == "__main__":
    main()
