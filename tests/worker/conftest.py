"""Fixtures of the worker's tests."""

from tests.support.postgres import scratch_postgres

__all__ = ["scratch_postgres"]
