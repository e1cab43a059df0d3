"""A mail server and a webhook's receiver on loopback, which keep what they get."""

import asyncio
import base64
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

Answer = tuple[int, dict[str, str]]


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes
    path: str = ""


@dataclass
class Receiver:
    """Answers each request with the next of `answers`, then with 204.

    Attributes:
        more: What it sends as a body for ever, as a hostile one would.
        gate: Closed, it answers nobody.
    """

    port: int = 0
    answers: list[Answer] = field(default_factory=list[Answer])
    seen: list[Received] = field(default_factory=list[Received])
    more: bytes = b""
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.partition(": ") for line in head[1:] if line)
        headers = {name.lower(): value for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.seen.append(Received(headers, body, head[0].split()[1]))
        await self.gate.wait()
        status, extra = self.answers.pop(0) if self.answers else (204, {})
        lines = [f"HTTP/1.1 {status} X", "connection: close"]
        lines += [f"{name}: {value}" for name, value in extra.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        try:
            while self.more:
                writer.write(self.more)
                await writer.drain()
        except OSError:
            return
        finally:
            writer.close()


@asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    made = Receiver()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


@dataclass
class MailServer:
    """Speaks as much SMTP as a client needs: STARTTLS, AUTH PLAIN, one mail after another.

    Attributes:
        repeats: What it says to who may not sign in is what it was sent.
        gate: Closed, it greets nobody.
        slow: Seconds for which it looks into a mail before it takes it.
    """

    tls: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    refuse: tuple[int, str] | None = None
    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list[EmailMessage])
    signed_in: list[bool] = field(default_factory=list[bool])
    repeats: bool = False
    slow: float = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if address in str(letter["To"])]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = _Talk(self, reader, writer)
        try:
            await talk.run()
        except (asyncio.IncompleteReadError, OSError):
            pass  # whoever does not trust the certificate leaves
        finally:
            writer.close()


class _Talk:
    def __init__(
        self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.secure = self.signed_in = False

    async def say(self, text: str) -> None:
        self.writer.write(f"{text}\r\n".encode())
        await self.writer.drain()

    async def run(self) -> None:
        await self.server.gate.wait()
        await self.say("220 sink")
        while line := (await self.reader.readline()).decode().strip():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    await self.greet()
                case "STARTTLS":
                    await self.say("220 go")
                    await self.writer.start_tls(cast("ssl.SSLContext", self.server.tls))
                    self.secure = True
                case "AUTH":
                    await self.sign_in(rest)
                case "RCPT" if self.server.refuse:
                    code, words = self.server.refuse
                    await self.say(f"{code} {words}")
                case "DATA":
                    await self.take()
                case "QUIT":
                    await self.say("221 bye")
                    return
                case _:
                    await self.say("250 ok")

    async def greet(self) -> None:
        offers = ["sink"]
        if self.server.tls is not None and not self.secure:
            offers.append("STARTTLS")
        if self.server.login is not None and self.secure:
            offers.append("AUTH PLAIN")
        for offer in offers[:-1]:
            await self.say(f"250-{offer}")
        await self.say(f"250 {offers[-1]}")

    async def sign_in(self, rest: str) -> None:
        given = base64.b64decode(rest.removeprefix("PLAIN ")).decode().split("\0")[1:]
        self.signed_in = self.secure and tuple(given) == self.server.login
        said = rest if self.server.repeats else given[1]
        await self.say("235 ok" if self.signed_in else f"535 wrong: {said}")

    async def take(self) -> None:
        await self.say("354 go on")
        raw = (await self.reader.readuntil(b"\r\n.\r\n"))[:-3]
        self.server.letters.append(message_from_bytes(raw, policy=default))
        self.server.signed_in.append(self.signed_in)
        await asyncio.sleep(self.server.slow)
        await self.say("250 taken")


@asynccontextmanager
async def mail_server(
    tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
) -> AsyncGenerator[MailServer]:
    made = MailServer(tls, login)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
