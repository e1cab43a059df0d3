"""Whatever is sent, the answer is one of ours: no crash, one shape, nothing of the caller's."""

import json
from collections.abc import AsyncGenerator

import httpx
import pytest

from datelier.api.errors import PROBLEM_TYPE
from datelier.kit.settings import Settings
from tests.api.broken import CANARY, Broken, broken_requests, well_formed
from tests.api.isolation import Operation, all_operations
from tests.api.tenants import BODIES, Family
from tests.api.world import DESCRIBED, SCHEMAS, World, noun_of, opened_world

OPERATIONS = list(all_operations(DESCRIBED))
# Their answers name what was asked for: a table, a property of a chart. Both are no secrets.
NAMES_BACK = {"preview_table", "update_chart"}
# Answers old clients in the shape that they know.
OLD_SHAPE = {"get_studio_preview"}


@pytest.fixture(scope="module")
async def world(
    platform_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    async with opened_world(platform_url, settings, "both walls") as opened:
        yield opened


async def send(caller: httpx.AsyncClient, operation: Operation, request: Broken) -> httpx.Response:
    query = "&".join(f"{name}={value}" for name, value in request.params.items())
    return await caller.request(
        operation.method,
        f"{request.path}{'?' + query if query else ''}",
        content=request.content,
        headers=request.headers,
    )


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
async def test_broken_requests_are_answered_in_one_shape(
    world: World, operation: Operation
) -> None:
    family = Family(world.attacker)
    ids = {
        position.steps[0]: await family.get(noun_of(operation, position))
        for position in operation.positions
        if position.where == "path"
    }
    body = BODIES.get(operation.name) or well_formed(operation, SCHEMAS)
    asked = 0
    for request in broken_requests(operation, SCHEMAS, ids, body):
        # A personal token, since a session may be ended by what is sent.
        answer = await send(world.attacker.callers["token"], operation, request)
        asked += 1
        failures = wrong(operation.name, answer)
        assert not failures, (
            f"{request.about}: {answer.status_code} {answer.text[:500]}: {failures}"
        )
    assert asked >= 5 or not (operation.params or operation.body_schema)


def wrong(name: str, answer: httpx.Response) -> list[str]:
    """What an answer does that none may do."""
    found: list[str] = []
    header = answer.headers.get("x-correlation-id")
    if not header:
        found.append("no correlation id")
    if answer.status_code >= 500 and not (answer.status_code == 503 and "no_worker" in answer.text):
        found.append("a server's failure")
    if "x-injected" in answer.headers:
        found.append("a header of the caller's")
    if answer.status_code < 400:
        return found
    if name in OLD_SHAPE and set(answer.json()) == {"ok", "data_type", "error"}:
        return found if CANARY not in answer.text else [*found, "an echo of the caller's"]
    if answer.headers.get("content-type") != PROBLEM_TYPE:
        return [*found, "not a problem document"]
    problem = json.loads(answer.content)
    if problem.get("correlation_id") != header or problem.get("status") != answer.status_code:
        found.append("the body and the head disagree")
    missing = {"type", "title", "detail", "code"} - set(problem)
    if missing:
        found.append(f"without {missing}")
    if "Traceback" in answer.text or 'File "' in answer.text:
        found.append("a stack trace")
    # A rejected field is named, so the name of an unknown one comes back; no value does.
    for error in problem.get("errors", ()):
        error["path"] = ""
    if CANARY in json.dumps(problem) and name not in NAMES_BACK:
        found.append("an echo of the caller's")
    return found
