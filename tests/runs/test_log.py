"""The writer, the log's end of a run, and what viewers get of it."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from hypothesis import given, settings, strategies as st
from starlette.types import Message

from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from datelier.runs.encode import encode
from datelier.runs.engine import Engine
from datelier.runs.events import MOST_AT_ONCE, MOST_MERGED, Fenced, RunLog
from datelier.runs.execution import ActiveRun
from datelier.runs.fold import Part, fold
from datelier.runs.hub import MOST_WAITING, PAGE, PAGE_BYTES
from datelier.runs.sse import event_stream, live_response
from tests.runs.conftest import begin, graph_of, running, say, watch, watching

OnEngine = Callable[[Engine], Context]

_REFUSING = """
create function refuse() returns trigger language plpgsql as $$
begin raise 'no'; end $$;
create trigger refuse before insert on run_event for each row
    when (new.part::text like '%refuse this%') execute function refuse()
"""
DELTAS = {"text": "text-delta", "reasoning": "reasoning-delta"}


class Marked:
    """Stands where the writer does, and only takes note."""

    def __init__(self) -> None:
        self.marks = 0

    def mark(self, run: RunLog, *, at_once: bool = False) -> None:
        self.marks += 1


words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("text"), st.sampled_from("ab"), words),
        st.tuples(st.just("reasoning"), st.sampled_from("ab"), words),
        st.tuples(st.just("step"), st.sampled_from(["start-step", "reset-step"]), st.just("")),
        st.tuples(st.just("flush"), st.just(""), st.just("")),
    ),
    max_size=40,
)


@given(steps)
@settings(max_examples=200, deadline=None)
def test_merged_deltas_fold_into_the_same_message(script: list[tuple[str, str, str]]) -> None:
    log = RunLog(Marked(), uuid7(), 1, 0)  # pyright: ignore[reportArgumentType]  # only marks
    plain: list[Part] = []
    seen: list[tuple[int, Part]] = []

    def put(part: Part) -> None:
        plain.append(part)
        log.put(dict(part))

    def commit() -> None:
        if log.take() is not None:
            first, encoded = log.commit()
            seen.extend((first + n, orjson.loads(part)) for n, part in enumerate(encoded))

    opened: set[tuple[str, str]] = set()
    for kind, key, said in script:
        if kind == "flush":
            commit()
        elif kind == "step":
            put({"type": key})
            opened.clear()
        else:
            if (kind, key) not in opened:
                opened.add((kind, key))
                put({"type": f"{kind}-start", "id": key})
            plain.append({"type": DELTAS[kind], "id": key, "delta": said})
            log.delta(DELTAS[kind], key, said)
    commit()
    assert [seq for seq, _ in seen] == list(range(1, len(seen) + 1))
    assert len(seen) <= len(plain)
    assert fold(part for _, part in seen) == fold(plain)


@pytest.mark.parametrize(
    "value",
    ["nul \0 inside", "\ud800 alone", 2**70, float("nan"), float("inf"), b"bytes", "\\u0000"],
)
def test_any_value_becomes_json_that_can_be_stored(value: object) -> None:
    part: Part = {"type": "data-x", "data": {"value": value}}
    encoded = encode(part)
    assert b"\\u0000" not in encoded.replace(b"\\\\u0000", b"")
    assert orjson.loads(encoded) == orjson.loads(orjson.dumps(part, default=str))


def test_what_is_nested_too_deep_is_cut() -> None:
    deep: Any = "bottom"
    for _ in range(3000):
        deep = [deep]
    assert b"bottom" not in encode({"type": "data-x", "data": deep})


async def many_words(run: ActiveRun) -> None:
    """Stream so that a log of many parts comes out."""
    for number in range(12):
        await say(f"part {number}")(run)
        await run.log.flush()


def test_waiting_text_becomes_parts_of_a_bounded_size() -> None:
    log = RunLog(Marked(), uuid7(), 1, 0)  # pyright: ignore[reportArgumentType]  # only marks
    for _ in range(50):
        log.delta("text-delta", "t", "x" * 1000)
    log.take()
    parts = [orjson.loads(part) for part in log.commit()[1]]
    assert len(parts) == 4
    assert max(len(part["delta"]) for part in parts) <= MOST_MERGED
    assert sum(len(part["delta"]) for part in parts) == 50_000


async def test_what_is_too_much_for_a_batch_follows_in_the_next_ones(
    ctx: Context, in_engine: OnEngine
) -> None:
    words = [f"{number:04}" + "x" * 10_000 for number in range(100)]

    async def gush(run: ActiveRun) -> None:
        for word in words:
            run.log.delta("text-delta", "t", word)
        first = run.log.take()
        assert first is not None
        assert len(first[1]) < MOST_AT_ONCE + 2 * MOST_MERGED
        assert run.log.left
        await run.log.flush()

    async with running(ctx.resources, graph_of("g", gush)) as (engine, _), asyncio.timeout(30):
        seen = await watch(engine, await begin(in_engine(engine), "g"))
    assert [seq for seq, _ in seen] == list(range(1, len(seen) + 1))
    said = "".join(part["delta"] for _, part in seen if part["type"] == "text-delta")
    assert said == "".join(words)


async def test_a_part_that_cannot_be_stored_costs_its_own_run_alone(
    platform_url: str, ctx: Context, in_engine: OnEngine
) -> None:
    given_up, go = asyncio.Event(), asyncio.Event()

    async def unstorable(run: ActiveRun) -> None:
        run.log.put({"type": "data-x", "data": "refuse this"}, at_once=True)
        try:
            await run.log.flush()
        except Fenced:
            given_up.set()
            raise

    async def patient(run: ActiveRun) -> None:
        await go.wait()

    with psycopg.connect(platform_url, autocommit=True) as database:
        database.execute(_REFUSING)
        graphs = graph_of("bad", unstorable), graph_of("good", patient, say("well"))
        async with running(ctx.resources, *graphs) as (engine, _runner), asyncio.timeout(30):
            beside = await begin(in_engine(engine), "good")
            await begin(in_engine(engine), "bad")
            await given_up.wait()
            go.set()
            seen = await watch(engine, beside)
        database.execute("drop function refuse() cascade")
    assert seen[-1][1]["type"] == "finish"


async def test_a_viewer_cut_anywhere_resumes_without_gap_or_repetition(
    ctx: Context, in_engine: OnEngine
) -> None:
    graph = graph_of("many", many_words)
    async with running(ctx.resources, graph) as (engine, _):
        run_id = await begin(in_engine(engine), "many")
        whole = await watch(engine, run_id)
        for seq in range(len(whole) + 1):  # the last of them is cut before it is told the end
            assert await watch(engine, run_id, seq) == whole[seq:]


async def follow_in_pieces(engine: Engine, run_id: UUID) -> list[tuple[int, Part]]:
    """Watch, but drop the line after every batch."""
    got: list[tuple[int, Part]] = []
    while not got or got[-1][1]["type"] != "finish":
        subscription = engine.hub.subscribe(run_id, got[-1][0] if got else 0)
        batch = await anext(subscription)
        subscription.close()
        got.extend((seq, orjson.loads(part)) for seq, part in batch)
    return got


async def test_viewers_on_two_replicas_see_the_same_while_it_happens(
    ctx: Context, in_engine: OnEngine
) -> None:
    graph = graph_of("many", many_words)
    async with watching(ctx.resources) as other, running(ctx.resources, graph) as (engine, _):
        await asyncio.wait_for(other.bus.listening.wait(), 20)
        run_id = await begin(in_engine(engine), "many")
        async with asyncio.timeout(30):
            here, there, pieces = await asyncio.gather(
                watch(engine, run_id), watch(other, run_id), follow_in_pieces(other, run_id)
            )
    assert here == there == pieces


async def test_a_viewer_that_does_not_read_holds_nobody_back_and_reads_on_from_the_rows(
    ctx: Context, in_engine: OnEngine
) -> None:
    async def flood(run: ActiveRun) -> None:
        for _ in range(8):
            run.log.put({"type": "data-x", "data": "x" * (MOST_WAITING // 4)})
            await run.log.flush()

    async with running(ctx.resources, graph_of("flood", flood)) as (engine, _):
        run_id = uuid7()
        idle = engine.hub.subscribe(run_id, fresh=True)
        await begin(in_engine(engine), "flood", run_id=run_id)
        whole = await watch(engine, run_id)
        assert whole[-1][1]["type"] == "finish"
        first = await anext(idle)
        assert sum(len(part) for _, part in first) < 2 * PAGE_BYTES
        late = [*first, *[entry async for batch in idle for entry in batch]]
    assert [(seq, orjson.loads(part)) for seq, part in late] == whole


async def test_viewers_who_want_the_same_page_read_it_once(
    ctx: Context, in_engine: OnEngine
) -> None:
    async with running(ctx.resources, graph_of("many", many_words)) as (engine, _):
        run_id = await begin(in_engine(engine), "many")
        whole = await watch(engine, run_id)
        viewers = [engine.hub.subscribe(run_id) for _ in range(30)]
        pages = await asyncio.gather(*[anext(viewer) for viewer in viewers])
    assert [(seq, orjson.loads(part)) for seq, part in pages[0]] == whole
    assert all(page is pages[0] for page in pages)


async def test_a_long_log_is_read_a_page_at_a_time_and_whole(
    ctx: Context, in_engine: OnEngine
) -> None:
    large = [str(number) * PAGE_BYTES for number in range(9)]  # which is stored in a few bytes

    async def say_a_lot(run: ActiveRun) -> None:
        for data in large:
            run.log.put({"type": "data-x", "data": data})
        for number in range(PAGE + 5):
            run.log.put({"type": "data-x", "data": number})

    async with running(ctx.resources, graph_of("lot", say_a_lot)) as (engine, _):
        run_id = await begin(in_engine(engine), "lot")
        whole = await watch(engine, run_id)
        pages = [batch async for batch in engine.hub.subscribe(run_id)]
    said = [part["data"] for _, part in whole if part["type"] == "data-x"]
    assert said == [*large, *range(PAGE + 5)]
    assert [entry for page in pages for entry in page] == [
        (seq, encode(part)) for seq, part in whole
    ]
    assert max(sum(len(part) for _, part in page) for page in pages) < 4 * PAGE_BYTES


async def test_a_large_part_leaves_in_pieces_and_arrives_whole(
    ctx: Context, in_engine: OnEngine
) -> None:
    parts = ["x" * size for size in (10, 200_000, 10, 40_000, 40_000, 10)]

    async def speak(run: ActiveRun) -> None:
        for data in parts:
            run.log.put({"type": "data-x", "data": data})

    async with running(ctx.resources, graph_of("large", speak)) as (engine, _):
        run_id = await begin(in_engine(engine), "large")
        whole = await watch(engine, run_id)
        chunks = [chunk async for chunk in event_stream(engine.hub.subscribe(run_id))]
    expected = b"".join(b"id: %d\ndata: %b\n\n" % (seq, encode(part)) for seq, part in whole)
    assert b"".join(chunks) == expected + b"data: [DONE]\n\n"
    assert max(map(len, chunks)) < 17_000


async def test_a_client_that_takes_nothing_loses_its_stream_and_its_place(
    ctx: Context, in_engine: OnEngine
) -> None:
    async def hang(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async with running(ctx.resources, graph_of("many", many_words)) as (engine, _):
        run_id = await begin(in_engine(engine), "many")
        subscription = engine.hub.subscribe(run_id)
        async with asyncio.timeout(20):
            await live_response(subscription, stuck=0.05).stream_response(hang)
        with pytest.raises(StopAsyncIteration):
            await subscription.next(None)
