"""The status line's facts."""

from datelier.api.status import router
from datelier.kit.context import Context
from tests.sources.app import client


async def test_the_status_says_what_an_upload_may_be(ctx: Context) -> None:
    async with client(ctx, router) as http:
        answer = await http.get("/status")
    assert answer.status_code == 200, answer.text
    limits = answer.json()["limits"]
    assert limits["upload_max_bytes"] == ctx.resources.settings.upload_max_bytes
    assert {".csv", ".parquet", ".xlsx"} <= set(limits["upload_formats"])
