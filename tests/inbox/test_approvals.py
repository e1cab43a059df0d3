"""An approval is good for one exact call: a thousand that are almost it, and none is made."""

import copy
import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from datelier.inbox import service as inbox
from datelier.inbox.errors import ApprovalInvalid
from datelier.inbox.hashing import args_hash
from datelier.inbox.schemas import RequestDetail
from datelier.inbox.service import Call, Waiter
from datelier.kit.context import Context
from datelier.kit.errors import Invalid
from datelier.kit.ids import uuid7
from tests.inbox.conftest import Desk, action, decide

ARGS: dict[str, Any] = {
    "sql": "update orders set region = 'Nörd' where id in (1, 2)",
    "limit": 10,
    "ratio": 10.0,
    "tags": ["a", "b"],
    "nested": {"deep": [1, {"x": None}], "flag": True},
    "empty": "",
}
NAME, TOOL = "write_sql", "hash of the tool"


async def run_of(ctx: Context) -> UUID:
    run_id = uuid7()
    async with ctx.begin() as tx:
        await tx.session.execute(
            text(
                "insert into run (id, org_id, graph, actor, status) "
                "values (:id, :org, 'none', '{}', 'succeeded')"
            ),
            {"id": run_id, "org": ctx.org_id},
        )
    return run_id


async def approved(
    desk: Desk, *, kind: str = "approve", **change: Any
) -> tuple[RequestDetail, Call]:
    """A decided request, and the very call it is about."""
    run_id = await run_of(desk.ctx)
    asked = await desk.ask(
        actions=[
            action(
                name=NAME,
                args=ARGS,
                args_schema=None,
                definition_hash=TOOL,
                tool_call_id="call_1",
            )
        ],
        waiter=Waiter(run_id=run_id),
        **change,
    )
    more = {"message": "no"} if kind in ("reject", "respond") else {}
    shown = await decide(desk.dana, asked, kind, **more) if kind else asked
    return shown, Call(run_id, "call_1", NAME, copy.deepcopy(ARGS), TOOL)


async def execute(ctx: Context, call: Call) -> bool:
    """Whether the call would be made; like a graph, in a transaction of its own."""
    try:
        async with ctx.begin() as tx:
            return await inbox.consume(tx, call)
    except (ApprovalInvalid, Invalid):  # NaN cannot even be compared
        return False


async def test_the_very_call_is_made_once(desk: Desk) -> None:
    _, call = await approved(desk)
    reordered = dict(reversed(ARGS.items()))
    assert await execute(desk.ctx, replace(call, args=reordered))
    # The same call again is known to have begun, and is not begun again.
    assert not await execute(desk.ctx, call)


@pytest.mark.parametrize("kind", ["", "reject", "respond"])
async def test_what_was_not_approved_is_not_made(desk: Desk, kind: str) -> None:
    _, call = await approved(desk, kind=kind)
    assert not await execute(desk.ctx, call)


@dataclass(frozen=True)
class Mutation:
    name: str
    change: Callable[[random.Random, Call], Call]


def _args(change: Callable[[random.Random, dict[str, Any]], None]) -> Callable[..., Call]:
    def apply(rnd: random.Random, call: Call) -> Call:
        args = copy.deepcopy(call.args)
        change(rnd, args)
        return replace(call, args=args)

    return apply


def _flip(rnd: random.Random, args: dict[str, Any]) -> None:
    sql = args["sql"]
    at = rnd.randrange(len(sql))
    args["sql"] = sql[:at] + chr(ord(sql[at]) ^ (1 << rnd.randrange(5))) + sql[at + 1 :]


def _pad(rnd: random.Random, args: dict[str, Any]) -> None:
    space = rnd.choice([" ", "\n", "\t", "\u200b", "\u00a0", "\u202e"]) * rnd.randrange(1, 200)
    args["sql"] = rnd.choice([space + args["sql"], args["sql"] + space])


def _drop(rnd: random.Random, args: dict[str, Any]) -> None:
    del args[rnd.choice(list(args))]


def _add(rnd: random.Random, args: dict[str, Any]) -> None:
    args[rnd.choice(["limit ", "Limit", "__proto__", "x"])] = rnd.choice([None, 0, "", ARGS])


def _retype(rnd: random.Random, args: dict[str, Any]) -> None:
    key = rnd.choice(["limit", "ratio", "tags", "empty"])
    args[key] = {"limit": [10.0, "10", True], "ratio": [10, "10.0"], "tags": [("b", "a"), {}],
                 "empty": [None, False, 0]}[key][rnd.randrange(2)]  # fmt: skip


def _deep(rnd: random.Random, args: dict[str, Any]) -> None:
    args["nested"] = rnd.choice(
        [
            {"deep": [1, {"x": False}], "flag": True},
            {"deep": [{"x": None}, 1], "flag": True},
            {"deep": [1, {"x": None}], "flag": 1},
            {"deep": [1, {"x": None}, None], "flag": True},
            {"deep": [1, {}], "flag": True},
        ]
    )


def _number(rnd: random.Random, args: dict[str, Any]) -> None:
    args["limit"] = rnd.choice([11, 9, -10, 10**20, 10.000000000000002, 0])


def _accents(rnd: random.Random, args: dict[str, Any]) -> None:
    args["sql"] = unicodedata.normalize(rnd.choice(["NFD", "NFKD"]), args["sql"])


def _nan(rnd: random.Random, args: dict[str, Any]) -> None:
    args["ratio"] = rnd.choice([float("nan"), float("inf")])


_NOTHING: list[Any] = [None, [], {}, ""]

MUTATIONS = (
    Mutation("one bit of the text", _args(_flip)),
    Mutation("space that nobody sees", _args(_pad)),
    Mutation("an argument less", _args(_drop)),
    Mutation("an argument more", _args(_add)),
    Mutation("another type", _args(_retype)),
    Mutation("something deep inside", _args(_deep)),
    Mutation("another number", _args(_number)),
    Mutation("another spelling of a letter", _args(_accents)),
    Mutation("not a number", _args(_nan)),
    Mutation("another tool", lambda r, c: replace(c, name=r.choice(["write_SQL", "write_sql ", "x"]))),
    Mutation("the tool was edited", lambda r, c: replace(c, definition_hash=r.choice(["", "h2"]))),
    Mutation("another call of the run", lambda r, c: replace(c, tool_call_id=f"call_{r.randrange(2, 9)}")),
    Mutation("another run", lambda r, c: replace(c, run_id=uuid7())),
    Mutation("no arguments", lambda r, c: replace(c, args=r.choice(_NOTHING))),
)  # fmt: skip


async def test_a_thousand_mutated_calls_and_none_is_made(desk: Desk) -> None:
    seed = 20261121
    rnd = random.Random(seed)
    _, call = await approved(desk)
    made: list[str] = []
    for _ in range(1000):
        mutation = rnd.choice(MUTATIONS)
        changed = mutation.change(rnd, call)
        assert repr(changed) != repr(call), (seed, mutation.name)
        if await execute(desk.ctx, changed):
            made.append(mutation.name)
    assert made == [], seed
    # The approval was not used up by any of them.
    assert await execute(desk.ctx, call)


async def test_another_organization_cannot_use_it(desk: Desk, ctx: Context) -> None:
    _, call = await approved(desk)
    assert not await execute(ctx, call)


@pytest.mark.parametrize(
    "change",
    [
        'actions = json_build_array((actions->0)::jsonb || \'{"args": {"sql": "drop"}}\')',
        'actions = json_build_array((actions->0)::jsonb || \'{"args_hash": "x"}\')',
        'actions = json_build_array((actions->0)::jsonb || \'{"name": "x"}\')',
        "outcome = null",
        'used = \'{"1": "another:call"}\'',
        'outcome = \'{"1": {"action_id": "1", "type": "respond", "message": "ok"}}\'',
    ],
)
async def test_a_stored_approval_that_was_tampered_with_is_void(desk: Desk, change: str) -> None:
    shown, call = await approved(desk)
    async with desk.ctx.begin() as tx:
        await tx.session.execute(
            text(f"update request set {change} where id = :id"), {"id": shown.id}
        )
    assert not await execute(desk.ctx, call)


async def test_edited_arguments_are_the_only_ones_that_count(desk: Desk) -> None:
    run_id = await run_of(desk.ctx)
    asked = await desk.ask(
        actions=[action(name=NAME, definition_hash=TOOL, tool_call_id="c")],
        waiter=Waiter(run_id=run_id),
    )
    edited = {"table": "orders", "limit": 3}
    await decide(desk.dana, asked, "edit", args=edited)
    call = Call(run_id, "c", NAME, {"table": "orders", "limit": 10}, TOOL)
    assert not await execute(desk.ctx, call)
    async with desk.ctx.begin() as tx:
        verdict = (await inbox.verdicts(tx, run_id))["c"]
    assert (verdict.approved, verdict.args, verdict.by) == (True, edited, "Dana")
    assert await execute(desk.ctx, replace(call, args=verdict.args))


def test_the_hash_sees_everything_but_the_order_of_keys() -> None:
    assert args_hash("x", {"a": 1, "b": 2}) == args_hash("x", {"b": 2, "a": 1})
    different = [{"a": 10}, {"a": 10.0}, {"a": "10"}, {"a": True}, {"a": 1}, {"a": None}, {}]
    assert len({args_hash("x", args) for args in different}) == len(different)
    assert args_hash("x", {"a": 1}) != args_hash("y", {"a": 1})
