"""A machine of its own on this one: a network namespace whose cable can be pulled."""

import os
import shutil
import subprocess
from typing import Self


def possible() -> bool:
    """Whether this account may make network namespaces."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    try:
        with Machine(0) as machine:
            # Some sandboxes make a namespace and then let nothing run in it.
            _ip("netns", "exec", machine.name, "true")
    except subprocess.CalledProcessError:
        return False
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
        try:
            self._make()
        except subprocess.CalledProcessError:
            self._remove()
            raise
        return self

    def _make(self) -> None:
        _ip("netns", "add", self.name)
        _ip("link", "add", self._near, "type", "veth", "peer", "name", self._far)
        _ip("link", "set", self._far, "netns", self.name)
        _ip("addr", "add", f"{self.host}/30", "dev", self._near)
        _ip("link", "set", self._near, "up")
        for words in (("link", "set", "lo", "up"), ("link", "set", self._far, "up")):
            _ip("-n", self.name, *words)
        _ip("-n", self.name, "addr", "add", f"{self.address}/30", "dev", self._far)

    def _remove(self) -> None:
        """Remove what there is; half of it when making it failed."""
        for words in (("link", "del", self._near), ("netns", "del", self.name)):
            subprocess.run(["ip", *words], check=False, capture_output=True)

    def __exit__(self, *_: object) -> None:
        self._remove()

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
