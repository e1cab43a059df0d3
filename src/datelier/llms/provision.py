"""What a new organization gets: the demo model, active until a real one is."""

from decimal import Decimal

from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.numbers import next_number
from datelier.llms.catalog import DEMO_MODEL_NAME
from datelier.llms.models import Model
from datelier.llms.service import active_model


async def ensure_demo(ctx: Context) -> None:
    """Give the organization its demo model, once: one that somebody deleted stays deleted."""
    statement = owned(ctx, Model).where(Model.provider == "demo").order_by(Model.id).limit(1)
    row = (await ctx.session.execute(statement)).scalar_one_or_none()
    if row is not None:
        return
    row = Model(
        number=await next_number(ctx, "model"),
        name="Demo model",
        provider="demo",
        model_name=DEMO_MODEL_NAME,
        origin="builtin",
        is_active=await active_model(ctx) is None,
        # It runs in this process: its cost is known, and it is nothing.
        price_input=Decimal(0),
        price_output=Decimal(0),
        parameters={},
    )
    await add_owned(ctx, row)
