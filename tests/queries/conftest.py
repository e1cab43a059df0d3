"""Queries and charts are tested on the same gateway and worker as sources."""

from tests.sources.conftest import *  # noqa: F403  # fixtures
