"""One profile of one table on every engine; what an engine lacks is said in the answer."""

from typing import Any

import pytest

from datelier.worker.actions import Action, perform
from datelier.worker.engines.opening import Engines
from tests.engines.subjects import Subject


async def profile(engines: Engines, subject: Subject, **more: Any) -> dict[str, Any]:
    async def drop(_data: bytes, _rows: int) -> None:
        pass

    action = Action("profile", subject.source, {"table": "orders", **more}, timeout_s=30)
    return await perform(action, engines, drop)


@pytest.mark.contract("Q74")
async def test_a_table_is_profiled_and_its_gaps_are_named(
    subject: Subject, engines: Engines
) -> None:
    before = subject.digest()
    answer = await profile(engines, subject)
    columns = {column["name"]: column for column in answer["profile"]}
    assert (answer["row_count"], answer["duplicate_rows"]) == (40, 0)
    assert answer["not_computed"] == []
    note, region = columns["note"], columns["region"]
    assert (note["nulls"], note["completeness"]) == (8, 0.8)
    assert region["distinct"] == 3
    assert sorted(region["values"]) == ["east", "north", "south"]
    assert {one["value"]: one["count"] for one in region["top_values"]} == {
        "north": 13, "south": 14, "east": 13,
    }  # fmt: skip
    total = columns["total"]
    assert (float(total["min"]), float(total["max"])) == (7.25, 290.0)
    assert total["mean"] == pytest.approx(148.625)
    assert sum(bar["count"] for bar in total["histogram"]) == 40
    if total["quantiles"] is None:
        assert "Quantiles: this engine has none for these values." in total["not_computed"]
    else:
        assert total["quantiles"]["p50"] == pytest.approx(148.625)
    if note["patterns"] is not None:
        assert {one["pattern"] for one in note["patterns"]["top"]} == {"aaaa 9", "aaaa 99"}
    else:
        assert "Patterns: this engine cannot compute them." in note["not_computed"]
    placed = columns["placed"]
    assert sum(bar["count"] for bar in placed["histogram"]) == 40
    assert columns["id"]["unique"] is True
    assert subject.digest() == before


async def test_value_lists_are_complete(subject: Subject, engines: Engines) -> None:
    answer = await profile(engines, subject, values_only=True)
    lists = {column["name"]: column["values"] for column in answer["profile"]}
    assert sorted(lists["status"]) == ["open", "paid"]
    assert len(lists["note"]) == 32
