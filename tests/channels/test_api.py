"""The doors: what goes in, what comes out, and what is never said again."""

from typing import Any

import pytest

from datelier.channels.routes import router as channels_router
from datelier.identity.routes import router as identity_router
from datelier.kit.context import Resources
from tests.channels.sinks import receiving
from tests.support.api import Served

API = "/api/v1"


@pytest.fixture
async def served(resources: Resources) -> Served:
    return Served(resources.db, resources.settings, (identity_router, channels_router))


async def test_preferences_are_kept_and_nonsense_is_refused(served: Served) -> None:
    async with await served.signed_in(await served.account("viewer")) as http:
        found = (await http.get(f"{API}/notifications")).json()
        assert found["kinds"]["approval"] == {"browser": True, "email": "daily", "webhook": True}
        assert found["kinds"]["finished"]["email"] == "off"
        assert found["mail"]["configured"] is False
        del found["mail"]
        found["kinds"]["question"]["email"] = "now"
        found |= {"time_zone": "Europe/Oslo", "digest_hour": 17}
        assert (await http.put(f"{API}/notifications", json=found)).status_code == 200
        again = (await http.get(f"{API}/notifications")).json()
        assert {name: again[name] for name in found} == found
        nonsense: tuple[dict[str, Any], ...] = (
            {"time_zone": "Mars/Olympus"},
            {"digest_hour": 24},
            {"kinds": {"x": {}}},
        )
        for wrong in nonsense:
            answer = await http.put(f"{API}/notifications", json=found | wrong)
            assert answer.status_code == 422, wrong
        assert (await http.post(f"{API}/notifications/test")).json()[
            "code"
        ] == "mail_not_configured"


@pytest.mark.contract("S71")
async def test_a_secret_is_said_once_and_a_viewer_sends_nothing(served: Served) -> None:
    owner = await served.account("owner")
    viewer = await served.account("viewer", org=owner)
    async with (
        receiving() as hook,
        await served.signed_in(owner) as http,
        await served.signed_in(viewer) as other,
    ):
        served.resources.settings.http_hosts = [f"127.0.0.1:{hook.port}"]
        body = {"name": "Hook", "url": hook.url, "organization": True, "kinds": ["approval"]}
        made = await http.post(f"{API}/webhooks", json=body)
        assert made.status_code == 201, made.text
        secret, path = made.json()["secret"], f"{API}/webhooks/{made.json()['id']}"
        assert secret.startswith("whsec_")
        shown = await http.get(f"{API}/webhooks")
        assert shown.json()["data"][0]["kinds"] == ["approval"]
        assert "secret" not in shown.json()["data"][0]
        assert secret not in shown.text + (await http.get(f"{API}/audit")).text
        assert (await http.post(f"{path}/test")).json()["ok"] is True
        assert (await other.post(f"{API}/webhooks", json=body)).status_code == 403
        assert (await other.get(f"{API}/webhooks")).json()["data"] == []
        assert (await other.post(f"{path}/test")).status_code == 403
        assert (
            await other.get(f"{API}/deliveries?webhook_id={made.json()['id']}")
        ).status_code == 404
        assert (await http.delete(path)).status_code == 204
        assert (await http.get(f"{API}/webhooks")).json()["data"] == []
