"""A machine of its own on this one: a network namespace whose cable can be pulled."""

import os
import shutil
import subprocess
from typing import Self


def possible() -> bool:
    """Whether this account may make network namespaces."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"dtl{os.getpid()}p"
    if subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True).returncode:
        return False
    subprocess.run(["ip", "netns", "del", name], check=True)
    return True


class Machine:
    """A network namespace, reachable from `host` over one virtual cable."""

    def __init__(self, number: int) -> None:
        stem = f"dtl{os.getpid() % 100_000}{number}"
        self.name, self._near, self._far = stem, f"{stem}a", f"{stem}b"
        block = os.getpid() % 200 + 20
        self.host, self.address = (
            f"10.231.{block}.{4 * number + 1}",
            f"10.231.{block}.{4 * number + 2}",
        )

    def __enter__(self) -> Self:
        _ip("netns", "add", self.name)
        _ip("link", "add", self._near, "type", "veth", "peer", "name", self._far)
        _ip("link", "set", self._far, "netns", self.name)
        _ip("addr", "add", f"{self.host}/30", "dev", self._near)
        _ip("link", "set", self._near, "up")
        for words in (("link", "set", "lo", "up"), ("link", "set", self._far, "up")):
            _ip("-n", self.name, *words)
        _ip("-n", self.name, "addr", "add", f"{self.address}/30", "dev", self._far)
        return self

    def __exit__(self, *_: object) -> None:
        _ip("link", "del", self._near)
        _ip("netns", "del", self.name)

    @property
    def prefix(self) -> list[str]:
        """Words before a command that runs there."""
        return ["ip", "netns", "exec", self.name]

    def cut(self) -> None:
        """Pull the cable: nothing arrives any more, and nobody is told."""
        _ip("link", "set", self._near, "down")

    def heal(self) -> None:
        """Plug it in again."""
        _ip("link", "set", self._near, "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
