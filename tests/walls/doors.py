"""The doors through which a statement reaches a database in the running product."""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from datelier.worker.actions import Action, perform
from datelier.worker.engines.opening import Engines
from datelier.worker.errors import WorkerError
from tests.flows.asking import ask
from tests.support.installation import Installation
from tests.support.scripted_openai import ToolCall, Turn
from tests.support.scripted_thread import ScriptedThread
from tests.walls.attacks import Attack
from tests.walls.files_subject import files_walls
from tests.walls.maria_subject import maria_walls
from tests.walls.postgres_subject import postgres_walls
from tests.walls.sqlite_subject import sqlite_walls
from tests.walls.subjects import ATTACKS
from tests.walls.trial import traces
from tests.walls.world import CANARY

_SECRETS: Final = (CANARY, "SCRAM-SHA-256")
# What runs long is stopped by the limits: test_walls. Each would hold a door for a minute here.
_LONG: Final = "cost"


@dataclass(frozen=True)
class Target:
    """A source of the installation, attacked."""

    engine: str
    source: dict[str, Any]
    settings: dict[str, Any]
    written: Callable[[str], str]
    digest: Callable[[], Any]
    installation: Installation
    models: ScriptedThread

    @property
    def attacks(self) -> list[Attack]:
        return [attack for attack in ATTACKS[self.engine] if attack.kind != _LONG]

    def storm(self, door: str, attacks: Sequence[Attack]) -> list[str]:
        """Send attacks through a door; what got through, showed a secret or left a trace."""
        before = self.digest()
        answers = DOORS[door](self, [self.written(attack.sql) for attack in attacks])
        assert len(answers) == len(attacks)
        found: list[str] = []
        for attack, answer in zip(attacks, answers, strict=True):
            known = attack.accepted or "parser" in attack.falls
            if answer.passed and not known:
                found.append(f"{attack.id} got through: {attack.sql[:120]!r}")
            elif any(secret in answer.said for secret in _SECRETS) and "parser" not in attack.falls:
                found.append(f"{attack.id} showed a secret: {attack.sql[:120]!r}")
        return found + [f"changed: {what}" for what in traces(before, self.digest())]


@dataclass(frozen=True)
class Answer:
    """What came back through a door."""

    passed: bool
    said: str


@contextmanager
def product(home: Path, **settings: str) -> Generator[tuple[Installation, ScriptedThread]]:
    """An installation whose active model says what a test wants."""
    with ScriptedThread() as models, Installation(home, **settings) as running:
        running.sign_up()
        model = {"provider": "generic", "name": "Scripted", "model_name": "m",
                 "endpoint_url": models.url}  # fmt: skip
        running.call("POST", "/models", model)
        yield running, models


@contextmanager
def targets(
    engine: str, folder: Path, installation: Installation, models: ScriptedThread
) -> Generator[Target]:
    """A source of that engine in the installation; its role may do everything, so that the other
    walls are all there is."""
    if engine in {"postgresql", "mysql"}:
        opened = postgres_walls if engine == "postgresql" else maria_walls
        with opened(folder) as subject:
            config = subject.settings("owner")
            source = installation.call(
                "POST",
                "/sources",
                {"name": f"Attacked {engine}", "engine": engine, "config": config},
            )
            settings = {"engine": engine, **config}
            yield Target(
                engine, source, settings, subject.written, subject.digest, installation, models
            )
        return
    with (files_walls if engine == "files" else sqlite_walls)(folder) as subject:
        path = subject.upload
        sent = installation.http.post(
            "/sources/upload",
            files={"files": (path.name, path.read_bytes())},
            data={"name": f"Attacked {engine}"},
        )
        assert sent.status_code == 201, sent.text
        settings = {"engine": engine, "folder": str(path.parent)}
        if engine == "sqlite":
            settings = {"engine": engine, "path": str(path)}
        yield Target(
            engine, sent.json(), settings, subject.written, subject.around, installation, models
        )


def _through_the_api(target: Target, statements: Sequence[str]) -> list[Answer]:
    answers: list[Answer] = []
    for sql in statements:
        body = {"source_id": target.source["id"], "sql": sql}
        answers.append(_of_query(target.installation.http.post("/queries", json=body)))
    return answers


def _of_query(sent: httpx.Response) -> Answer:
    assert sent.status_code < 500, sent.text
    made = sent.json()
    if sent.is_error:
        return Answer(False, sent.text)
    assert made["status"] in {"done", "failed"}
    return Answer(made["status"] == "done", sent.text)


def _through_a_card(target: Target, statements: Sequence[str]) -> list[Answer]:
    """Each statement as the next version of one query in a chat, as a SQL card sends it."""
    http = target.installation.http
    thread = target.installation.call("POST", "/threads", {"source_ids": [target.source["id"]]})
    first = {"source_id": target.source["id"], "sql": "SELECT 1", "thread_id": thread["id"]}
    query = target.installation.call("POST", "/queries", first)
    return [
        _of_query(http.post("/queries", json=first | {"sql": sql, "query_id": query["query_id"]}))
        for sql in statements
    ]


def _through_the_preview(target: Target, statements: Sequence[str]) -> list[Answer]:
    path = f"/studio/sources/{target.source['id']}/preview"
    answers: list[Answer] = []
    for sql in statements:
        seen = target.installation.http.get(path, params={"query": sql})
        assert seen.status_code < 500, seen.text
        answers.append(Answer(seen.is_success, seen.text))
    return answers


def _through_the_command(target: Target, statements: Sequence[str]) -> list[Answer]:
    installation = target.installation
    token = installation.call("POST", "/tokens", {"name": f"doors {target.engine}"})
    done = subprocess.run(
        [sys.executable, "-m", "tests.walls.typed", str(target.source["name"])],
        input="".join(json.dumps(sql) + "\n" for sql in statements),
        env=installation.env | {"DATELIER_URL": installation.url, "DATELIER_TOKEN": token["token"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == len(statements), done.stderr[-2000:]
    return [Answer(one["exit"] == 0, one["said"]) for one in said]


def _through_the_chat(target: Target, statements: Sequence[str]) -> list[Answer]:
    """A model that does whatever it was told: a tool call per statement, twenty in a turn."""
    calls = [ToolCall("execute_sql_query", json.dumps({"sql": sql})) for sql in statements]
    return in_chat(target, calls)


def in_chat(target: Target, calls: Sequence[ToolCall]) -> list[Answer]:
    answers: list[Answer] = []
    for start in range(0, len(calls), 300):
        some = calls[start : start + 300]
        turns = [Turn.calling(*some[at : at + 20]) for at in range(0, len(some), 20)]
        target.models.script("m", [*turns, Turn.say("Done.")])
        models = target.installation.call("GET", "/models")["data"]
        (model,) = [one for one in models if one["model_name"] == "m"]
        told = ask(
            target.installation,
            target.source["id"],
            "Go on.",
            title="Attack",
            model_id=model["id"],
        )
        outputs = [
            part
            for _, part in told.parts
            if part["type"] in {"tool-output-available", "tool-output-error"}
        ]
        assert len(outputs) == len(some), told.parts[-3:]
        order = [p["toolCallId"] for _, p in told.parts if p["type"] == "tool-input-available"]
        by_call = {part["toolCallId"]: part for part in outputs}
        answers += [
            Answer(by_call[call]["type"] == "tool-output-available", json.dumps(by_call[call]))
            for call in order
        ]
    return answers


def _through_the_worker(target: Target, statements: Sequence[str]) -> list[Answer]:
    return asyncio.run(_perform_all(target, statements))


async def _perform_all(target: Target, statements: Sequence[str]) -> list[Answer]:
    path = target.settings.get("path")
    folder = str(Path(path).parent) if path else target.settings.get("folder", "")
    root = tempfile.TemporaryDirectory()  # of what the worker itself keeps
    engines = Engines(root.name, (folder,) if folder else ())

    async def keep(_batch: bytes, _rows: int) -> None:
        return

    answers: list[Answer] = []
    for sql in statements:
        action = Action("execute", target.settings, {"sql": sql}, timeout_s=20)
        try:
            answers.append(Answer(True, json.dumps(await perform(action, engines, keep))))
        except WorkerError as error:
            answers.append(Answer(False, error.to_json()))
    await engines.close()
    root.cleanup()
    return answers


DOORS: dict[str, Callable[[Target, Sequence[str]], list[Answer]]] = {
    "API": _through_the_api,
    "SQL card": _through_a_card,
    "preview": _through_the_preview,
    "command": _through_the_command,
    "chat tool": _through_the_chat,
    "worker action": _through_the_worker,
}
