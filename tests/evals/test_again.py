"""An old conversation is run again on today's data, and what differs is listed cell by cell."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from datelier.evals.cells import differ
from datelier.queries.trace.tables import Table
from tests.support.installation import Installation
from tests.support.scripted_openai import Turn
from tests.support.scripted_thread import ScriptedThread

MODEL = "rerun"
SQL = "select dock, sum(crates) as crates from landings group by 1 order by 1"


def table(*rows: tuple[Any, ...], names: tuple[str, ...] = ("dock", "crates")) -> Table:
    data = [[row[place] for row in rows] for place in range(len(names))]
    return Table(1, 1, names, ("string", "int64", "int64")[: len(names)], data)


_ROWS = st.dictionaries(st.text("abc", min_size=1, max_size=2), st.integers(0, 5), max_size=5)


@given(_ROWS, _ROWS)
def test_every_difference_is_counted_once(before: dict[str, int], now: dict[str, int]) -> None:
    left, right = (table(*((k, str(v)) for k, v in rows.items())) for rows in (before, now))
    found = differ(left, right)
    assert found.added == [key for key in now if key not in before]
    assert found.removed == [key for key in before if key not in now]
    changed = {key for key in before if key in now and before[key] != now[key]}
    assert {one.row for one in found.cells} == changed
    assert found.is_none == (before == now)


def test_rows_without_a_name_of_their_own_are_compared_by_position() -> None:
    found = differ(table(("a", "1"), ("a", "2")), table(("a", "1"), ("a", "3"), ("b", "4")))
    assert found.by == "position"
    assert [(one.row, one.before, one.now) for one in found.cells] == [("row 2", "2", "3")]
    assert found.added == ["row 3"]


def test_columns_that_come_and_go_are_named() -> None:
    found = differ(table(("a", "1")), table(("a", "1", "2"), names=("dock", "crates", "boats")))
    assert found.columns == ["boats is new"]
    assert found.cell_count == 0


@pytest.fixture
def landings(installation: Installation, data_folder: Path) -> Path:
    """A file of a folder that is a source, which may change."""
    file = data_folder / "landings.csv"
    file.write_text("dock,crates\nEast,30\nNorth,12\nWest,7\n", encoding="utf-8")
    installation.run_json("source", "add", "--folder", str(data_folder))
    return file


def test_a_thread_is_run_again_on_todays_data(
    installation: Installation, landings: Path, tmp_path: Path
) -> None:
    source = installation.call("GET", "/sources")["data"][-1]
    with ScriptedThread() as server:
        added = ("model", "add", "--name", MODEL, "--provider", "generic", "--model-name", MODEL)
        installation.run_json(*added, "--endpoint", server.url, "--no-key")
        said = (
            "East landed {{Q1[0].crates}} crates, North {{Q1[1].crates}}, a difference of"
            ' {{= Q1[0].crates - Q1[1].crates}}. West: {{Q1["West"].crates}}.'
        )
        server.script(MODEL, [Turn.call("execute_sql_query", {"sql": SQL}), Turn.say(said)])
        asked = ("ask", "Crates by dock", "--source", source["name"], "--model", MODEL)
        answer = installation.run_json(*asked)
    assert answer["numbers"]["traced"] == answer["numbers"]["total"] == 4
    thread = answer["thread_id"]

    same = installation.run("eval", "--thread", thread, "--fail-if-changed")
    assert same.returncode == 0, same.stdout + same.stderr
    assert "0 of 4 figures changed" in same.stdout

    landings.write_text("dock,crates\nEast,41\nNorth,12\nSouth,5\n", encoding="utf-8")
    page = tmp_path / "again.html"
    report = installation.run_json("eval", "--thread", thread, "--html", str(page))
    [query] = report["queries"]
    assert query["status"] == "changed"
    difference = query["difference"]
    assert [(c["row"], c["column"], c["before"], c["now"]) for c in difference["cells"]] == [
        ("East", "crates", "30", "41")
    ]
    assert (difference["added"], difference["removed"]) == (["South"], ["West"])
    assert [(f["shown"], f["now"], f["status"]) for f in report["figures"]] == [
        ("30", "41", "changed"),
        ("12", "12", "same"),
        ("18", "29", "changed"),
        ("7", "", "lost"),
    ]
    assert "East" in page.read_text(encoding="utf-8")
    shown = installation.run("eval", "--thread", thread, "--fail-if-changed")
    assert shown.returncode == 1
    assert "3 of 4 figures changed" in shown.stdout

    landings.write_text("harbour,crates\nEast,41\n", encoding="utf-8")
    broken = installation.run("eval", "--thread", thread, "--json")
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["queries"][0]["status"] == "failed"
    # The conversation stays as it was.
    stored = installation.call("GET", f"/threads/{thread}/queries")["data"]
    assert [version["version"] for version in stored] == [1]
