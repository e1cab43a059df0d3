"""Suites: YAML files with questions and what their answers must hold."""

from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from datelier.evals.errors import SuiteInvalid

FORMAT: Final = 1
MOST_CASES: Final = 10_000
_NAME = Annotated[str, Field(min_length=1, max_length=120)]
_Question = Annotated[str, Field(min_length=1, max_length=20_000)]
Reason = Literal["unanswerable", "ambiguous", "out_of_scope", "not_permitted", "untraced"]
Intent = Literal["quick_answer", "research", "explain", "clarify", "out_of_scope", "direct"]


class _Strict(BaseModel):
    """Refuses fields it does not know, so that typing mistakes are heard."""

    model_config = ConfigDict(extra="forbid")


class ToleranceIn(_Strict):
    """How far numbers may be apart; the larger room counts."""

    absolute: float = Field(default=1e-9, ge=0)
    relative: float = Field(default=1e-9, ge=0, le=1)


class ResultIn(_Strict):
    """Rows as they have to come; `columns` are names for the reader, they are not compared."""

    columns: list[str] = []
    rows: list[list[Any]]

    @model_validator(mode="after")
    def _one_width(self) -> Self:
        widths = {len(row) for row in self.rows}
        if self.columns:
            widths.add(len(self.columns))
        if len(widths) > 1:
            raise ValueError("every row needs as many values as there are columns")
        return self


class Expect(_Strict):
    """What an answer must hold; all that is given has to be met.

    Attributes:
        result: The rows of the query that the answer rests on.
        sql: A statement whose rows, on the same source and now, are the right ones.
        value: A number or text that the answer states, with a receipt.
        intent: How the question has to be understood; checked when the run tells.
        refusal: That the question is refused: true for any reason, or which reasons will do.
    """

    result: ResultIn | None = None
    sql: _Question | None = None
    value: str | int | float | bool | None = None
    intent: Intent | list[Intent] | None = None
    refusal: bool | Reason | list[Reason] = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        answers = [self.result, self.sql, self.value]
        if self.refusal and any(answer is not None for answer in answers):
            raise ValueError("a question that is refused has no result")
        if self.result is not None and self.sql is not None:
            raise ValueError("give the rows or a statement, not both")
        if not self.refusal and self.intent is None and all(a is None for a in answers):
            raise ValueError("give one of result, sql, value, intent, refusal")
        return self

    @property
    def intents(self) -> list[str]:
        """The intents that will do; empty for any."""
        given = self.intent
        return list(given) if isinstance(given, list) else [given] if given else []

    @property
    def reasons(self) -> list[str]:
        """The reasons that will do; empty for any."""
        given = self.refusal
        return list(given) if isinstance(given, list) else [given] if isinstance(given, str) else []

    @property
    def is_answer(self) -> bool:
        """Whether the question can be answered."""
        return not self.refusal

    @property
    def kind(self) -> str:
        """What is looked at first, for reports."""
        if self.refusal:
            return "refusal"
        if self.result is not None or self.sql is not None:
            return "result"
        return "value" if self.value is not None else "intent"


class Compare(_Strict):
    """How results are compared. What a case leaves out is as in the suite's `defaults`."""

    ordered: bool = False
    extra_columns: bool = False
    tolerance: ToleranceIn = ToleranceIn()
    types: Literal["strict", "loose"] = "strict"


class Call(_Strict):
    """A tool that the scripted model calls."""

    tool: _NAME
    arguments: dict[str, Any] = {}


class Turn(_Strict):
    """One answer of the scripted model.

    Attributes:
        when: A text that the request must hold; without it the turn fits any request.
        say: What it says.
        calls: The tools it calls.
    """

    when: str | None = None
    say: str = ""
    calls: list[Call] = []

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.say and not self.calls:
            raise ValueError("a turn says something or calls a tool")
        return self


class Case(_Strict):
    """One question.

    Attributes:
        before: Questions that are asked first, in the same thread; their answers are not judged.
        script: What the scripted model does, turn by turn.
    """

    id: _NAME = ""
    question: _Question
    before: list[_Question] = []
    source: _NAME | None = None
    agent: _NAME | None = None
    locale: str | None = None
    force_intent: Intent | None = None
    tags: list[_NAME] = []
    expect: Expect
    compare: Compare = Compare()
    script: list[Turn] = []


class GeneratedIn(_Strict):
    """A source made from a seed: a schema that nobody has seen, and questions about it."""

    seed: int = Field(ge=0, le=2**31)
    rows: int = Field(default=400, ge=20, le=20_000)
    questions: int = Field(default=0, ge=0, le=500)


class SourceIn(_Strict):
    """Where a source comes from: one that is there, the sample, files beside the suite, a seed."""

    name: _NAME | None = None
    sample: bool = False
    files: list[str] = []
    generated: GeneratedIn | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(map(bool, (self.name, self.sample, self.files, self.generated))) != 1:
            raise ValueError("give one of name, sample, files, generated")
        return self


class Defaults(_Strict):
    """What holds for every case that does not say otherwise."""

    source: _NAME | None = None
    agent: _NAME | None = None
    locale: str | None = None
    tags: list[_NAME] = []
    compare: dict[str, Any] = {}


class Suite(_Strict):
    """A suite as its file holds it.

    Attributes:
        agents: Definitions of agents that are made for the evaluation, as an agent's YAML has them.
        folder: Where the suite's files are.
    """

    model_config = ConfigDict(extra="forbid")

    format: Literal[1]
    name: _NAME
    sources: dict[_NAME, SourceIn] = {}
    agents: dict[_NAME, dict[str, Any]] = {}
    defaults: Defaults = Defaults()
    cases: list[Case] = Field(default=[], max_length=MOST_CASES)
    folder: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.cases and not any(
            s.generated and s.generated.questions for s in self.sources.values()
        ):
            raise ValueError("there is no question")
        known: set[str] = set()
        for number, case in enumerate(self.cases, 1):
            case.id = case.id or f"{number:03}"
            if case.id in known:
                raise ValueError(f"two cases are called {case.id}")
            known.add(case.id)
            source = case.source or self.defaults.source or self._only_source()
            if source not in self.sources:
                raise ValueError(f"case {case.id}: there is no source {source} in this suite")
            case.source = source
            case.agent = case.agent or self.defaults.agent
            case.locale = case.locale or self.defaults.locale
            case.tags = list(dict.fromkeys([*self.defaults.tags, *case.tags]))
        return self

    def _only_source(self) -> str | None:
        return next(iter(self.sources)) if len(self.sources) == 1 else None


def shipped() -> list[str]:
    """Return the names of the suites that come with the product."""
    folder = resources.files("datelier.evals") / "suites"
    return sorted(
        one.name.removesuffix(".yaml") for one in folder.iterdir() if one.name.endswith(".yaml")
    )


def load_suite(wanted: str) -> Suite:
    """Read a suite.

    Args:
        wanted: The name of one that comes with the product, or a file.

    Raises:
        SuiteInvalid: There is none, or it says where it is wrong.
    """
    path = Path(wanted)
    if wanted in shipped():
        text = (resources.files("datelier.evals") / "suites" / f"{wanted}.yaml").read_text("utf-8")
    else:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            known = ", ".join(shipped())
            hint = f"Name a YAML file, or one that comes with Datelier: {known}."
            raise SuiteInvalid(f"There is no suite {wanted}.", hint) from None
    return read_suite(text, path)


def read_suite(text: str, path: Path) -> Suite:
    """Return the suite that a file holds.

    Raises:
        SuiteInvalid: It is no suite; the message says where.
    """
    try:
        read: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it is no YAML"
        raise SuiteInvalid(f"{path}{line}: {problem}.") from None
    if not isinstance(read, dict):
        raise SuiteInvalid(f"{path}: a suite is a mapping with `format`, `name` and `cases`.")
    given = cast("dict[str, Any]", read)
    if given.get("format") != FORMAT:
        raise SuiteInvalid(
            f"{path}: format {given.get('format')!r} is not known.",
            f"This version reads `format: {FORMAT}`.",
        )
    try:
        return Suite.model_validate(_with_defaults(given) | {"folder": path.parent})
    except ValidationError as error:
        problems = "; ".join(_problem(one) for one in error.errors()[:5])
        raise SuiteInvalid(f"{path}: {problems}") from None


def _with_defaults(given: dict[str, Any]) -> dict[str, Any]:
    """Put the suite's rules of comparing under those of each case."""
    defaults = given.get("defaults")
    cases = given.get("cases")
    if not isinstance(defaults, dict) or not isinstance(cases, list):
        return given
    rules: Any = cast("dict[str, Any]", defaults).get("compare") or {}
    found: list[Any] = []
    for case in cast("list[Any]", cases):
        if isinstance(case, dict):
            one = cast("dict[str, Any]", case)
            own: Any = one.get("compare") or {}
            found.append(one | {"compare": _mixed(rules, own)})
        else:
            found.append(case)
    return given | {"cases": found}


def _mixed(rules: Any, own: Any) -> Any:
    if not isinstance(rules, dict) or not isinstance(own, dict):
        return own
    return {**cast("dict[str, Any]", rules), **cast("dict[str, Any]", own)}


def _problem(error: Any) -> str:
    where = ".".join(str(step) for step in error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
