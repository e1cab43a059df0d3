"""Test a connection step by step, before or after it is saved."""

from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.sources.capability import LOCAL_ENGINES
from datelier.sources.catalog import look_at
from datelier.sources.errors import ActionFailed, NoWorker
from datelier.sources.gateway import Order, WorkerGateway
from datelier.sources.manage import checked_config, held_name, refuse_moved_secret
from datelier.sources.schemas import DraftIn, SourceOut, TestReport
from datelier.sources.target import Target, describe_target, get_source, held_target, target_of

TEST_SECONDS: Final = 30.0


async def try_draft(ctx: Context, data: DraftIn) -> TestReport:
    """Test a source that is not saved; its password is used once and kept nowhere.

    Raises:
        Invalid: A setting is not acceptable, or a stored password would go to another place.
        NoWorker: Nobody is connected who could test it.
    """
    if data.credentials == "worker":
        return await _test(ctx, held_target(data.engine, held_name(data)))
    config = checked_config(ctx, data.engine, data.config)
    password = data.password.get_secret_value() if data.password else None
    target = describe_target(data.engine, config, password)
    if data.source_id is not None and password is None:
        async with ctx.begin() as tx:
            source = await get_source(tx, data.source_id)
            if source.secret is not None:
                refuse_moved_secret(source.config, config)
                target = target_of(tx, source)
    return await _test(ctx, target)


async def try_source(ctx: Context, source_id: UUID) -> TestReport:
    """Test a stored source and note what was found on it; no transaction may be open.

    Raises:
        NotFound: No such source.
        NoWorker: Nobody is connected who could test it.
    """
    async with ctx.begin() as tx:
        target = target_of(tx, await get_source(tx, source_id))
    report = await _test(ctx, target)
    failed = next((step for step in report.steps if step.ok is False), None)
    async with ctx.begin() as tx:
        source = await get_source(tx, source_id, for_update=True)
        source.checked_at = now()
        source.weak_role = report.weak_role.model_dump() if report.weak_role else None
        # A role that can write is shown in red, yet the source can be read.
        readable = report.ok or (failed is not None and failed.name == "read_only")
        source.status = "ready" if readable else "error"
        source.last_error = None if readable or failed is None else failed.detail
    return report


async def _test(ctx: Context, target: Target) -> TestReport:
    order = Order("test", {}, TEST_SECONDS)
    answer = await ctx.resources.get(WorkerGateway).perform_on(ctx, target, order)
    result: dict[str, Any] = answer.result
    try:
        return TestReport.model_validate(result)
    except ValidationError:
        raise ActionFailed("The data worker's report cannot be read.") from None


async def first_look(ctx: Context, source: SourceOut) -> SourceOut:
    """Look at a new source, and at what its account may do, as far as that is possible now."""
    if source.engine not in LOCAL_ENGINES:
        # Otherwise the source stays unchecked; it can be tested and refreshed later.
        with suppress(NoWorker, ActionFailed):
            await try_source(ctx, source.id)
    return await look_at(ctx, source.id)
