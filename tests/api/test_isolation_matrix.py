"""No id of another organization does anything, at any door, behind either wall alone.

Three modes: both walls, only row-level security (the filters of `kit.db` are off), only the
filters (row-level security is off in every table). Every cell is asked as owner, as viewer and
with a personal token; a foreign id must be answered like an unknown one, and the other
organization's rows and files must stay as they are.
"""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts

from tests.api.isolation import (
    Operation,
    Position,
    all_operations,
    cells,
    id_operations,
    shape,
)
from tests.api.tenants import (
    BODIES,
    CLIENT_CHOSEN,
    HEADERS,
    INERT,
    MAKERS,
    NOUNS,
    NUMBERS,
    PARAMS,
    SENT,
    WEB_SOCKETS,
    Family,
    client,
)
from tests.api.unmade import add_unmade
from tests.api.world import APP, DESCRIBED, Ids, World, ask, described, ids_of, noun_of

CELLS = list(cells(DESCRIBED))
OPERATIONS = list(all_operations(DESCRIBED))
SEVERAL = [
    op for op in id_operations(DESCRIBED) if sum(p.where == "path" for p in op.positions) > 1
]
LISTS = [
    cell
    for cell in CELLS
    if cell[1].where == "body" and len(cell[1].steps) == 2 and cell[1].steps[1] == "[]"
]
_UNREADABLE = {400, 401, 404, 405, 415, 422}


def label(value: object) -> str:
    if isinstance(value, Operation):
        return value.name
    return value.label if isinstance(value, Position) else str(value)


def answered(response: httpx.Response) -> tuple[Any, ...]:
    """What a caller can tell apart: status, kind of body, its shape, the headers' names."""
    kind = response.headers.get("content-type", "")
    body = shape(response.json()) if "json" in kind else None
    return response.status_code, kind, body, sorted(set(response.headers) - {"content-length"})


async def same_as_unknown(
    world: World, operation: Operation, position: Position, theirs: Family
) -> list[httpx.Response]:
    """Ask with a foreign and an unknown id as every caller; return the foreign answers."""
    foreign_id = await theirs.get(noun_of(operation, position))
    others = await ids_of(world.mine, operation, position)
    before, answers = await world.digest(), list[httpx.Response]()
    for caller in world.attacker.callers.values():
        foreign = await ask(caller, operation, {**others, position: foreign_id})
        unknown = await ask(caller, operation, {**others, position: str(uuid4())})
        assert answered(foreign) == answered(unknown)
        answers.append(foreign)
    async with client(world.served) as nobody:
        anonymous = await ask(nobody, operation, {**others, position: foreign_id})
        assert anonymous.status_code == 401
    for answer in answers:
        assert world.victim.word not in answer.text
        assert (foreign_id in answer.text) <= ((operation.name, position.label) in CLIENT_CHOSEN)
    assert await world.digest() == before
    return answers


@pytest.mark.parametrize(("operation", "position"), CELLS, ids=label)
@pytest.mark.contract("Q41")
async def test_foreign_id_is_answered_like_an_unknown_one(
    world: World, operation: Operation, position: Position
) -> None:
    cell = (operation.name, position.label)
    # An id that the attacker takes for itself is used once, else the next caller would find it.
    theirs = Family(world.victim) if cell in CLIENT_CHOSEN else world.theirs
    answers = await same_as_unknown(world, operation, position, theirs)
    if cell in CLIENT_CHOSEN | INERT:
        assert answers[0].is_success, answers[0].text
    else:
        assert answers[0].status_code == 404, answers[0].text
        assert {answer.status_code for answer in answers} <= {403, 404}


@pytest.mark.parametrize("operation", SEVERAL, ids=label)
async def test_foreign_ids_that_belong_together_are_answered_like_unknown_ones(
    world: World, operation: Operation
) -> None:
    path = [position for position in operation.positions if position.where == "path"]
    theirs: Ids = {p: await world.theirs.get(noun_of(operation, p)) for p in path}
    before = await world.digest()
    for caller in world.attacker.callers.values():
        foreign = await ask(caller, operation, theirs)
        unknown = await ask(caller, operation, {p: str(uuid4()) for p in path})
        assert answered(foreign) == answered(unknown)
        assert foreign.status_code in {403, 404}
    assert await world.digest() == before


@pytest.mark.parametrize(("operation", "position"), LISTS, ids=label)
async def test_foreign_id_beside_an_own_one_in_a_list_is_answered_like_an_unknown_one(
    world: World, operation: Operation, position: Position
) -> None:
    others = await ids_of(world.mine, operation, position)
    own = {**others, position: await world.mine.get(noun_of(operation, position))}
    theirs = await world.theirs.get(noun_of(operation, position))
    before = await world.digest()
    foreign = await ask(world.attacker.client, operation, own, more=(position, theirs))
    unknown = await ask(world.attacker.client, operation, own, more=(position, str(uuid4())))
    assert answered(foreign) == answered(unknown)
    assert foreign.status_code == 404
    assert await world.digest() == before


@pytest.mark.parametrize(("operation", "position"), CELLS, ids=label)
async def test_the_same_call_with_own_ids_is_understood(
    world: World, operation: Operation, position: Position
) -> None:
    # What is only read serves every cell.
    family = world.mine if operation.method == "GET" else Family(world.attacker)
    ids = await ids_of(family, operation, position)
    ids[position] = await family.get(noun_of(operation, position))
    answer = await ask(world.attacker.client, operation, ids)
    # Else the cell above would pass because the call is malformed, not because of a wall.
    assert answer.status_code not in _UNREADABLE, answer.text
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    "operation",
    [op for op in OPERATIONS if op.method == "GET" and "{" not in op.path],
    ids=label,
)
async def test_lists_hold_nothing_of_another_organization(
    world: World, operation: Operation
) -> None:
    theirs = {noun: await world.theirs.get(noun) for noun in MAKERS}
    shared = {"q": world.victim.word} if operation.takes("q") else {}
    if operation.takes("limit"):
        shared["limit"] = "200"
    for caller in world.attacker.callers.values():
        answer = await caller.get(operation.path, params=shared)
        assert answer.status_code in {200, 403}, answer.text
        for noun, value in theirs.items():
            assert value not in answer.text, noun
        owner = world.victim.owner
        for secret in (owner.person.email, str(owner.membership.org_id), world.victim.word):
            assert secret not in answer.text


def test_every_id_has_a_maker() -> None:
    missing = {
        f"{operation.name}: {position.noun}"
        for operation, position in CELLS
        if noun_of(operation, position) not in MAKERS
    }
    assert not missing, "add a function to tests/api/tenants.py for each of these nouns"


def test_no_operation_is_left_out() -> None:
    # Every `{…}` of a path is a position, every header is known, and what the document does not
    # hold (sockets, hidden routes) is tested elsewhere by name.
    assert len(CELLS) >= 64
    named = {op.name for op in OPERATIONS}
    documented = {(op.method, op.path) for op in OPERATIONS}
    for op in OPERATIONS:
        asked = {p.steps[0] for p in op.positions if p.where == "path"}
        asked |= NUMBERS.get(op.name, {}).keys()
        assert op.path.count("{") == len(asked), f"{op.name}: a path parameter is no id"
        unknown = {p["name"] for p in op.params if p["in"] not in {"path", "query"}} - HEADERS
        assert not unknown, f"{op.name}: headers {unknown} may name objects"
    sockets, hidden = set[str](), set[str]()
    for context in iter_route_contexts(APP.routes):
        route = context.original_route
        if isinstance(route, APIWebSocketRoute):
            sockets.add(str(context.path))
        elif isinstance(route, APIRoute) and not any(
            (method, context.path) in documented for method in route.methods or ()
        ):
            hidden.add(str(context.path))
    assert sockets == WEB_SOCKETS
    assert hidden == {"/api/v1/openapi.json"}
    known = {(op.name, position.label) for op, position in CELLS}
    assert known >= CLIENT_CHOSEN | INERT | set(NOUNS), "an exception without its operation"
    assert named >= set(BODIES) | set(PARAMS) | set(NUMBERS) | set(SENT)


def test_operation_with_an_id_nobody_can_make_is_noticed() -> None:
    router = APIRouter(tags=["x"])
    add_unmade(router)
    found = {
        (operation.name, position.where, position.steps, position.noun)
        for operation, position in cells(described(router).openapi())
    }
    assert found == {
        ("read_gadget", "path", ("gadget_id",), "gadget_id"),
        ("read_gadget", "query", ("parent_id",), "parent_id"),
        ("write_gadget", "path", ("id",), "gadget_id"),
        ("write_gadget", "body", ("owner_id",), "owner_id"),
        ("write_gadget", "body", ("parts", "[]", "source_ids", "[]"), "source_id"),
    }
    assert not {noun for *_, noun in found} <= set(MAKERS)
