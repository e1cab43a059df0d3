"""Every router there is, in one visible tuple: a new one is one line here.

Apart from the tools and hooks, because routes cost a second of CPU and 20 MB to import, and a
process that only executes runs serves none.
"""

from fastapi import APIRouter

from datelier.agents.routes import router as agents_router
from datelier.api.compat.studio import router as studio_router
from datelier.api.status import router as status_router
from datelier.artifacts.documents.routes import router as documents_router
from datelier.artifacts.routes import router as artifacts_router
from datelier.channels.routes import router as channels_router
from datelier.chat.routes import router as chat_router
from datelier.chat.run_routes import router as background_router
from datelier.definitions.routes import router as definitions_router
from datelier.identity.routes import router as identity_router
from datelier.inbox.routes import router as inbox_router
from datelier.inbox.rule_routes import router as rules_router
from datelier.llms.budget_routes import router as budgets_router
from datelier.llms.routes import router as llms_router
from datelier.queries.routes import router as queries_router
from datelier.runs.request_routes import router as decisions_router
from datelier.runs.routes import router as runs_router
from datelier.runs.socket import router as socket_router
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
