"""How a source counts: said once, told to every model, and used where figures are written."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from datelier.kit.context import Context
from datelier.queries.trace.evaluate import Value
from datelier.queries.trace.formats import parse_format, shown
from datelier.queries.trace.locales import locale_of
from datelier.sources.grounding import grounding
from tests.sources.test_profiles import upload

GIVEN: dict[str, Any] = {
    "fiscal_year_start": 4,
    "week_start": "sunday",
    "time_zone": "Europe/Berlin",
    "currency": "eur",
    "units": [{"table": "orders", "column": "region", "unit": "compass points"}],
}


async def test_conventions_are_kept_shown_and_told(http: httpx.AsyncClient, ctx: Context) -> None:
    source = await upload(http)
    before, _ = await grounding(ctx, [UUID(source)])
    assert "Conventions" not in before
    saved = await http.patch(f"/sources/{source}", json={"conventions": GIVEN})
    assert saved.status_code == 200, saved.text
    assert saved.json()["conventions"] == GIVEN | {"currency": "EUR"}
    assert (await http.get(f"/sources/{source}")).json()["conventions"]["week_start"] == "sunday"
    told, _ = await grounding(ctx, [UUID(source)])
    assert "the fiscal year begins on 1 April" in told
    assert "weeks begin on Sunday" in told
    assert "moments without a time zone are in Europe/Berlin" in told
    assert (
        "amounts are in EUR unless a column says otherwise: write them with the format eur" in told
    )
    assert "- region: VARCHAR, in compass points" in told
    cleared = await http.patch(f"/sources/{source}", json={"conventions": {}})
    assert cleared.json()["conventions"]["currency"] is None
    told, _ = await grounding(ctx, [UUID(source)])
    assert "Conventions" not in told
    assert "compass points" not in told


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"fiscal_year_start": 13}, "fiscal_year_start"),
        ({"week_start": "friday"}, "week_start"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"units": [{"table": "orders", "column": "nothing", "unit": "kg"}]}, "units"),
        ({"units": [{"table": "orders", "column": "region", "unit": "a\nb"}]}, "units"),
        ({"units": [GIVEN["units"][0]] * 2}, "units"),
        ({"lunar": True}, "lunar"),
    ],
)
async def test_what_is_no_convention_is_refused(
    http: httpx.AsyncClient, wrong: dict[str, Any], path: str
) -> None:
    source = await upload(http)
    answer = await http.patch(f"/sources/{source}", json={"conventions": wrong})
    assert answer.status_code == 422
    assert path in answer.text


@pytest.mark.parametrize(
    ("form", "tag", "written"),
    [
        ("ron 0", "en", "RON\u00a01,235"),
        ("sgd", "en", "SGD\u00a01,234.50"),
        ("eur 0", "de", "1.235\u00a0€"),
    ],
)
def test_figures_are_written_in_any_currency(form: str, tag: str, written: str) -> None:
    value = Value("1234.5", "decimal", Decimal("1234.5"), (), True)
    assert shown(value, parse_format(form), locale_of(tag)) == written
