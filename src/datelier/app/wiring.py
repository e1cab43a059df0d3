"""Everything there is, in visible tuples: a new router or tool is one line here."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter

from datelier.agents.note_tools import MEMORY_TOOLS
from datelier.agents.provision import ensure_builtin
from datelier.agents.routes import router as agents_router
from datelier.api.compat.studio import router as studio_router
from datelier.api.status import router as status_router
from datelier.artifacts.documents.routes import router as documents_router
from datelier.artifacts.documents.tools import DOCUMENT_TOOLS
from datelier.artifacts.routes import router as artifacts_router
from datelier.artifacts.tools import CREATE_CHART
from datelier.channels.routes import router as channels_router
from datelier.chat.human import REQUEST_HUMAN
from datelier.chat.refusal_tool import CANNOT_ANSWER
from datelier.chat.routes import router as chat_router
from datelier.chat.run_routes import router as background_router
from datelier.chat.start_tool import START_BACKGROUND_RUN
from datelier.definitions.routes import router as definitions_router
from datelier.definitions.standing import settle_drift
from datelier.definitions.tools import DEFINED_DATA_TOOLS, FIND_DEFINITIONS
from datelier.effects.tools import HTTP_REQUEST, WRITE_SQL
from datelier.identity.routes import router as identity_router
from datelier.inbox.routes import router as inbox_router
from datelier.inbox.rule_routes import router as rules_router
from datelier.kit.context import Context
from datelier.kit.tools import Tool
from datelier.llms.budget_routes import router as budgets_router
from datelier.llms.provision import ensure_demo
from datelier.llms.routes import router as llms_router
from datelier.queries.metadata_tools import METADATA_TOOLS
from datelier.queries.routes import router as queries_router
from datelier.runs.request_routes import router as decisions_router
from datelier.runs.routes import router as runs_router
from datelier.runs.socket import router as socket_router
from datelier.sources.catalog import CatalogWatch
from datelier.sources.routes import router as sources_router
from datelier.sources.worker_routes import router as workers_router
from datelier.sources.write_routes import router as write_router
from datelier.threads.routes import router as threads_router

ROUTERS: tuple[APIRouter, ...] = (
    chat_router,  # first, because routers are tried in order and this one is in a hurry
    identity_router,
    llms_router,
    budgets_router,
    sources_router,
    workers_router,
    write_router,
    queries_router,
    artifacts_router,
    documents_router,
    definitions_router,
    agents_router,
    threads_router,
    inbox_router,
    channels_router,
    rules_router,
    runs_router,
    decisions_router,
    socket_router,
    background_router,
    status_router,
    studio_router,
)

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
