"""Running the suites that `datelier eval` was given."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from datelier.cli.client import Client
from datelier.cli.evaluate_output import show_case
from datelier.cli.options import Options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, progress
from datelier.cli.prompts import read_secret
from datelier.evals.answering import RECORDED, SCRIPTED, Model, recorded, recording_of, scripted
from datelier.evals.api import Json
from datelier.evals.generated import with_questions
from datelier.evals.journal import Journal, fingerprint
from datelier.evals.places import Places
from datelier.evals.report import CaseReport, Report, by_tag, summarize
from datelier.evals.running import Asked, Asking
from datelier.evals.suite import Suite, load_suite
from datelier.kit.profiles import config_path

_FATAL = frozenset({Exit.UNAVAILABLE, Exit.NOT_SIGNED_IN, Exit.LIMIT})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    suites: tuple[str, ...]
    model: str | None
    record: Path | None
    key_file: Path | None
    agent: str | None
    tags: tuple[str, ...]
    ids: tuple[str, ...]
    jobs: int
    keep: str
    resume: bool


def evaluate_suites(options: Options, client: Client, wanted: Wanted) -> Report:
    """Ask every question and return the report.

    Raises:
        EvaluationError: A suite or recording is no good.
        CommandFailed: The server cannot be asked.
        KeyboardInterrupt: Somebody stopped it; what was found is kept for `--resume`.
    """
    suites = [_narrowed(with_questions(load_suite(name)), wanted) for name in wanted.suites]
    thread: Json = {}
    if wanted.agent:
        thread["agent_id"] = client.find("/agents", "agent", wanted.agent)["id"]
    began = datetime.now(UTC)
    with _model(options, client, wanted, suites) as model:
        asking = Asking(
            client,
            CommandFailed,
            _is_fatal,
            thread | {"model_id": model.id},
            options.timeout,
            wanted.keep,
            lambda asked: model.miss(asked.case.question),
        )
        name = fingerprint(suites, client.server, wanted.model or model.name, wanted.agent or "")
        journal = Journal(config_path().parent / "evaluations", name)
        cases = _ask(options, client, asking, suites, (journal, wanted))
    return Report(
        suites=[suite.name for suite in suites],
        model=model.name,
        server=client.call("GET", "/status")["version"],
        started_at=began,
        finished_at=datetime.now(UTC),
        summary=summarize(cases),
        tags=by_tag(cases),
        cases=cases,
    )


def _narrowed(suite: Suite, wanted: Wanted) -> Suite:
    """Return a suite with the questions that were asked for."""
    kept = [
        case
        for case in suite.cases
        if (not wanted.ids or case.id in wanted.ids)
        and (not wanted.tags or set(wanted.tags) & set(case.tags))
        and (wanted.model != SCRIPTED or case.script)
    ]
    return suite.model_copy(update={"cases": kept})


@contextmanager
def _model(
    options: Options, client: Client, wanted: Wanted, suites: Sequence[Suite]
) -> Generator[Model]:
    """Yield the model that answers; those made for the evaluation are gone afterwards."""
    if wanted.record and (wanted.model or "").startswith((SCRIPTED, RECORDED)):
        raise CommandFailed(
            "Only a live model can be recorded.", exit_code=Exit.USAGE, code="usage"
        )
    if wanted.model == SCRIPTED:
        with scripted(client, client.server, [c for suite in suites for c in suite.cases]) as made:
            yield made
        return
    if wanted.model and wanted.model.startswith(RECORDED):
        path = Path(wanted.model.removeprefix(RECORDED))
        with recorded(client, client.server, path) as made:
            yield made
        return
    found = client.find("/models", "model", wanted.model) if wanted.model else _active(client)
    if wanted.record is None:
        yield Model(found["id"], found["name"])
        return
    key = read_secret(wanted.key_file) if wanted.key_file is not None else None
    with recording_of(client, client.server, found, wanted.record, key) as made:
        yield made
    note(
        options, f"Recorded the model's traffic to {wanted.record}; review it before you share it."
    )


def _ask(
    options: Options,
    client: Client,
    asking: Asking,
    suites: Sequence[Suite],
    kept: tuple[Journal, Wanted],
) -> list[CaseReport]:
    journal, wanted = kept
    places = Places(client)
    try:
        with progress(options, "Preparing the sources") as say:
            asked = _prepared(places, suites)
            cases = _known(journal, asked, resume=wanted.resume)
            known = {case.key for case in cases}
            journal.start(cases)
            say(f"{len(cases)} of {len(asked)} questions")
            try:
                for report in asking.ask_all([o for o in asked if o.key not in known], wanted.jobs):
                    cases.append(report)
                    journal.add(report)
                    right = sum(case.status == "passed" for case in cases)
                    say(f"{len(cases)} of {len(asked)} questions, {right} right")
                    show_case(options, report)
            except (KeyboardInterrupt, CommandFailed):
                done = f"{len(cases)} of {len(asked)} questions are done"
                note(options, f"{done}; --resume asks the rest.")
                raise
    finally:
        places.remove()
    journal.remove()
    order = {one.key: place for place, one in enumerate(asked)}
    return sorted(cases, key=lambda case: order[case.key])


def _prepared(places: Places, suites: Sequence[Suite]) -> list[Asked]:
    asked: list[Asked] = []
    for suite in suites:
        sources = places.of(suite)
        agents = places.agents(suite)
        asked += [
            Asked(suite, case, sources[str(case.source)], agents.get(case.agent or ""))
            for case in suite.cases
        ]
    if not asked:
        raise CommandFailed("No question is left to ask.", exit_code=Exit.USAGE, code="usage")
    return asked


def _known(journal: Journal, asked: Sequence[Asked], *, resume: bool) -> list[CaseReport]:
    keys = {one.key for one in asked}
    return [case for case in journal.read() if case.key in keys] if resume else []


def _active(client: Client) -> Json:
    for model in client.every("/models"):
        if model["is_active"]:
            return model
    raise CommandFailed(
        "No model is active.", hint="Name one with --model.", exit_code=Exit.USAGE, code="usage"
    )


def _is_fatal(error: Exception) -> bool:
    return isinstance(error, CommandFailed) and error.exit_code in _FATAL
