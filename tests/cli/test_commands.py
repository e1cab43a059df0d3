"""Every command that talks to a server, against a running one."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import python_calamine

from tests.support.installation import Installation, until
from tests.support.model_server import model_server

# A shell's background job ignores Ctrl-C, and its children would too.
_LISTENS = (
    "import runpy, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "sys.argv = ['datelier', *sys.argv[1:]]; runpy.run_module('datelier', run_name='__main__')"
)


def test_the_first_account_signed_this_user_in(signed_in: Installation) -> None:
    path = Path(signed_in.env["XDG_CONFIG_HOME"]) / "datelier" / "config.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signed_in.run_json("source", "list")[0]["name"] == "Retail sample"


def test_an_answer_in_a_pipe_is_its_text_and_nothing_else(signed_in: Installation) -> None:
    done = signed_in.run("ask", "-", "--source", "Retail sample", stdin="Revenue by month\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "{{card" not in done.stdout
    assert "http" not in done.stdout


def test_an_answer_as_json_is_one_document_with_its_queries(
    signed_in: Installation, tmp_path: Path
) -> None:
    saved = tmp_path / "result.csv"
    told = signed_in.run_json(
        "ask", "Revenue by month as a chart", "-s", "Retail sample", "-o", str(saved)
    )
    assert told["text"]
    assert told["queries"][-1]["sql"]
    assert told["charts"]
    assert told["error"] is None
    assert told["url"].endswith(told["thread_id"])
    assert len(saved.read_text(encoding="utf-8").splitlines()) > 12


def test_events_come_one_per_line(signed_in: Installation) -> None:
    done = signed_in.run("ask", "Revenue by month", "-s", "1", "--jsonl")
    assert done.returncode == 0
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "finish"
    assert done.stderr == ""


def test_a_query_prints_its_rows(signed_in: Installation, tmp_path: Path) -> None:
    sql = "select count(*) as orders from orders"
    done = signed_in.run("query", sql, "--source", "Retail sample")
    assert done.returncode == 0
    assert "orders" in done.stdout
    assert " ms" in done.stderr
    told = signed_in.run_json("query", "run", sql, "-s", "1")
    assert told["status"] == "done"
    assert told["rows"]["columns"][0]["name"] == "orders"
    saved = tmp_path / "rows.csv"
    kept = signed_in.run_json("query", sql, "-s", "1", "-o", str(saved))
    assert kept["saved_to"] == str(saved)
    assert saved.exists()


@pytest.mark.parametrize(
    ("typed", "code", "error"),
    [
        (["query", "delete from orders", "-s", "1"], 1, "sql_refused"),
        (["query", "select nothing from orders", "-s", "1"], 1, "sql_failed"),
        (["query", "select 1", "-s", "Nowhere"], 4, "not_found"),
        (["model", "test", "Nothing"], 4, "not_found"),
        (["ask", "What?", "-t", "00000000-0000-7000-8000-000000000000"], 4, "not_found"),
        (["query", "select 1", "-s", "1", "--limit", "99999999"], 2, "validation_failed"),
    ],
    ids=["refused", "failed", "source", "model", "thread", "limit"],
)
def test_each_failure_has_its_exit_code_and_its_code(
    signed_in: Installation, typed: list[str], code: int, error: str
) -> None:
    done = signed_in.run(*typed, "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (code, error)
    plain = signed_in.run(*typed)
    assert (plain.returncode, plain.stdout) == (code, "")
    assert plain.stderr.splitlines()[0].startswith("Error: ")


def test_a_name_that_is_taken_is_a_conflict(signed_in: Installation, tmp_path: Path) -> None:
    path = tmp_path / "towns.csv"
    path.write_text("town,people\nBonn,3\nUlm,1\n", encoding="utf-8")
    added = signed_in.run_json("source", "add", str(path), "--name", "Towns")
    assert (added["engine"], added["table_count"]) == ("files", 1)
    url = "postgresql://reader@127.0.0.1:9/towns"
    again = signed_in.run("source", "add", "--url", url, "--no-password", "--name", "Towns")
    assert again.returncode == 5, again.stderr


def test_a_token_that_is_none_is_not_signed_in(signed_in: Installation) -> None:
    env = {**signed_in.env, "DATELIER_URL": signed_in.url, "DATELIER_TOKEN": "dtl_nothing"}
    done = subprocess.run(
        [sys.executable, "-m", "datelier", "source", "list"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "datelier login" in done.stderr


def test_login_keeps_a_token_for_its_server(signed_in: Installation, tmp_path: Path) -> None:
    env = {**signed_in.env, "DATELIER_URL": signed_in.url, "XDG_CONFIG_HOME": str(tmp_path)}

    def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "datelier", *arguments],
            env=env,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    login = ("login", "--email", "ada@example.com", "--password-stdin", "--json")
    assert run("source", "list").returncode == 3
    wrong = run(*login, stdin="wrong\n")
    assert (wrong.returncode, json.loads(wrong.stdout)["error"]["code"]) == (3, "credentials_wrong")
    done = run(*login, stdin="correct horse battery staple\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["server"] == signed_in.url
    assert "dtl_" not in done.stdout
    path = tmp_path / "datelier" / "config.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run("source", "list").returncode == 0


def test_doctor_finds_a_running_installation_well(signed_in: Installation) -> None:
    report = signed_in.run_json("doctor")
    assert report["ok"]
    states = {check["name"]: check["state"] for check in report["checks"]}
    assert states["worker"] == states["sources"] == "ok"
    assert states["model"] == "warning"


def test_a_model_is_added_tested_and_listed(signed_in: Installation, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("sk-very-secret-1234\n", encoding="utf-8")
    with model_server() as endpoint:
        options = ["--provider", "generic", "--model-name", "5tok-1ms", "--endpoint", endpoint]
        added = signed_in.run(
            "model", "add", "--name", "Bench", *options, "--key-file", str(key), "--json"
        )
        assert added.returncode == 0, added.stderr
        assert "very-secret" not in added.stdout
        assert json.loads(added.stdout)["key"]["last4"] == "1234"
        tested = signed_in.run("model", "test", "Bench", "--json")
        report = json.loads(tested.stdout)
        assert tested.returncode == (0 if report["ok"] else 1)
        assert {check["name"] for check in report["checks"]} == {
            "reply",
            "stream",
            "tool_call",
            "json",
        }
    listed = signed_in.run_json("model", "list")
    assert "Bench" in [model["name"] for model in listed]
    assert "Bench" in signed_in.run("model", "list").stdout


def test_ctrl_c_stops_the_run_and_keeps_what_was_said(signed_in: Installation) -> None:
    with model_server() as endpoint:
        model = signed_in.call(
            "POST",
            "/models",
            {
                "name": "Endless",
                "provider": "generic",
                "model_name": "5000tok-20ms",
                "endpoint_url": endpoint,
                "api_key": "sk-x",
            },
        )
        process = subprocess.Popen(
            [sys.executable, "-c", _LISTENS, "ask", "Go on", "-s", "1", "-m", "Endless", "--json"],
            env={**signed_in.env, "DATELIER_URL": signed_in.url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

        def running() -> str | None:
            threads = signed_in.call("GET", "/threads")["data"]
            mine = [t for t in threads if t["model_id"] == model["id"] and t["active_run"]]
            run = signed_in.call("GET", f"/runs/{mine[0]['active_run']['id']}") if mine else None
            return run["id"] if run and run["status"] == "running" else None

        run_id = until(running, what="the run")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert json.loads(out)["run_id"] == run_id
    assert signed_in.call("GET", f"/runs/{run_id}")["status"] == "cancelled"


def test_an_answer_that_takes_too_long_ends_with_124_and_goes_on(signed_in: Installation) -> None:
    with model_server() as endpoint:
        options = ["--provider", "generic", "--model-name", "400tok-20ms", "--no-key"]
        signed_in.run_json("model", "add", "--name", "Slow", *options, "--endpoint", endpoint)
        done = signed_in.run("ask", "Go on", "-s", "1", "-m", "Slow", "--timeout", "2")
        assert done.returncode == 124, done.stderr
        assert "/chats/" in done.stderr


def test_a_second_organization_is_made_by_whoever_holds_the_machine(
    signed_in: Installation,
) -> None:
    made = signed_in.run_json("organization", "create", "Second", "--owner", "ada@example.com")
    body = {"email": "ada@example.com", "password": "correct horse battery staple"}
    session = signed_in.call("POST", "/auth/login", body | {"mode": "token"})
    assert session["organization"]["id"] == made["id"]
    assert session["role"] == "owner"
    bearer = {"Authorization": f"Bearer {session['access_token']}", "Cookie": ""}
    assert signed_in.call("GET", "/sources", headers=bearer)["data"] == []
    assert signed_in.call("GET", "/models", headers=bearer)["data"][0]["is_demo"]
    assert signed_in.call("GET", "/agents", headers=bearer)["data"]
    nobody = signed_in.run("organization", "create", "Third", "--owner", "nobody@example.com")
    assert nobody.returncode == 4
    assert "nobody@example.com" in nobody.stderr


def test_a_lost_password_is_reset_by_a_link(signed_in: Installation) -> None:
    told = signed_in.run_json("member", "reset", "ada@example.com")
    assert told["url"].startswith(signed_in.url)
    assert signed_in.run("member", "reset", "nobody@example.com").returncode == 4


def test_a_reader_that_leaves_early_is_no_crash(signed_in: Installation) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "datelier", "openapi"],
            env=signed_in.env,
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(theirs)
    assert "Traceback" not in done.stderr


def test_a_table_is_profiled_and_its_last_profile_shown(signed_in: Installation) -> None:
    made = signed_in.run_json("source", "profile", "Retail sample", "orders")
    assert made["status"] == "done"
    facts = {column["name"]: column for column in made["profile"]["columns"]}
    assert (facts["order_id"]["nulls"], facts["order_id"]["distinct_exact"]) == (0, True)
    shown = signed_in.run("source", "profile", "1", "orders", "--last")
    assert shown.returncode == 0, shown.stderr
    assert "most fre" in shown.stdout  # the heading is cut on a narrow terminal
    assert "100 %" in shown.stdout
    assert "All " in shown.stderr
    missing = signed_in.run("source", "profile", "1", "nowhere")
    assert missing.returncode == 4
    assert "table" in missing.stderr


def test_rows_are_saved_in_every_format(signed_in: Installation, tmp_path: Path) -> None:
    sql = "select region, order_id from orders order by order_id"
    read = duckdb.connect()
    for form, reader in (("parquet", "read_parquet"), ("jsonl", "read_json_auto")):
        saved = tmp_path / f"orders.{form}"
        told = signed_in.run_json("query", sql, "-s", "1", "--limit", "5", "-o", str(saved))
        assert told["saved_rows"] == 5
        assert read.sql(f"select count(*) from {reader}('{saved}')").fetchall() == [(5,)]
    every = tmp_path / "all.xlsx"
    told = signed_in.run_json("query", sql, "-s", "1", "--limit", "5", "--all", "-o", str(every))
    book = python_calamine.CalamineWorkbook.from_path(str(every))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == ["region", "order_id"]
    assert len(rows) == told["saved_rows"] + 1 > 6
    read.close()
    piped = signed_in.run("query", sql, "-s", "1", "--limit", "2", "--format", "csv")
    assert piped.stdout.splitlines()[0] == "region,order_id"
    assert len(piped.stdout.splitlines()) == 3
    assert "more than these 2 rows" in piped.stderr


@pytest.mark.parametrize(
    "words",
    [["-o", "rows.doc"], ["--all"], ["-o", "-"], ["-o", "no/such/folder/rows.csv"]],
)
def test_saving_says_what_is_missing(signed_in: Installation, words: list[str]) -> None:
    done = signed_in.run("query", "select 1", "-s", "1", *words)
    assert done.returncode == 2
    assert done.stdout == ""
