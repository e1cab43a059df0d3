"""Outgoing HTTP reaches permitted addresses only, in every spelling. No socket is opened."""

from collections.abc import AsyncIterator

import httpx
import pytest
from typing_extensions import override

from datelier.kit.guarded_http import (
    AddressPolicy,
    AddressRefused,
    GuardedTransport,
    NotLookedUp,
    ReplyTooLarge,
    checked_addresses,
    spelled_address,
    system_resolve,
    why_refused,
)

PUBLIC = AddressPolicy()
PRIVATE = AddressPolicy(allow_private=True)

ALWAYS = [
    "0.0.0.0", "0.1.2.3", "100.100.100.200", "168.63.129.16", "169.254.169.254", "169.254.170.2",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::",
    "::127.0.0.1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::ffff:0.0.0.0",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:2::1",
    "2001:db8::1", "2002:7f00:1::1", "3fff::1", "5f00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "not-an-address", "",
]  # fmt: skip
OWN = [
    "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "::1", "fc00::1", "fd12:3456::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
]  # fmt: skip
FINE = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"]
SPELLINGS = [
    "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "169.254.43518", "2852039166",
    "localhost", "localhost.",
]  # fmt: skip


class Recorder(httpx.AsyncBaseTransport):
    """Stands where connections are made, and notes each."""

    def __init__(self, failing: frozenset[str] = frozenset()) -> None:
        self.hosts: list[str] = []
        self.requests: list[httpx.Request] = []
        self.failing = failing

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.hosts.append(request.url.host)
        self.requests.append(request)
        if request.url.host in self.failing:
            raise httpx.ConnectError("refused", request=request)
        if request.url.path == "/redirect":
            return httpx.Response(307, headers={"location": "http://169.254.169.254/latest"})
        if request.url.path == "/pieces":
            return httpx.Response(200, content=_pieces())
        return httpx.Response(200, text="ok")


async def _pieces() -> AsyncIterator[bytes]:
    yield b"o"
    yield b"k"


def client(recorder: Recorder, policy: AddressPolicy, *answers: list[str]) -> httpx.AsyncClient:
    queue = list(answers)

    async def resolve(host: str, port: int) -> list[str]:
        if not queue:
            return await system_resolve(host, port)
        return queue.pop(0) if len(queue) > 1 else queue[0]

    return httpx.AsyncClient(
        transport=GuardedTransport(recorder, policy, resolve=resolve), follow_redirects=True
    )


@pytest.mark.parametrize("address", ALWAYS)
@pytest.mark.parametrize("policy", [PUBLIC, PRIVATE])
def test_dangerous_addresses_are_refused_under_every_policy(
    address: str, policy: AddressPolicy
) -> None:
    assert why_refused(address, policy) is not None


@pytest.mark.parametrize("address", OWN)
def test_own_addresses_need_the_policy(address: str) -> None:
    assert why_refused(address, PUBLIC) is not None
    assert why_refused(address, PRIVATE) is None


@pytest.mark.parametrize("address", FINE)
def test_public_addresses_are_permitted(address: str) -> None:
    assert why_refused(address, PUBLIC) is None


@pytest.mark.parametrize("host", [*SPELLINGS, "127.0.0.1", "[::1]", "[::ffff:a9fe:a9fe]"])
async def test_no_spelling_of_loopback_or_metadata_connects(host: str) -> None:
    recorder = Recorder()
    async with client(recorder, PUBLIC) as http:
        with pytest.raises((AddressRefused, httpx.ConnectError, httpx.InvalidURL)):
            await http.get(f"http://{host}/")
    assert recorder.hosts == []


@pytest.mark.parametrize(
    "answers",
    [["8.8.8.8", "127.0.0.1"], ["2606:4700:4700::1111", "169.254.169.254"], ["8.8.8.8"] * 40],
)
async def test_one_bad_answer_refuses_the_whole_name(answers: list[str]) -> None:
    recorder = Recorder()
    async with client(recorder, PUBLIC, answers) as http:
        with pytest.raises(AddressRefused):
            await http.get("http://rebinding.example/")
    assert recorder.hosts == []


async def test_the_checked_address_is_the_one_connected_to() -> None:
    recorder = Recorder()
    # A second look-up would answer loopback; there is none.
    async with client(recorder, PUBLIC, ["8.8.8.8"], ["127.0.0.1"]) as http:
        await http.get("https://models.example/v1")
    assert recorder.hosts == ["8.8.8.8"]
    request = recorder.requests[0]
    assert request.headers["host"] == "models.example"
    assert request.extensions["sni_hostname"] == "models.example"


async def test_a_redirect_is_checked_like_the_first_request() -> None:
    recorder = Recorder()
    async with client(recorder, PRIVATE, ["8.8.8.8"], ["169.254.169.254"]) as http:
        with pytest.raises(AddressRefused):
            await http.get("http://models.example/redirect")
    assert recorder.hosts == ["8.8.8.8"]


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    recorder = Recorder(failing=frozenset({"::1"}))
    async with client(recorder, PRIVATE, ["::1", "127.0.0.1"]) as http:
        assert (await http.get("http://localhost:11434/")).text == "ok"
    assert recorder.hosts == ["::1", "127.0.0.1"]


@pytest.mark.parametrize("port", [22, 25, 5432, 6379, 11211, 8484])
async def test_ports_of_other_services_are_refused(port: int) -> None:
    policy = AddressPolicy(allow_private=True, refused_ports=frozenset({8484}))
    with pytest.raises(AddressRefused):
        await checked_addresses("127.0.0.1", port, policy)


@pytest.mark.parametrize("scheme", ["ftp", "gopher", "dict", "file", "unix"])
async def test_only_http_is_spoken(scheme: str) -> None:
    recorder = Recorder()
    async with client(recorder, PRIVATE, ["8.8.8.8"]) as http:
        with pytest.raises((AddressRefused, httpx.UnsupportedProtocol)):
            await http.get(f"{scheme}://models.example/etc/passwd")
    assert recorder.hosts == []


async def test_no_answer_and_a_strange_answer_connect_nowhere() -> None:
    recorder = Recorder()
    async with client(recorder, PUBLIC, []) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get("http://nowhere.example/")
    async with client(recorder, PUBLIC, ["banana"]) as http:
        with pytest.raises(AddressRefused):
            await http.get("http://strange.example/")
    assert recorder.hosts == []


async def test_a_reply_is_read_up_to_its_limit() -> None:
    transport = GuardedTransport(Recorder(), PUBLIC, most=2)
    async with httpx.AsyncClient(transport=transport) as limited:
        assert (await limited.get("http://1.1.1.1/pieces")).text == "ok"
    transport = GuardedTransport(Recorder(), PUBLIC, most=1)
    async with httpx.AsyncClient(transport=transport) as limited:
        with pytest.raises(ReplyTooLarge):
            await limited.get("http://1.1.1.1/pieces")


@pytest.mark.parametrize("host", ["a..b", ".a", f"{'a' * 64}.example.com"])
async def test_what_can_be_no_name_does_not_resolve(host: str) -> None:
    with pytest.raises(OSError, match="no name"):
        await checked_addresses(host, 443, PUBLIC)
    with pytest.raises(NotLookedUp):
        await spelled_address(host, 443)
