"""What the processes cost before they do anything: their imports, their start, idle memory."""

import subprocess
import sys
import time
from collections.abc import Sequence

from bench.product import Product
from bench.targets import Row, at_most, table

# What each kind of process imports before it begins.
_PROCESSES = {
    "up": ("datelier.cli.up", "datelier.app.runner"),
    "serve": ("datelier.cli.serve",),
    "runner start": ("datelier.cli.runner",),
    "worker start": ("datelier.cli.worker_start",),
    "--help": ("datelier.cli.main",),
}
_ROUNDS = 5
_SETTLED_S = 10.0
_PROBE = """
import resource
from datelier.kit import collector
collector.begin()
import {modules}
used = resource.getrusage(resource.RUSAGE_SELF)
import psutil
print(used.ru_utime + used.ru_stime, psutil.Process().memory_full_info().uss / 1e6)
"""


def imports() -> None:
    """Print what importing costs each kind of process; the best of some rounds, in turns."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in _PROCESSES}
    for _ in range(_ROUNDS):
        for name, modules in _PROCESSES.items():
            found[name].append(_import(modules))
    rows = [
        Row(name, f"{min(cpu for cpu, _ in costs):.2f} s, {min(mb for _, mb in costs):.0f} MB")
        for name, costs in found.items()
    ]
    table("CPU, and memory of its own, of a process that has imported what it begins with", rows)


def _import(modules: Sequence[str]) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE.format(modules=", ".join(modules))],
        capture_output=True,
        text=True,
        check=True,
    )
    cpu, megabytes = map(float, done.stdout.split())
    return cpu, megabytes


def measure(product: Product) -> None:
    """Start a fresh home, then a warm one, and print how long that took and what it holds idle.

    The product runs afterwards and has its first account.
    """
    cold = product.start()
    product.sign_up()
    product.stop()
    warm = product.start()
    cpu = product.cpu_seconds()
    # The embedded server and the worker settle for a moment after the first answer.
    time.sleep(_SETTLED_S)
    sizes = product.idle_megabytes()
    table(
        "Start to the first healthy answer, and idle memory (proportional)",
        [
            Row("start on a fresh home", f"{cold:.1f} s"),
            at_most("start on a warm home", warm, 5, "s", 1),
            Row("CPU of that start, all processes", f"{cpu:.1f} s"),
            at_most("idle", sum(sizes.values()), 300, "MB", 0),
            *(Row(f"  {name}", f"{size:.0f} MB") for name, size in sorted(sizes.items())),
        ],
    )
