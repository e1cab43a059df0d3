"""Every way in which an endpoint fails becomes one named error that tells no secret."""

import traceback

import pytest
from langchain_core.messages import AIMessageChunk

from datelier.kit.context import Context
from datelier.kit.errors import DatelierError
from datelier.llms.clients import ModelClients
from datelier.llms.errors import provider_error
from tests.llms.conftest import KEY, config_of
from tests.support.scripted_openai import ScriptedOpenAI, ToolCall, Turn

LEAK = f"bad key {KEY} in prompt"


async def stream(
    clients: ModelClients, ctx: Context, url: str, **changes: object
) -> AIMessageChunk:
    config = config_of(ctx, url, **changes)
    model = clients.build(config, KEY)
    whole: AIMessageChunk | None = None
    try:
        async for chunk in model.astream("hello"):
            whole = chunk if whole is None else whole + chunk
    except Exception as error:  # noqa: BLE001  # whatever the library raises
        raise provider_error(error, config) from None
    assert whole is not None
    return whole


CASES = [
    (Turn.refuse(401, LEAK), "model_key_refused"),
    (Turn.refuse(403, LEAK), "model_key_refused"),
    (Turn.refuse(404, LEAK), "model_not_found"),
    (Turn.refuse(400, LEAK), "model_bad_answer"),
    (Turn.refuse(400, "This model's maximum context length is 8192 tokens"), "context_too_long"),
    (Turn.rate_limited(), "model_rate_limited"),
    (Turn.broken(500), "model_failed"),
    (Turn.broken(504), "model_timeout"),
    (Turn.stall("Half of"), "model_timeout"),
    (Turn.cut(), "model_bad_answer"),
    (Turn.cut_utf8(), "model_bad_answer"),
    (Turn.garbage(), "model_bad_answer"),
    (Turn.error_body(LEAK), "model_bad_answer"),
    (Turn.error_event(message=LEAK), "model_failed"),
]


@pytest.mark.parametrize(
    ("turn", "code"), CASES, ids=[f"{t.failure}-{t.status}-{c}" for t, c in CASES]
)
async def test_a_failure_has_its_name_and_tells_no_secret(
    ctx: Context, clients: ModelClients, server: ScriptedOpenAI, turn: Turn, code: str
) -> None:
    server.script("m", [turn])
    with pytest.raises(DatelierError) as caught:
        await stream(clients, ctx, server.url)
    assert caught.value.code == code
    shown = str(caught.value.problem("c")) + "".join(traceback.format_exception(caught.value))
    assert KEY not in shown
    assert "bad key" not in shown
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


async def test_the_wait_a_server_asks_for_is_passed_on(
    ctx: Context, clients: ModelClients, server: ScriptedOpenAI
) -> None:
    server.script("m", [Turn.rate_limited(7)])
    with pytest.raises(DatelierError) as caught:
        await stream(clients, ctx, server.url)
    assert caught.value.retry_after == 7


@pytest.mark.contract("Q56")
async def test_a_closed_port_says_which_address_refused(
    ctx: Context, clients: ModelClients
) -> None:
    async with ScriptedOpenAI() as gone:
        url = f"http://localhost:{gone.port}"
    with pytest.raises(DatelierError) as caught:
        await stream(clients, ctx, url, provider="ollama")
    assert caught.value.code == "model_unreachable"
    assert caught.value.detail == f"Connection to Ollama refused at {url}"


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0"])
async def test_metadata_addresses_are_not_reached_even_when_stored(
    ctx: Context, clients: ModelClients, host: str
) -> None:
    with pytest.raises(DatelierError) as caught:
        await stream(clients, ctx, f"http://{host}/v1")
    assert caught.value.code == "address_refused"


async def test_claude_goes_through_the_same_guard(ctx: Context, clients: ModelClients) -> None:
    with pytest.raises(DatelierError) as caught:
        await stream(clients, ctx, "http://169.254.169.254", provider="anthropic")
    assert caught.value.code == "address_refused"
    with pytest.raises(DatelierError) as caught:
        await stream(clients, ctx, "http://127.0.0.1:9", provider="anthropic")
    assert caught.value.code == "model_unreachable"


async def test_a_good_stream_keeps_text_reasoning_calls_and_usage(
    ctx: Context, clients: ModelClients, server: ScriptedOpenAI
) -> None:
    turn = Turn(
        pieces=("Grö", "ße ", "✓"),
        reasoning=("let me ", "think"),
        calls=(ToolCall("f", '{"a": 1}', "c1"),),
    )
    server.script("m", [turn])
    whole = await stream(clients, ctx, server.url)
    assert whole.text == "Größe ✓"
    assert whole.additional_kwargs["reasoning_content"] == "let me think"
    assert [(c["name"], c["args"], c["id"]) for c in whole.tool_calls] == [("f", {"a": 1}, "c1")]
    assert whole.usage_metadata == {
        "input_tokens": 10, "output_tokens": 5, "total_tokens": 15,
        "input_token_details": {}, "output_token_details": {},
    }  # fmt: skip
    assert whole.response_metadata["finish_reason"] == "tool_calls"


async def test_broken_arguments_and_repeated_ids_arrive_as_they_were_sent(
    ctx: Context, clients: ModelClients, server: ScriptedOpenAI
) -> None:
    calls = (ToolCall("f", "{not json", "same"), ToolCall("g", "{}", "same"))
    server.script("m", [Turn.calling(*calls)])
    whole = await stream(clients, ctx, server.url)
    assert [call["args"] for call in whole.tool_call_chunks] == ["{not json", "{}"]
    assert [call["id"] for call in whole.tool_call_chunks] == ["same", "same"]


async def test_an_empty_and_a_huge_answer_are_answers(
    ctx: Context, clients: ModelClients, server: ScriptedOpenAI
) -> None:
    server.script("m", [Turn.empty(), Turn.huge(500_000)])
    assert (await stream(clients, ctx, server.url)).text == ""
    assert len((await stream(clients, ctx, server.url)).text) > 400_000


async def test_a_stopped_stream_closes_the_connection_to_the_model(
    ctx: Context, clients: ModelClients, server: ScriptedOpenAI
) -> None:
    server.script("m", [Turn.stall("one two three")])
    model = clients.build(config_of(ctx, server.url), None)
    answer = model.astream("hello")
    async for chunk in answer:
        if chunk.text:
            break
    await answer.aclose()  # pyright: ignore[reportAttributeAccessIssue]  # an async generator
    await server.idle.wait()


async def test_reply_without_stream_fails_by_the_same_names(
    ctx: Context, clients: ModelClients, server: ScriptedOpenAI
) -> None:
    config = config_of(ctx, server.url)
    model = clients.build(config, KEY)
    for turn, code in ((Turn.refuse(401, LEAK), "model_key_refused"), (Turn.error_body(LEAK), "model_bad_answer")):  # fmt: skip
        server.script("m", [turn])
        with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever the library raises
            await model.ainvoke("hello")
        assert provider_error(caught.value, config).code == code
