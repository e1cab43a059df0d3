"""Passwords: argon2id, hashed in threads, equally slow for accounts that do not exist."""

import asyncio

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

# One hash takes 64 MiB and a core for 0.15 s, so few run at once.
_AT_ONCE = 2


class Passwords:
    """Hashes and verifies passwords.

    Args:
        hasher: How; argon2id with the library's recommended cost when None.
    """

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        self._hash = PasswordHash((hasher or Argon2Hasher(),))
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return the stored form of `password`."""
        async with self._slots:
            return await asyncio.to_thread(self._hash.hash, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Return whether `password` is the one behind `stored`.

        With None, for an account that does not exist, the same work is done and the answer is
        False: the time taken does not tell which accounts exist.
        """
        if self._nobody is None:
            self._nobody = await self.hash("nobody")
        against = stored or self._nobody
        async with self._slots:
            return await asyncio.to_thread(self._matches, password, against) and bool(stored)

    def _matches(self, password: str, stored: str) -> bool:
        try:
            return self._hash.verify(password, stored)
        except UnknownHashError:
            return False
