"""`datelier agent`: from a draft in a file to a published version that answers."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.installation import Installation

_DRAFT = """\
name: Rhymer
description: Answers in rhymes.
definition:
  instructions: |
    Answer in rhymes.
    Be short.
  tools:
    sample_source_data: never
  limits:
    max_rows: 100
    max_cost_usd: "0.5"
  starters:
    - How many orders?
"""


@pytest.fixture(scope="module")
def rhymer(signed_in: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an agent that was made from it."""
    path = tmp_path_factory.mktemp("agents") / "rhymer.yaml"
    path.write_text(_DRAFT, encoding="utf-8")
    made = signed_in.run("agent", "create", "Rhymer", "--file", str(path))
    assert made.returncode == 0, made.stderr
    assert made.stdout == "Rhymer (agent 3, rhymer) is a draft.\n"
    return path


def test_an_agent_is_exported_as_it_was_written(
    signed_in: Installation, rhymer: Path, tmp_path: Path
) -> None:
    shown = signed_in.run("agent", "export", "rhymer")
    assert shown.stdout.startswith("name: Rhymer\ndescription: Answers in rhymes.\n")
    assert "  instructions: |\n    Answer in rhymes.\n    Be short.\n" in shown.stdout
    assert "temperature" not in shown.stdout  # what has its default is left out
    copy = tmp_path / "copy.yaml"
    assert signed_in.run("agent", "export", "3", "-o", str(copy)).stdout == ""
    assert copy.read_text(encoding="utf-8") == shown.stdout
    # What was exported is taken back without a change.
    taken = signed_in.run_json("agent", "edit", "rhymer", "-f", str(copy))
    assert (taken["draft_revision"], taken["draft"]["limits"]["max_cost_usd"]) == (1, "0.5")


def test_a_draft_is_tried_published_and_asked(signed_in: Installation, rhymer: Path) -> None:
    assert rhymer.exists()
    refused = signed_in.run("ask", "How many orders?", "-a", "rhymer", "-s", "1")
    assert refused.returncode == 5
    assert "has not been published" in refused.stderr
    chats = signed_in.call("GET", "/threads")["data"]
    tried = signed_in.run("agent", "test", "rhymer", "How many orders?")
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout.strip()
    assert signed_in.call("GET", "/threads")["data"] == chats
    done = signed_in.run("agent", "publish", "rhymer", "--note", "First")
    assert done.stdout == "Rhymer is published as version 1.\n"
    again = signed_in.run("agent", "publish", "rhymer")
    assert again.returncode == 5
    answer = signed_in.run_json("ask", "How many orders?", "-a", "Rhymer", "-s", "1")
    assert answer["error"] is None
    shown = signed_in.run("agent", "show", "rhymer").stdout.splitlines()
    assert shown[0] == "Rhymer (agent 3, rhymer): version 1"
    assert shown[-1].endswith("First")
    listed = signed_in.run("agent", "list").stdout
    assert "steward" in listed
    assert "Rhymer" in listed


def test_an_edit_goes_through_the_persons_editor(signed_in: Installation, rhymer: Path) -> None:
    assert rhymer.exists()
    editor = "sed -i s/rhymes/prose/"
    edited = subprocess.run(
        [sys.executable, "-m", "datelier", "agent", "edit", "rhymer"],
        env=signed_in.env | {"EDITOR": editor},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert edited.returncode == 0, edited.stderr
    shown = signed_in.run_json("agent", "show", "rhymer")
    assert shown["draft"]["instructions"] == "Answer in prose.\nBe short.\n"
    assert shown["description"] == "Answers in prose."
    assert shown["has_changes"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "is not YAML"),
        ("just words", "does not hold an agent"),
        ("definition: {limits: {max_rows: 0}}", "limits.max_rows"),
        ("definition: {tools: {nothing: ask}}", "There is no such tool"),
        ("definition: {surprise: 1}", "surprise"),
    ],
)
def test_what_a_file_cannot_say_is_refused(
    signed_in: Installation, rhymer: Path, tmp_path: Path, text: str, said: str
) -> None:
    assert rhymer.exists()
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    refused = signed_in.run("agent", "edit", "rhymer", "-f", str(path))
    assert refused.returncode == 2, refused.stdout
    assert said in refused.stderr
