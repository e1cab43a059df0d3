"""The studio's paths and shapes (contract Q13-Q22), and the status line."""

import pytest

from datelier.api.compat.studio import router as studio
from datelier.api.status import router as status
from datelier.kit.context import Context
from tests.sources.app import client
from tests.sources.real_worker import RealWorker


@pytest.mark.contract("Q13", "Q15", "Q16", "Q17", "W22")
async def test_status_counts_workers_and_says_that_no_model_is_set(
    ctx: Context, real_worker: RealWorker
) -> None:
    async with client(ctx, studio, status) as http:
        seen = (await http.get("/studio/status")).json()
        # Workers that serve every organization are seen by all tests of the shared database.
        assert seen["worker_count"] == len(seen["connected_workers"]) >= 1
        line = (await http.get("/status")).json()
        assert line["workers"]["online"] >= 1
        assert (line["model"]["configured"], line["version"]) == (False, "0.1.0")
        ready = (await http.get("/studio/agent/capabilities")).json()
        assert ready == {"agent_available": True, "llm_configured": False, "active_config": None}


@pytest.mark.contract("Q18", "Q19", "Q20", "Q21", "Q22", "X15", "W23")
async def test_the_preview_has_the_studios_shape_and_its_query_passes_the_guard(
    ctx: Context, real_worker: RealWorker
) -> None:
    async with client(ctx, studio, status) as http:
        files = [("files", ("t.csv", b"a,b\n1,x\n2,\n3,z\n"))]
        source = (await http.post("/sources/upload", files=files)).json()
        for key in (source["id"], str(source["number"])):
            seen = (await http.get(f"/studio/sources/{key}/preview?limit=2")).json()
            assert seen == {
                "ok": True,
                "data_type": "table",
                "headers": ["a", "b"],
                "rows": [{"values": ["1", "x"]}, {"values": ["2", ""]}],
                "total_rows": 3,
            }
        path = f"/studio/sources/{source['id']}/preview"
        asked = await http.get(path, params={"query": "select count(*) as n from t"})
        assert asked.json()["rows"] == [{"values": ["3"]}]
        refused = await http.get(path, params={"query": "drop table t"})
        assert (refused.status_code, refused.json()["ok"]) == (422, False)
        for limit in (0, 10_001):
            bad = await http.get(path, params={"limit": limit})
            assert (bad.status_code, bad.json()["ok"]) == (422, False)
        missing = await http.get("/studio/sources/99/preview")
        assert (missing.status_code, missing.json()["ok"]) == (404, False)
