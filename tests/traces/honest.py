"""300 honest ways to tell a result."""

import random

from tests.traces.corpus import Case, Telling, in_turn
from tests.traces.phrases import SCRIPTS, STYLES, in_german_words, in_script, in_words, write
from tests.traces.worlds import World

_EN = STYLES["en"]
_VERBS = {
    "en": "{name} had {said} of ⟦{figure}⟧.",
    "de": "{name} hatte im Mai ⟦{figure}⟧.",
    "fr": "{name} a atteint ⟦{figure}⟧ dans la période.",
    "es": "{name} tuvo ⟦{figure}⟧ en el periodo.",
    "de-CH": "{name} hatte im Mai ⟦{figure}⟧.",
}


def honest(seed: int, count: int) -> list[Case]:
    """Honest phrasings of every kind in turn."""
    return in_turn(_KINDS, seed, count)


def _case(kind: str, world: World, text: str, locale: str = "en", question: str = "") -> Case:
    return Case(kind, text, [world.table], question, locale)


def _cell(world: World, row: int, measure: int, form: str = "") -> str:
    column = world.measures[measure].column
    shown = f" | {form}" if form else ""
    return f"{{{{Q{world.table.handle}[{row}].{column}{shown}}}}}"


def _typed(rnd: random.Random, world: World) -> Case | None:
    _, measure, name, value = world.pick(rnd)
    if world.measures[measure].is_change and value < 0:
        figure = write(value, _EN)
    else:
        figure = write(value, _EN) + world.unit(measure)
    said = world.measures[measure].said
    text = rnd.choice(
        [
            f"{name} had {said} of ⟦{figure}⟧.",
            f"The {said} of {name} was ⟦{figure}⟧.",
            f"At ⟦{figure}⟧, {name} leads the list.",
            f"- **{name}**: ⟦{figure}⟧",
            f"1. {name} with ⟦{figure}⟧\n2. the others",
            f"{name}\u2019s {said} came to ⟦{figure}⟧, as Q{world.table.handle} shows.",
            f"| {world.entity} | {said} |\n|---|---|\n| {name} | ⟦{figure}⟧ |",
            f"As the chart shows, it is **⟦{figure}⟧** for {name}.",
            f"As the chart shows, it is `⟦{figure}⟧` for {name}.",
        ]
    )
    return _case("typed", world, text)


def _rounded(rnd: random.Random, world: World) -> Case | None:
    _, measure, name, value = world.pick(rnd)
    if value < 0:
        return None
    if value > 5000 and rnd.random() < 0.6:
        figure = rnd.choice(
            [
                f"{write(value / 1000, _EN, 1)}k",
                f"{write(value / 1000, _EN, 1)} thousand",
                f"{write(value / 1_000_000, _EN, 3)} million",
            ]
        )
    elif world.measures[measure].places:
        figure = write(value, _EN, world.measures[measure].places - 1)
    else:
        return None
    return _case("rounded", world, f"{name} reached about ⟦{figure}⟧.")


def _two_rows(rnd: random.Random, world: World) -> Case | None:
    measure = rnd.randrange(len(world.measures))
    if world.measures[measure].is_change:
        return None
    one, two = rnd.sample(range(len(world.names)), 2)
    a, b = world.names[one], world.names[two]
    x, y = (write(world.value(r, measure), _EN) for r in (one, two))
    text = rnd.choice(
        [
            f"{a} had ⟦{x}⟧ and {b} had ⟦{y}⟧.",
            f"{a} leads with ⟦{x}⟧, followed by {b} with ⟦{y}⟧.",
            f"{a} and {b} had ⟦{x}⟧ and ⟦{y}⟧ respectively.",
            f"⟦{x}⟧ came from {a} and ⟦{y}⟧ from {b}.",
            f"While {a} reached ⟦{x}⟧, {b} stopped at ⟦{y}⟧.",
            f"{a} (⟦{x}⟧) compares with {b} (⟦{y}⟧).",
            f"- {a}: ⟦{x}⟧\n- {b}: ⟦{y}⟧",
            f"{a} is at ⟦{x}⟧, ahead of {b}.",
        ]
    )
    return _case("two rows", world, text)


def _two_columns(rnd: random.Random, world: World) -> Case | None:
    if len(world.measures) < 2:
        return None
    one, two = rnd.sample(range(len(world.measures)), 2)
    row = rnd.randrange(len(world.names))
    if world.measures[one].is_change or world.measures[two].is_change:
        return None
    name = world.names[row]
    a, b = world.measures[one].said, world.measures[two].said
    x = write(world.value(row, one), _EN) + world.unit(one)
    y = write(world.value(row, two), _EN) + world.unit(two)
    text = rnd.choice(
        [
            f"{name} had {a} of ⟦{x}⟧ and {b} of ⟦{y}⟧.",
            f"For {name}, {a} was ⟦{x}⟧ while {b} was ⟦{y}⟧.",
            f"{name}: {a} ⟦{x}⟧, {b} ⟦{y}⟧",
            f"| {world.entity} | {a} | {b} |\n|---|---|---|\n| {name} | ⟦{x}⟧ | ⟦{y}⟧ |",
        ]
    )
    return _case("two columns", world, text)


def _languages(rnd: random.Random, world: World) -> Case | None:
    _, measure, name, value = world.pick(rnd)
    if value < 0:
        return None
    tag = rnd.choice(list(_VERBS))
    figure = write(value, STYLES[tag])
    if world.measures[measure].unit == "%":
        figure += "\u00a0%"
    said = world.measures[measure].said
    text = _VERBS[tag].format(name=name, figure=figure, said=said)
    return _case("languages", world, text, tag)


def _changes(rnd: random.Random, world: World) -> Case | None:
    wanted = [i for i, measure in enumerate(world.measures) if measure.is_change]
    if not wanted:
        return None
    row = rnd.randrange(len(world.names))
    name, value = world.names[row], world.value(row, wanted[0])
    figure = write(abs(value), _EN)
    down, up = ("fell", "a drop"), ("rose", "a gain")
    verb, noun = down if value < 0 else up
    text = rnd.choice([f"{name} {verb} by ⟦{figure}⟧.", f"{name} saw {noun} of ⟦{figure}⟧."])
    return _case("changes", world, text)


def _words(rnd: random.Random, world: World) -> Case | None:
    _, _, name, value = world.pick(rnd)
    if value < 0 or value != int(value) or value > 900_000:
        return None
    if rnd.random() < 0.3:
        figure = in_german_words(int(value))
        return _case("words", world, f"{name} hatte im Mai ⟦{figure}⟧.", "de")
    return _case("words", world, f"{name} had ⟦{in_words(int(value))}⟧ of them.")


def _scripts(rnd: random.Random, world: World) -> Case | None:
    _, _, name, value = world.pick(rnd)
    if value < 0:
        return None
    figure = in_script(write(value, _EN), rnd.choice(list(SCRIPTS)))
    return _case("scripts", world, f"{name} had ⟦{figure}⟧ of them.")


def _placeholders(rnd: random.Random, world: World) -> Case | None:
    row, measure, name, _ = world.pick(rnd)
    form = rnd.choice(["", "number 1", "int", "compact", "signed 0", "2"])
    handle = world.table.handle
    column = world.measures[measure].column
    by_name = f'{{{{Q{handle}["{name}"].{column} | {form or "number"}}}}}'
    cell = rnd.choice([_cell(world, row, measure, form), by_name])
    said = world.measures[measure].said
    text = rnd.choice(
        [
            f"{name} had {said} of ⟦{cell}⟧.",
            f"The top one is {{{{Q{handle}[{row}].{world.table.columns[0]}}}}} with ⟦{cell}⟧.",
            f"At ⟦{cell}⟧ the {said} of {name} stands out.",
        ]
    )
    if world.measures[measure].unit == "%":
        text = f"{name} had ⟦{cell}⟧ %."
    return _case("placeholders", world, text, rnd.choice(list(STYLES)))


def _formulas(rnd: random.Random, world: World) -> Case | None:
    row, measure, _, _ = world.pick(rnd)
    handle, column = world.table.handle, world.measures[measure].column
    cell = f"Q{handle}[{row}].{column}"
    body = rnd.choice(
        [
            f"= {cell} / sum(Q{handle}.{column}) | pct 1",
            f"= {cell} / Q{handle}[0].{column} - 1 | pct 1",
            f"= sum(Q{handle}.{column}) | number 0",
            f"= avg(Q{handle}.{column}) | 2",
            f"= max(Q{handle}.{column}) - min(Q{handle}.{column}) | compact",
            f"= count(Q{handle}) | int",
            f"= ({cell} - Q{handle}[last].{column}) / 12 | 1",
        ]
    )
    locale = rnd.choice(list(STYLES))
    return _case("formulas", world, f"Together that makes ⟦{{{{{body}}}}}⟧ in all.", locale)


def _asked(rnd: random.Random, world: World) -> Case | None:
    row, measure, name, _ = world.pick(rnd)
    top, year = rnd.randint(2, 9), rnd.randint(2019, 2026)
    question = f"Which are the top {top} by {world.measures[measure].said} in {year}?"
    text = f"The top ⟦{top}⟧ in ⟦{year}⟧ begin with {name} at ⟦{_cell(world, row, measure)}⟧."
    return _case("asked", world, text, question=question)


def _counted(rnd: random.Random, world: World) -> Case | None:
    names = len(world.names)
    plural = {"ferry": "ferries", "kurs": "kurs"}.get(world.entity, f"{world.entity}s")
    text = rnd.choice([f"There are ⟦{names}⟧ {plural} in all.", f"The result has ⟦{names}⟧ rows."])
    return _case("counted", world, text)


def _exempt(rnd: random.Random, world: World) -> Case | None:
    row, measure, name, _ = world.pick(rnd)
    cell = _cell(world, row, measure)
    text = rnd.choice(
        [
            f"1. {name} had ⟦{cell}⟧\n2. See section 3.2\n",
            f"## 2. Findings\n{name} had ⟦{cell}⟧.",
            f"{name} had ⟦{cell}⟧.\n\n```sql\nselect 42 from x limit 10\n```\n",
            f"{name} had ⟦{cell}⟧, see Q{world.table.handle} v{world.table.version}. `limit 10`",
            f"{name} had ⟦{cell}⟧. One of the others is close; step 2 explains it.",
        ]
    )
    return _case("exempt", world, text)


_KINDS: dict[str, Telling] = {
    "typed": _typed,
    "rounded": _rounded,
    "two rows": _two_rows,
    "two columns": _two_columns,
    "languages": _languages,
    "changes": _changes,
    "words": _words,
    "scripts": _scripts,
    "placeholders": _placeholders,
    "formulas": _formulas,
    "asked": _asked,
    "counted": _counted,
    "exempt": _exempt,
}
