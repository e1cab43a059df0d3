"""A model's endpoint is never the product itself."""

import pytest

from datelier.kit.guarded_http import AddressRefused
from datelier.kit.settings import Settings
from datelier.llms.clients import ModelClients, endpoint_policy


@pytest.mark.parametrize("port", [9484, 9485])
async def test_the_processes_own_ports_are_refused(port: int) -> None:
    clients = ModelClients(endpoint_policy(Settings(port=9484)))
    with pytest.raises(AddressRefused):
        await clients.http().get(f"http://127.0.0.1:{port}/v1/models")
    await clients.close()


def test_the_ports_of_the_web_are_never_refused() -> None:
    assert endpoint_policy(Settings(port=443, gateway_port=80)).refused_ports == frozenset()
