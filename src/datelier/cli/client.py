"""A small HTTP client for commands: one server, one token, typed failures."""

import json
import time
import tomllib
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

import click
import httpx

from datelier.cli.options import Options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.kit.profiles import Profile, config_path, load_profile

Json = dict[str, Any]
# How often, and how soon each time, a log is asked for again that was broken off.
_TRIES = 40
_PAUSE_S = 0.5


class Client:
    """Calls `/api/v1` of one server.

    Args:
        profile: Server and token.
        timeout: Seconds for one answer, or for a whole stream.
    """

    def __init__(self, profile: Profile, *, timeout: float) -> None:
        self.server = profile.server
        self._timeout = timeout
        headers = {"Authorization": f"Bearer {profile.token}"} if profile.token else {}
        self._http = httpx.Client(
            base_url=f"{profile.server}/api/v1",
            headers=headers,
            timeout=timeout,
            trust_env=False,
            # Without TLS there is nothing to check, and reading all certificates takes 25 ms.
            verify=not profile.server.startswith("http://"),
        )
        if (command := click.get_current_context(silent=True)) is not None:
            command.call_on_close(self._http.close)

    def call(self, method: str, path: str, body: Json | None = None, **options: Any) -> Any:
        """Return the decoded JSON answer (None for 204).

        Raises:
            CommandFailed: The server refused, or cannot be reached.
        """
        with self._failures():
            response = self._http.request(method, path, json=body, **options)
        self._check(response)
        return response.json() if response.content else None

    def probe(self, path: str) -> Json:
        """Return the JSON of a path outside the API, such as ``/ready``, whatever its status."""
        with self._failures():
            return self._http.get(f"{self.server}{path}").json()

    def every(self, path: str) -> list[Json]:
        """Return all items of a cursor-paged list."""
        items: list[Json] = []
        cursor: str | None = None
        while True:
            page = self.call("GET", path, params={"cursor": cursor} if cursor else None)
            items.extend(page["data"])
            cursor = page["next"]
            if cursor is None:
                return items

    def find(self, path: str, noun: str, wanted: str) -> Json:
        """Return the item whose id, number, slug or name is `wanted`.

        Raises:
            CommandFailed: There is none, or several have that name.
        """
        items = self.every(path)
        for key in ("id", "number", "slug", "name"):
            found = [i for i in items if str(i.get(key, "")).casefold() == wanted.casefold()]
            if len(found) > 1:
                ids = ", ".join(str(item.get("number") or item["id"]) for item in found)
                raise CommandFailed(
                    f"{len(found)} are named {wanted!r}.",
                    hint=f"Say which {noun}: {ids}.",
                    exit_code=Exit.USAGE,
                    code="usage",
                )
            if found:
                return found[0]
        names = ", ".join(str(item["name"]) for item in items) or "none"
        raise CommandFailed(
            f"No {noun} named {wanted!r}.",
            hint=f"There are: {names}.",
            exit_code=Exit.NOT_FOUND,
            code="not_found",
        )

    def events(
        self, path: str, *, after: int = 0, timeout: float | None = None
    ) -> Generator[tuple[int, Json]]:
        """Yield `(seq, part)` of a run's log after `after` until it ends.

        When the connection breaks, or the server behind it restarts, it goes on where it was.

        Raises:
            CommandFailed: The server refused or stays away, or the log did not end within `timeout`
                seconds.
        """
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        seen, tries, lost = after, 0, _ended_early(self.server)
        with self._failures():
            while tries <= _TRIES:
                try:
                    for one in self._log(path, seen, deadline):
                        if one is None:
                            return
                        seen, tries = max(seen, one[0]), 0
                        yield one
                except httpx.TransportError as error:
                    if seen == after or isinstance(error, httpx.TimeoutException):
                        raise
                except CommandFailed as failure:
                    if seen == after or failure.exit_code != Exit.UNAVAILABLE:
                        raise
                    lost = failure
                tries += 1
                time.sleep(_PAUSE_S)
        raise lost

    def _log(self, path: str, after: int, deadline: float) -> Generator[tuple[int, Json] | None]:
        """Yield what one connection gives of a log, and None when the log has ended."""
        left = max(deadline - time.monotonic(), _PAUSE_S)
        with self._http.stream("GET", path, params={"after": after}, timeout=left) as response:
            if response.is_error:
                response.read()
                self._check(response)
            yield from parse_events(_until(response.iter_lines(), deadline))

    def download(self, path: str) -> Generator[bytes]:
        """Yield the bytes of a file."""
        with self._failures(), self._http.stream("GET", path) as response:
            if response.is_error:
                response.read()
                self._check(response)
            yield from response.iter_bytes()

    def json_lines(self, path: str, body: Json) -> Generator[Json]:
        """Yield what a POST answers line by line."""
        with self._failures(), self._http.stream("POST", path, json=body) as response:
            if response.is_error:
                response.read()
                self._check(response)
            for line in response.iter_lines():
                yield json.loads(line)

    @contextmanager
    def _failures(self) -> Generator[None]:
        try:
            yield
        except httpx.TimeoutException:
            raise CommandFailed(
                f"{self.server} did not answer in time.",
                hint="Try again with a larger --timeout.",
                exit_code=Exit.TIMEOUT,
                code="timeout",
            ) from None
        except httpx.TransportError:
            raise CommandFailed(
                f"No Datelier server answers at {self.server}.",
                hint="Start one with `datelier up`, or name one with --server.",
                exit_code=Exit.UNAVAILABLE,
                code="server_unavailable",
            ) from None

    def _check(self, response: httpx.Response) -> None:
        if not response.is_error:
            return
        try:
            problem = response.json()
        except ValueError:
            problem = {"detail": f"The server answered {response.status_code} without a reason."}
        raise CommandFailed.from_problem(response.status_code, problem)


def connect(options: Options) -> Client:
    """Return a client for the profile that the options name."""
    return Client(chosen_profile(options), timeout=options.timeout)


def chosen_profile(options: Options) -> Profile:
    """Return the profile that the options name.

    Raises:
        CommandFailed: The configuration file is no TOML.
    """
    try:
        return load_profile(options.profile, options.server)
    except tomllib.TOMLDecodeError as error:
        raise CommandFailed(
            f"{config_path()} cannot be read: {error}",
            hint="Mend or remove it; `datelier login` writes a new one.",
        ) from None


def _until(lines: Iterable[str], deadline: float) -> Generator[str]:
    """Pass `lines` on; a heartbeat every 15 seconds makes sure that the time is looked at."""
    for line in lines:
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the log did not end in time")
        yield line


def _ended_early(server: str) -> CommandFailed:
    return CommandFailed(
        f"{server} ended the connection before the log was over.",
        hint="The run goes on; `datelier run list` shows it.",
        exit_code=Exit.UNAVAILABLE,
        code="server_unavailable",
    )


def parse_events(lines: Iterable[str]) -> Generator[tuple[int, Json] | None]:
    """Yield `(seq, part)` from server-sent event lines; None at ``[DONE]``, which ends them."""
    seq = -1
    for line in lines:
        if line.startswith("id:"):
            seq = int(line[3:])
        elif line.startswith("data:"):
            data = line[5:].strip()
            if data == "[DONE]":
                yield None
                return
            yield seq, json.loads(data)
