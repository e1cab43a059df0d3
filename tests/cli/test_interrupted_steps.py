"""A step that a process died in is done again; what it had said before is shown to nobody twice."""

import json
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from typing_extensions import override

from datelier.cli.main import cli
from datelier.evals.answer import Answer
from tests.support.stand_in import answer_json, serving

QUERY: Final[dict[str, Any]] = {"handle": "Q1", "sql": "select 1", "status": "failed"}
LOG: Final[list[dict[str, Any]]] = [
    {"type": "start"},
    {"type": "start-step"},
    {"type": "data-query", "id": "a", "data": QUERY},
    {"type": "start-step"},
    {"type": "text-start", "id": "1"},
    {"type": "text-delta", "id": "1", "delta": "There are 4"},
    {"type": "data-citation", "id": "f9", "data": {"kind": "untraced", "shown": "4", "cells": []}},
    {"type": "data-query", "id": "b", "data": QUERY},
    {"type": "reset-step"},
    {"type": "text-start", "id": "1"},
    {"type": "text-delta", "id": "1", "delta": "There are 42"},
    {"type": "reset-step"},
    {"type": "text-start", "id": "1"},
    {"type": "text-delta", "id": "1", "delta": "There are 42 orders."},
    {"type": "finish"},
]


class _Handler(BaseHTTPRequestHandler):
    """A server whose only run has said `LOG`; it may end a connection after four parts of it.

    Attributes:
        ends: How the first connection ends before the log does: ``over`` in good order, ``cut`` in
            the middle of something. With ``away`` the next one finds a server that restarts.
    """

    ends: ClassVar[list[str]] = []

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        answer_json(self, {"run_id": "r"})

    def do_GET(self) -> None:
        after = int(parse_qs(urlsplit(self.path).query)["after"][0])
        if self.ends and after == 4 and self.ends.pop() == "away":
            answer_json(self, {"detail": "It restarts."}, 503)
            return
        told = list(enumerate(LOG, 1))[after : 4 if after < 4 and self.ends else None]
        events = "".join(f"id: {seq}\ndata: {json.dumps(part)}\n\n" for seq, part in told)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        if told and told[-1][0] == len(LOG):
            events += "data: [DONE]\n\n"
        elif self.ends[0] == "cut":
            self.send_header("Content-Length", "100000")  # which never come
        self.end_headers()
        self.wfile.write(events.encode())


@pytest.fixture
def url() -> Generator[str]:
    _Handler.ends = []
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), _Handler)) as port:
        yield f"http://127.0.0.1:{port}"


def said(url: str, home: Path, *words: str) -> str:
    environment = {"DATELIER_URL": url, "XDG_CONFIG_HOME": str(home)}
    done = CliRunner().invoke(cli, words, env=environment, standalone_mode=False)
    assert done.exception is None, done.exception
    return done.stdout


def test_commands_print_a_step_that_was_done_again_once(url: str, tmp_path: Path) -> None:
    assert said(url, tmp_path, "ask", "How many?", "-t", "t") == "There are 42 orders.\n"
    assert said(url, tmp_path, "run", "watch", "r") == "There are 42 orders.\n"
    told = json.loads(said(url, tmp_path, "ask", "How many?", "-t", "t", "--json"))
    assert told["text"] == "There are 42 orders."
    assert (len(told["queries"]), told["figures"]) == (1, [])


@pytest.mark.parametrize("ends", [["over"], ["cut"], ["cut", "away"]])
def test_a_log_that_was_broken_off_goes_on_where_it_was(
    url: str, tmp_path: Path, ends: list[str]
) -> None:
    _Handler.ends = list(ends)
    lines = said(url, tmp_path, "ask", "How many?", "-t", "t", "--jsonl").splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, len(LOG) + 1))
    assert _Handler.ends == []


def test_an_evaluation_judges_a_step_that_was_done_again_once() -> None:
    answer = Answer("t", "r")
    for at, part in enumerate(LOG):
        answer.read(part, at)
    assert answer.prose == "There are 42 orders."
    assert (list(answer.queries), answer.figures) == (["a"], {})
    assert answer.first_text == 5
