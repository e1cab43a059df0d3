"""Three dialects in, answered in kind; and whatever else a graph may say."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from datelier.inbox.dialects import answer, native, resume, understand
from datelier.inbox.schemas import Action, ActionDecision, Allow
from datelier.kit.errors import Malformed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
ARGS = st.dictionaries(st.text(min_size=1, max_size=8), JSON, max_size=4)
NAME = st.text(min_size=1, max_size=30)
WORDS = st.text(min_size=1, max_size=40).filter(lambda text: not text.startswith("Rejected: "))

HUMAN: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {
        "action_request": st.fixed_dictionaries({"action": NAME, "args": ARGS}),
        "config": st.fixed_dictionaries(
            {f"allow_{what}": st.booleans() for what in ("ignore", "respond", "edit", "accept")}
        ),
    },
    optional={"description": st.none() | st.text()},
)


@st.composite
def hitl(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(NAME, min_size=1, max_size=3, unique=True))
    spelled = draw(st.sampled_from(["args", "arguments"]))
    allowed = st.lists(st.sampled_from(["approve", "edit", "reject"]), unique=True)
    return {
        "action_requests": [
            {"name": draw(st.sampled_from(names)), spelled: draw(ARGS)}
            for _ in range(draw(st.integers(1, 4)))
        ],
        "review_configs": [
            {"action_name": name, "allowed_decisions": draw(allowed)} for name in names
        ],
    }


@st.composite
def agui(draw: st.DrawFn) -> Any:
    reason = st.sampled_from(["tool_call", "input_required", "confirmation", "acme:other"])
    ids = draw(st.lists(NAME, min_size=1, max_size=3, unique=True))
    items = [
        {"id": key, "reason": draw(reason), "message": draw(st.text()), "toolCallId": "t"}
        for key in ids
    ]
    return items[0] if len(items) == 1 and draw(st.booleans()) else items


def decisions_for(actions: list[Action], draw: Callable[..., Any]) -> list[ActionDecision] | None:
    """Something that each action allows; None when one allows nothing."""
    made: list[ActionDecision] = []
    for action in actions:
        allowed = [kind for kind, on in action.allow.model_dump().items() if on]
        if not allowed:
            return None
        kind = draw(st.sampled_from(allowed))
        more: dict[str, Any] = {}
        if kind == "edit":
            more = {"args": draw(ARGS)}
        elif kind == "respond":
            more = {"message": draw(WORDS)}
        made.append(ActionDecision.model_validate({"action_id": action.id, "type": kind, **more}))
    return made


@pytest.mark.contract("S24", "S85")
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(value=HUMAN | st.lists(HUMAN, min_size=1, max_size=3) | hitl() | agui(), data=st.data())
def test_an_answer_in_kind_says_what_was_decided(value: Any, data: st.DataObject) -> None:
    asked = understand(value)
    assert asked.dialect != "generic"
    decided = decisions_for(asked.actions, data.draw)
    if decided is None:
        return
    reply = answer(asked.dialect, value, asked.actions, decided)
    # A graph gets it through storage, and a client sends the same.
    sent = json.loads(json.dumps(reply))
    assert resume(asked.dialect, value, asked.actions, sent) == decided


@settings(deadline=None, max_examples=150)
@given(value=JSON)
def test_whatever_a_graph_says_a_person_can_answer(value: Any) -> None:
    asked = understand(value)
    assert asked.title
    assert asked.actions
    assert any(action.allow.respond or action.allow.approve for action in asked.actions)
    if asked.dialect == "generic":
        assert asked.actions[0].args == value
        [said] = resume("generic", value, asked.actions, "go on")
        assert answer("generic", value, asked.actions, [said]) == "go on"
        [form] = resume("generic", value, asked.actions, {"x": 1})
        assert answer("generic", value, asked.actions, [form]) == {"x": 1}


def test_a_human_interrupt_alone_is_answered_with_a_list_of_one() -> None:
    value = {
        "action_request": {"action": "Send mail", "args": {"to": "ada", "n": 3}},
        "config": {
            "allow_accept": True,
            "allow_edit": True,
            "allow_respond": True,
            "allow_ignore": False,
        },
        "description": "# Mail to Ada\nIs this right?",
    }
    asked = understand(value)
    assert (asked.dialect, asked.title) == ("human_interrupt", "Mail to Ada")
    [action] = asked.actions
    assert action.allow == Allow(approve=True, edit=True, respond=True)
    approve = ActionDecision(action_id="1", type="approve")
    assert answer("human_interrupt", value, asked.actions, [approve]) == [
        {"type": "accept", "args": {"action": "Send mail", "args": {"to": "ada", "n": 3}}}
    ]
    # Nobody decided in time: a rejection, said in the way that the graph allows.
    assert answer("human_interrupt", value, asked.actions, None, "Too late.") == [
        {"type": "response", "args": "Rejected: Too late."}
    ]


def test_every_action_of_a_hitl_request_has_the_config_of_its_name() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    value = {
        "action_requests": [
            {"name": "b", "args": {"n": 1}, "description": "second"},
            {"name": "a", "arguments": {"n": 2}},
            {"name": "b", "args": {"n": 3}},
        ],
        "review_configs": [
            {"action_name": "a", "allowed_decisions": ["approve"]},
            {"action_name": "b", "allowed_decisions": ["edit", "reject"], "args_schema": schema},
        ],
    }
    actions = understand(value).actions
    assert [a.args["n"] for a in actions] == [1, 2, 3]
    assert [a.args_schema for a in actions] == [schema, None, schema]
    assert [a.allow.approve for a in actions] == [False, True, False]
    decided = [
        ActionDecision(action_id="1", type="edit", args={"n": 9}),
        ActionDecision(action_id="2", type="approve"),
        ActionDecision(action_id="3", type="reject", message="no"),
    ]
    assert answer("hitl", value, actions, decided) == {
        "decisions": [
            {"type": "edit", "edited_action": {"name": "b", "args": {"n": 9}}},
            {"type": "approve"},
            {"type": "reject", "message": "no"},
        ]
    }
    # When a request ends without a decision nothing is approved.
    ended = answer("hitl", value, actions, None, "The source was removed.")
    assert {d["type"] for d in ended["decisions"]} == {"reject"}


def test_an_agui_form_is_a_question_and_a_tool_call_an_approval() -> None:
    form = {"type": "object", "properties": {"city": {"type": "string"}}}
    question = {
        "id": "i1",
        "reason": "input_required",
        "message": "Where?",
        "responseSchema": form,
        "expiresAt": "2030-01-01T00:00:00Z",
    }
    asked = understand(question)
    assert (asked.kind, asked.title, asked.actions[0].response_schema) == (
        "question",
        "Where?",
        form,
    )
    assert asked.expires_at is not None
    filled = ActionDecision(action_id="i1", type="respond", args={"city": "Oslo"})
    entry = {"interruptId": "i1", "status": "resolved", "payload": {"city": "Oslo"}}
    assert answer("ag_ui", question, asked.actions, [filled]) == entry
    call = [{"id": "i2", "reason": "tool_call", "toolCallId": "c"}]
    asked = understand(call)
    assert asked.kind == "approval"
    rejected = ActionDecision(action_id="i2", type="reject", message="no")
    assert answer("ag_ui", call, asked.actions, [rejected]) == [
        {"interruptId": "i2", "status": "resolved", "payload": {"approved": False, "message": "no"}}
    ]
    cancelled = [{"interruptId": "i2", "status": "cancelled"}]
    assert resume("ag_ui", call, asked.actions, cancelled)[0].type == "reject"


_HUMAN: dict[str, Any] = {"action_request": {"action": "a", "args": {}}, "config": {}}
_HITL: dict[str, Any] = {
    "action_requests": [{"name": "a", "args": {}}],
    "review_configs": [{"action_name": "a", "allowed_decisions": ["approve"]}],
}
_AGUI: dict[str, Any] = {"id": "1", "reason": "tool_call"}


REPLIES: list[tuple[Any, Any]] = [
    (_HUMAN, {"type": "yes", "args": None}),
    (_HUMAN, [{"type": "accept"}, {"type": "accept"}]),
    (_HUMAN, []),
    (_HUMAN, "accept"),
    (_HUMAN, None),
    (_HUMAN, {"type": "edit", "args": {"action": "b", "args": {}}}),
    (_HUMAN, {"type": "edit", "args": None}),
    (_HITL, {"decisions": []}),
    (_HITL, {"decisions": [{"type": "response"}]}),
    (_HITL, {"decisions": [{"type": "edit", "edited_action": {"name": "b", "args": {}}}]}),
    (_HITL, [{"type": "approve"}]),
    (_AGUI, {"interruptId": "2", "status": "resolved", "payload": {"approved": True}}),
    (_AGUI, {"interruptId": "1", "status": "done"}),
    (_AGUI, []),
    (_AGUI, 7),
]


@pytest.mark.contract("S85")
@pytest.mark.parametrize(
    ("value", "body"),
    REPLIES,
)
def test_a_reply_that_is_none_is_malformed(value: Any, body: Any) -> None:
    asked = understand(value)
    with pytest.raises(Malformed):
        resume(asked.dialect, value, asked.actions, body)


@pytest.mark.contract("S59", "S85")
@pytest.mark.parametrize(
    ("flag", "kind"),
    [("accept", "approve"), ("edit", "edit"), ("ignore", "reject"), ("respond", "respond")],
)
def test_only_what_an_interrupt_allows_is_offered(flag: str, kind: str) -> None:
    config = {f"allow_{what}": what == flag for what in ("accept", "edit", "ignore", "respond")}
    value: Any = {"action_request": {"action": "a", "args": {}}, "config": config}
    assert understand(value).actions[0].allow == Allow.model_validate({kind: True})
    if kind == "respond":
        return
    rule = {"action_name": "a", "allowed_decisions": [kind]}
    action: dict[str, Any] = {"name": "a", "args": {}}
    asked: Any = {"action_requests": [action], "review_configs": [rule]}
    assert understand(asked).actions[0].allow == Allow.model_validate({kind: True})


def test_interrupts_that_came_together_are_answered_together() -> None:
    both = [{"id": "1", "reason": "confirmation"}, {"id": "2", "reason": "confirmation"}]
    asked = understand(both)
    one = [{"interruptId": "2", "status": "resolved", "payload": {"approved": True}}]
    three = [{**one[0], "interruptId": key} for key in ("1", "2", "3")]
    for body in (one, three):
        with pytest.raises(Malformed, match="answered at once"):
            resume(asked.dialect, both, asked.actions, body)
    found = resume(asked.dialect, both, asked.actions, three[:2])
    assert [decision.action_id for decision in found] == ["1", "2"]


LOOK_ALIKES: tuple[Callable[[], Any], ...] = (
    list,
    dict,
    lambda: {"action_request": {"action": 1}, "config": {}},
    lambda: {"action_request": "a", "config": {}},
    lambda: {"action_requests": [], "review_configs": []},
    lambda: {"action_requests": [{"name": "a"}], "review_configs": [{"action_name": "b"}]},
    lambda: [{"id": "1", "reason": "x"}, {"id": "1", "reason": "y"}],
    lambda: [_AGUI, "more"],
    lambda: [_HUMAN, _AGUI],
)


@pytest.mark.parametrize("make", LOOK_ALIKES)
def test_what_only_looks_like_a_dialect_is_generic(make: Callable[[], Any]) -> None:
    assert understand(make()).dialect == "generic"


def test_ours_keeps_what_it_was_given() -> None:
    action = Action(id="1", name="x", args={"a": 10.0}, allow=Allow(approve=True))
    value = native("review", "Look at this", [action], risk="write", reason="because", seconds=60)
    asked = understand(json.loads(json.dumps(value)))
    assert (asked.dialect, asked.kind, asked.title) == ("native", "review", "Look at this")
    assert asked.actions == [action]
    assert asked.native["reason"] == "because"
    assert asked.native["seconds"] == 60
