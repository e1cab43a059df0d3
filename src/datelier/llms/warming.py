"""Importing what models need before the first run asks for it."""

import asyncio
import importlib
from typing import Final

from sqlalchemy import text

from datelier.kit.collector import settle
from datelier.kit.context import Resources

_PACKAGES: Final = {
    "demo": "datelier.llms.demo.model",
    "anthropic": "datelier.llms.anthropic_client",
    "ollama": "langchain_ollama",
}
_OTHERS: Final = "datelier.llms.streaming"
_IN_USE: Final = text("select distinct provider from model")


async def warm_clients(resources: Resources) -> list[str]:
    """Import the packages of every provider that any organization has a model of.

    They cost seconds of CPU. Neither a run that a dead process left behind nor the first token of
    a chat may wait for them, so a process that executes runs imports them once it is ready. Leases
    are renewed meanwhile.

    Returns:
        The providers.
    """
    async with resources.db.system() as session:
        found = sorted((await session.execute(_IN_USE)).scalars())
    for provider in found:
        await asyncio.to_thread(importlib.import_module, _PACKAGES.get(provider, _OTHERS))
    settle()
    return found
