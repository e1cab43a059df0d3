"""From a join token to an attached worker, and out again: over the certificates of `up`."""

import asyncio
import stat
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import httpx
import pytest
from sqlalchemy import text

from datelier import __version__
from datelier.app.tls import open_tls
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.errors import Forbidden
from datelier.kit.settings import Settings
from datelier.sources.errors import NoWorker
from datelier.sources.gateway import Order, WorkerGateway
from datelier.sources.gateway_server import Gateway, Listen
from datelier.sources.target import describe_target, held_target
from datelier.sources.worker_join import create_join, dial_address
from datelier.sources.worker_routes import router as workers
from datelier.sources.worker_schemas import JoinIn
from datelier.wire.v1 import worker_pb2 as pb
from datelier.wire.v1.worker_pb2_grpc import GatewayStub
from datelier.worker.engines.opening import ENGINES, Engines
from datelier.worker.identity import Identity, JoinRefused, join, load_identity, save_identity
from datelier.worker.session import Options, Refused, Session
from datelier.worker.trust import (
    NotTrusted,
    fetch_any_authority,
    fetch_authority,
    split_join_token,
)
from tests.conftest import make_org
from tests.sources.app import client

POSTGRES = describe_target("postgresql", {"host": "db"}, None)


async def opened(ctx: Context, home: Path, *, heartbeat_s: float = 4.0) -> Gateway:
    tls = await open_tls(Settings(home=home))
    listen = Listen("127.0.0.1", 0, tls.key, tls.certificate, "j", heartbeat_s=heartbeat_s)
    server = Gateway(ctx.resources, listen, ca=tls.ca)
    await server.start()
    return server


@pytest.fixture
async def gateway(ctx: Context, tmp_path: Path) -> AsyncGenerator[Gateway]:
    """A gateway with the heartbeat and the certificates that the product has."""
    server = await opened(ctx, tmp_path / "home")
    ctx.resources.register(WorkerGateway, server)
    yield server
    await server.stop(0)


@pytest.fixture
async def http(ctx: Context, gateway: Gateway) -> AsyncGenerator[httpx.AsyncClient]:
    async with client(ctx, workers) as caller:
        yield caller


async def joined(gateway: Gateway, token: str) -> tuple[Identity, pb.JoinReply]:
    """What `datelier worker start --token` does first."""
    server = f"127.0.0.1:{gateway.port}"
    secret, fingerprint = split_join_token(token)
    ca = await asyncio.to_thread(fetch_authority, server, fingerprint or "")
    reply = await join(server, secret, ca, __version__)
    return Identity(server, reply.token, ca.decode(), reply.worker_id), reply


def session_of(identity: Identity, root: Path, **held: Any) -> Session:
    options = Options(
        identity.server, identity.token, "w", ca=(identity.ca or "").encode(), slots=3
    )
    return Session(options, Engines(str(root), held=held))


@pytest.mark.contract("Q13", "Q63")
async def test_one_command_makes_a_worker_that_is_listed_with_its_facts(
    ctx: Context, gateway: Gateway, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    made = (await http.post("/workers/join", json={"name": "beside the shop"})).json()
    assert made["command"].startswith(f"datelier worker start --server {made['server']} --token")
    assert made["token"] in made["command"]
    assert made["loopback_only"] is True
    identity, reply = await joined(gateway, made["token"])
    assert reply.worker_name == "beside the shop"
    session = session_of(identity, tmp_path, warehouse={"engine": "postgresql", "host": "x"})
    running = asyncio.create_task(session.run())
    await asyncio.wait_for(session.attached.wait(), 20)
    (row,) = (await http.get("/workers")).json()["data"]
    assert (row["name"], row["state"], row["health"]) == ("beside the shop", "online", "ok")
    assert (row["version"], row["upgrade"], row["slots"]) == (__version__, None, 3)
    assert row["engines"] == sorted(ENGINES)
    assert row["sources"] == [{"name": "warehouse", "engine": "postgresql"}]
    assert row["host"]
    assert row["connected_at"]
    assert row["last_seen_at"]
    session.stop()
    await asyncio.wait_for(running, 20)
    async with asyncio.timeout(10):
        while (row := (await http.get("/workers")).json()["data"][0])["state"] == "online":
            pass
    assert (row["state"], row["health"], row["load"]) == ("offline", "away", None)
    assert row["last_error"] is None


async def test_a_join_token_works_once_and_for_fifteen_minutes(
    ctx: Context, gateway: Gateway
) -> None:
    async with ctx.begin() as tx:
        once = await create_join(tx, JoinIn())
        late = await create_join(tx, JoinIn())
        for_life = timedelta(minutes=14), timedelta(minutes=15)
        assert for_life[0] < once.expires_at - now() <= for_life[1]
    await joined(gateway, once.token)
    with pytest.raises(JoinRefused, match="once"):
        await joined(gateway, once.token)
    async with ctx.resources.db.system() as session:
        await session.execute(
            text("update worker_join set expires_at = now() where id = :id"), {"id": late.id}
        )
    with pytest.raises(JoinRefused, match="15 minutes"):
        await joined(gateway, late.token)
    with pytest.raises(JoinRefused):
        await joined(gateway, "dtj_never" + late.token[late.token.index(".") :])


async def test_of_many_who_race_for_a_join_token_one_wins(ctx: Context, gateway: Gateway) -> None:
    async with ctx.begin() as tx:
        made = await create_join(tx, JoinIn())
    results = await asyncio.gather(
        *(joined(gateway, made.token) for _ in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(result, Exception) for result in results) == 1


async def test_tokens_are_stored_hashed_and_every_step_is_audited(
    ctx: Context, gateway: Gateway, http: httpx.AsyncClient
) -> None:
    made = (await http.post("/workers/join", json={})).json()
    identity, _ = await joined(gateway, made["token"])
    assert (await http.delete(f"/workers/{identity.worker_id}")).status_code == 204
    secret = split_join_token(made["token"])[0]
    async with ctx.resources.db.system() as session:
        stored = await session.execute(
            text(
                "select worker::text || worker_join::text from worker join worker_join on "
                "worker_join.worker_id = worker.id where worker.org_id = :org"
            ),
            {"org": ctx.org_id},
        )
        row = stored.scalar_one()
        entries = await session.execute(
            text(
                "select action, actor_kind, detail::text from audit_entry where org_id = :org order by id"
            ),
            {"org": ctx.org_id},
        )
        noted = entries.all()
    assert secret not in row
    assert identity.token not in row
    assert [entry.action for entry in noted] == [
        "worker.join_created",
        "worker.joined",
        "worker.revoked",
    ]
    assert noted[1].actor_kind == "worker"
    assert not any(secret in entry.detail for entry in noted)


async def test_a_server_in_between_is_found_out_before_the_token_is_sent(
    ctx: Context, gateway: Gateway, tmp_path: Path
) -> None:
    async with ctx.begin() as tx:
        made = await create_join(tx, JoinIn())
    impostor = await opened(ctx, tmp_path / "impostor")
    secret, fingerprint = split_join_token(made.token)
    assert fingerprint
    with pytest.raises(NotTrusted, match="in between"):
        await asyncio.to_thread(fetch_authority, f"127.0.0.1:{impostor.port}", fingerprint)
    # Nor does it help to be trusted by nobody in particular: TLS itself is checked.
    ca = await asyncio.to_thread(fetch_authority, f"127.0.0.1:{gateway.port}", fingerprint)
    with pytest.raises(OSError, match="cannot be joined"):
        await join(f"127.0.0.1:{impostor.port}", secret, ca, __version__)
    await impostor.stop(0)
    await joined(gateway, made.token)  # it was never shown to anybody else


async def test_insecure_is_for_loopback_only(gateway: Gateway) -> None:
    assert await asyncio.to_thread(fetch_any_authority, f"127.0.0.1:{gateway.port}") == gateway.ca
    with pytest.raises(NotTrusted, match="this machine"):
        fetch_any_authority("192.0.2.1:8485")


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_revoking_ends_the_stream_within_five_seconds(
    ctx: Context, gateway: Gateway, tmp_path: Path, elsewhere: bool
) -> None:
    async with ctx.begin() as tx:
        made = await create_join(tx, JoinIn())
    identity, _ = await joined(gateway, made.token)
    session = session_of(identity, tmp_path)
    running = asyncio.create_task(session.run())
    await asyncio.wait_for(session.attached.wait(), 20)
    # Another replica answers the request: it holds no stream and can drop none.
    asked = gateway if not elsewhere else WorkerGateway(ctx.resources)
    ctx.resources.register(WorkerGateway, asked)
    async with client(ctx, workers) as http:
        assert (await http.delete(f"/workers/{identity.worker_id}")).status_code == 204
        async with asyncio.timeout(5):
            with pytest.raises(Refused) as caught:
                await running
        assert caught.value.code == "token"
        assert (await http.get("/workers")).json()["data"] == []
        assert (await http.delete(f"/workers/{identity.worker_id}")).status_code == 404
    with pytest.raises(Refused, match="not valid"):
        await session_of(identity, tmp_path).run()


async def test_only_those_who_manage_workers_may_add_or_revoke_one(ctx: Context) -> None:
    small = replace(ctx, scopes=ctx.scopes - {"worker:manage"})
    async with client(small, workers) as http:
        for answer in (
            await http.post("/workers/join", json={}),
            await http.delete(f"/workers/{ctx.org_id}"),
        ):
            assert answer.status_code == Forbidden.status
        assert (await http.get("/workers")).status_code == 200


async def test_a_held_source_is_read_by_the_worker_that_holds_it_and_by_no_other(
    ctx: Context, gateway: Gateway, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "orders.csv").write_text("city,amount\nOslo,1\nRome,2\n", encoding="utf-8")
    body = {"name": "Held", "engine": "files", "credentials": "worker", "worker_source": "vault"}
    async with ctx.begin() as tx:
        first, second = await create_join(tx, JoinIn()), await create_join(tx, JoinIn())
    sessions = [
        session_of((await joined(gateway, first.token))[0], tmp_path),
        Session(
            replace_options((await joined(gateway, second.token))[0]),
            Engines(
                str(tmp_path), (str(folder),), {"vault": {"engine": "files", "folder": str(folder)}}
            ),
        ),
    ]
    tasks = [asyncio.create_task(session.run()) for session in sessions]
    for session in sessions:
        await asyncio.wait_for(session.attached.wait(), 20)
    made = (await http.post("/sources", json=body)).json()
    assert (made["credentials"], made["worker_source"], made["config"]) == ("worker", "vault", {})
    assert (made["status"], made["table_count"]) == ("ready", 1)
    asked = {"source_id": made["id"], "sql": "select sum(amount) s from orders"}
    done = (await http.post("/queries", json=asked)).json()
    assert done["status"] == "done", done
    stranger = replace(ctx, org_id=await make_org(ctx.resources))
    with pytest.raises(NoWorker, match="vault"):
        await gateway.perform_on(stranger, held_target("files", "vault"), Order("test", {}))
    with pytest.raises(NoWorker, match="nothing"):
        await gateway.perform_on(ctx, held_target("files", "nothing"), Order("test", {}))
    for session in sessions:
        session.stop()
    await asyncio.wait_for(asyncio.gather(*tasks), 20)
    refused = (await http.post("/queries", json=asked)).json()
    assert (refused.get("code") or refused["error"]["code"]) == "no_worker"


def replace_options(identity: Identity) -> Options:
    return Options(identity.server, identity.token, "holder", ca=(identity.ca or "").encode())


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"config": {"host": "x"}}, "config"),
        ({"password": "x"}, "password"),
        ({"worker_source": None}, "worker_source"),
    ],
)
async def test_the_platform_takes_no_settings_of_a_held_source(
    http: httpx.AsyncClient, more: dict[str, Any], path: str
) -> None:
    body = {"name": "H", "engine": "postgresql", "credentials": "worker", "worker_source": "w"}
    answer = await http.post("/sources", json=body | more)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == path


def test_the_identity_is_private_and_broken_or_open_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "workers" / "w.toml"
    identity = Identity("h:1", "dtw_x", 'PEM "quoted"\nlines\n', "id", "mark")
    save_identity(path, identity)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_identity(path) == identity
    path.chmod(0o640)
    with pytest.raises(Exception, match="chmod 600"):
        load_identity(path)


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"port": 8484}, "127.0.0.1:8485"),
        ({"gateway_address": "data.example.com"}, "data.example.com:8485"),
        ({"gateway_address": "data.example.com:443"}, "data.example.com:443"),
        ({"gateway_host": "::1"}, "[::1]:8485"),
    ],
)
def test_the_command_names_the_address_workers_dial(settings: dict[str, Any], address: str) -> None:
    assert dial_address(Settings(**settings)) == address


async def test_join_and_attach_tokens_open_no_other_door(ctx: Context, gateway: Gateway) -> None:
    async with ctx.begin() as tx:
        made = await create_join(tx, JoinIn())
    secret = split_join_token(made.token)[0]
    assert gateway.ca
    credentials = grpc.ssl_channel_credentials(gateway.ca)
    async with grpc.aio.secure_channel(f"127.0.0.1:{gateway.port}", credentials) as channel:
        stub: Any = GatewayStub(channel)
        headers = (("authorization", f"Bearer {secret}"),)
        for call in (
            stub.Attach(metadata=headers),
            stub.Perform(pb.PerformRequest(org_id=str(ctx.org_id)), metadata=headers),
        ):
            assert await call.code() == grpc.StatusCode.UNAUTHENTICATED
    identity, reply = await joined(gateway, made.token)
    assert UUID(reply.worker_id)
    with pytest.raises(JoinRefused):
        await join(identity.server, identity.token, gateway.ca, __version__)
