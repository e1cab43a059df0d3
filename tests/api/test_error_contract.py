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
    no_worker = answer.status_code == 503 and "no_worker" in answer.text
    faults = {
        "no correlation id": not answer.headers.get("x-correlation-id"),
        "a server's failure": answer.status_code >= 500 and not no_worker,
        "a header of the caller's": "x-injected" in answer.headers,
    }
    if answer.status_code >= 400:
        faults["a stack trace"] = "Traceback" in answer.text or 'File "' in answer.text
        faults |= misshapen(name, answer)
    return [fault for fault, found in faults.items() if found]


def misshapen(name: str, answer: httpx.Response) -> dict[str, bool]:
    """What is wrong with the shape of a failure."""
    if name in OLD_SHAPE and set(answer.json()) == {"ok", "data_type", "error"}:
        return {"an echo of the caller's": CANARY in answer.text}
    if answer.headers.get("content-type") != PROBLEM_TYPE:
        return {"not a problem document": True}
    problem = json.loads(answer.content)
    # A rejected field is named, so the name of an unknown one comes back; no value does.
    for error in problem.get("errors", ()):
        error["path"] = ""
    same = (problem.get("correlation_id"), problem.get("status")) == (
        answer.headers.get("x-correlation-id"),
        answer.status_code,
    )
    return {
        "the body and the head disagree": not same,
        "incomplete": not {"type", "title", "detail", "code"} <= set(problem),
        "an echo of the caller's": CANARY in json.dumps(problem) and name not in NAMES_BACK,
    }
