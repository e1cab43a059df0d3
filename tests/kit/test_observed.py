"""What operators see: log lines with their place, and five measures."""

import json
import subprocess
import sys

import pytest
from prometheus_client import generate_latest

from datelier.kit import metrics
from tests.support.installation import ROOT

_LOG = """
from datelier.kit.log import get_logger, setup_logging
from datelier.kit.settings import Settings
setup_logging(Settings(log_format="json"))
get_logger("datelier.here").info("something", api_key="sk-1", source=4)
"""


@pytest.mark.contract("Q57")
def test_a_log_line_says_where_it_comes_from_and_hides_secrets() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOG],
        env={"PYTHONPATH": str(ROOT / "src"), "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=True,
    )
    line = json.loads(done.stderr)
    assert (line["level"], line["logger"], line["event"]) == ("info", "datelier.here", "something")
    assert line["lineno"] > 0
    assert line["func_name"]
    assert line["source"] == 4
    assert "sk-1" not in done.stderr


@pytest.mark.contract("Q58")
def test_the_five_measures_are_exposed() -> None:
    assert metrics
    shown = generate_latest().decode()
    for name in (
        "chat_request_seconds",
        "stream_first_byte_seconds",
        "tool_execution_seconds",
        "worker_response_seconds",
        "llm_tokens",
    ):
        assert f"datelier_{name}" in shown
