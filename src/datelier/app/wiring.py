"""Everything there is besides routers, in visible tuples: a new tool is one line here."""

from collections.abc import Awaitable, Callable

from datelier.agents.note_tools import MEMORY_TOOLS
from datelier.agents.provision import ensure_builtin
from datelier.artifacts.documents.tools import DOCUMENT_TOOLS
from datelier.artifacts.tools import CREATE_CHART
from datelier.chat.human import REQUEST_HUMAN
from datelier.chat.refusal_tool import CANNOT_ANSWER
from datelier.chat.start_tool import START_BACKGROUND_RUN
from datelier.definitions.standing import settle_drift
from datelier.definitions.tools import DEFINED_DATA_TOOLS, FIND_DEFINITIONS
from datelier.effects.tools import HTTP_REQUEST, WRITE_SQL
from datelier.kit.context import Context
from datelier.kit.tools import Tool
from datelier.llms.provision import ensure_demo
from datelier.queries.metadata_tools import METADATA_TOOLS
from datelier.sources.catalog import CatalogWatch

TOOLS: tuple[Tool, ...] = (
    *DEFINED_DATA_TOOLS,
    FIND_DEFINITIONS,
    *METADATA_TOOLS,
    *MEMORY_TOOLS,
    CREATE_CHART,
    *DOCUMENT_TOOLS,
    WRITE_SQL,
    HTTP_REQUEST,
    REQUEST_HUMAN,
    START_BACKGROUND_RUN,
    CANNOT_ANSWER,
)


# What every new organization starts with, in this order.
ON_ORGANIZATION_CREATED: tuple[Callable[[Context], Awaitable[None]], ...] = (
    ensure_demo,
    ensure_builtin,
)

# Who is told, in the same transaction, that a source's catalog was read anew.
ON_CATALOG_READ: tuple[CatalogWatch, ...] = (settle_drift,)
