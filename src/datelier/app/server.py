"""The web application: every router behind the API's shell."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI

from datelier.api.build import create_api
from datelier.api.ops import Check
from datelier.app.routers import ROUTERS
from datelier.app.wiring import TOOLS
from datelier.kit.blobs import Blobs
from datelier.kit.context import Resources
from datelier.kit.crypto import Cipher
from datelier.kit.db import Database
from datelier.kit.settings import Settings

WEB_ROOT = Path(__file__).parents[1] / "static"
_UPLOAD_FRAME = 1024**2  # what multipart adds to the files themselves


def create_app(resources: Resources, ready_checks: dict[str, Check] | None = None) -> FastAPI:
    """Return the application of a server process.

    Args:
        resources: With the services that verbs look up.
        ready_checks: Further conditions of ``/ready``.
    """
    limit = resources.settings.upload_max_bytes + _UPLOAD_FRAME
    return create_api(
        resources,
        ROUTERS,
        tools=TOOLS,
        web_root=WEB_ROOT,
        body_limits={"/api/v1/sources/upload": limit},
        ready_checks=ready_checks,
    )


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI document; nothing is connected or written for it."""
    settings = Settings()
    resources = Resources(
        settings=settings,
        db=Database("postgresql://nowhere/unused"),
        blobs=Blobs(settings.home / "blobs"),
        cipher=Cipher(bytes(32)),
    )
    return create_app(resources).openapi()
