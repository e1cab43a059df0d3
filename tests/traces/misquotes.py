"""300 ways to misquote a result."""

import random
from dataclasses import replace
from decimal import Decimal

from tests.traces.corpus import Case, Telling, in_turn
from tests.traces.phrases import (
    SCRIPTS,
    STYLES,
    in_german_words,
    in_script,
    in_words,
    rounded,
    write,
)
from tests.traces.worlds import World

_EN = STYLES["en"]


def misquotes(seed: int, count: int) -> list[Case]:
    """Misquotes of every kind in turn."""
    return in_turn(_KINDS, seed, count)


def _sentence(rnd: random.Random, world: World, name: str, measure: int, figure: str) -> str:
    said = world.measures[measure].said
    return rnd.choice(
        [
            f"{name} had {said} of ⟦{figure}⟧.",
            f"The {said} of {name} was ⟦{figure}⟧, which stands out.",
            f"At ⟦{figure}⟧, {name} leads.",
            f"- **{name}**: ⟦{figure}⟧ ({said})",
            f"{name} reached ⟦{figure}⟧ in {said}.",
            f"By far the most interesting is {name}, with ⟦{figure}⟧.",
            f"| {world.entity} | {said} |\n|---|---|\n| {name} | ⟦{figure}⟧ |",
        ]
    )


def _case(kind: str, world: World, text: str, locale: str = "en") -> Case:
    return Case(kind, text, [world.table], locale=locale)


def _untrue(world: World, value: Decimal, places: int) -> bool:
    """Whether no number of the result looks like this one."""
    everything = [
        world.value(row, m) for row in range(len(world.names)) for m in range(len(world.measures))
    ]
    return all(rounded(abs(one), places) != rounded(abs(value), places) for one in everything)


def _wrong_digit(rnd: random.Random, world: World) -> Case | None:
    _, measure, name, value = world.pick(rnd)
    text = str(value)
    at = rnd.choice([i for i, sign in enumerate(text) if sign.isdigit()])
    changed = text[:at] + rnd.choice([d for d in "123456789" if d != text[at]]) + text[at + 1 :]
    wrong = Decimal(changed)
    if not _untrue(world, wrong, world.measures[measure].places):
        return None
    figure = write(wrong, _EN) + world.unit(measure)
    return _case("wrong digit", world, _sentence(rnd, world, name, measure, figure))


def _wrong_row(rnd: random.Random, world: World) -> Case | None:
    row, measure, _, value = world.pick(rnd)
    other = rnd.choice([n for i, n in enumerate(world.names) if i != row])
    figure = write(value, _EN) + world.unit(measure)
    return _case("wrong row", world, _sentence(rnd, world, other, measure, figure))


def _rounding(rnd: random.Random, world: World) -> Case | None:
    _, measure, name, value = world.pick(rnd)
    how = rnd.choice(["cut", "up", "thousands", "tens"])
    if how == "thousands" and abs(value) > 3000:
        wrong = rounded(value / 1000, 1) + rnd.choice([Decimal("0.1"), Decimal("-0.1")])
        figure = f"{write(wrong, _EN)}k"
        return _case("rounding", world, _sentence(rnd, world, name, measure, figure))
    if how == "tens" and abs(value) > 100:
        wrong = (value / 10).quantize(Decimal(1)) * 10 + rnd.choice([0, 10, -10])
    elif world.measures[measure].places:
        wrong = rounded(value, 0) + (1 if how == "up" else -1)
    else:
        return None
    if not _untrue(world, wrong, 0):
        return None
    return _case("rounding", world, _sentence(rnd, world, name, measure, write(wrong, _EN)))


def _unit_wrong(rnd: random.Random, world: World) -> Case | None:
    _, measure, name, value = world.pick(rnd)
    own = world.measures[measure].unit
    others = ["%", " EUR", " USD", " kg", " hours", " km", " million", " k", " tonnes", " days"]
    unit = rnd.choice([u for u in others if u.strip() != own])
    figure = write(value, _EN) + (unit if unit != " k" else "k")
    if rnd.random() < 0.2 and own not in {"EUR", "USD"}:
        figure = rnd.choice("€$£¥") + write(value, _EN)
    return _case("unit", world, _sentence(rnd, world, name, measure, figure))


def _sign(rnd: random.Random, world: World) -> Case | None:
    _, measure, name, value = world.pick(rnd)
    if world.measures[measure].is_change:
        verb = "rose" if value < 0 else "fell"
        figure = write(abs(value), _EN)
        text = rnd.choice(
            [
                f"{name} {verb} by ⟦{figure}⟧.",
                f"{name} had a net change of ⟦{write(-value, _EN)}⟧.",
                f"The net change of {name} was ⟦{write(-value, _EN)}⟧.",
            ]
        )
        if "net change" in text and value > 0:
            text = f"{name} had a net change of ⟦\u2212{figure}⟧."
        return _case("sign", world, text)
    figure = rnd.choice(["-", "\u2212"]) + write(value, _EN) + world.unit(measure)
    return _case("sign", world, _sentence(rnd, world, name, measure, figure))


def _swapped_names(rnd: random.Random, world: World) -> Case | None:
    measure = rnd.randrange(len(world.measures))
    if world.measures[measure].is_change:
        return None
    one, two = rnd.sample(range(len(world.names)), 2)
    a, b = world.names[one], world.names[two]
    x, y = (write(world.value(r, measure), _EN) for r in (two, one))
    said = world.measures[measure].said
    text = rnd.choice(
        [
            f"{a} had ⟦{x}⟧ and {b} had ⟦{y}⟧.",
            f"{a} leads with ⟦{x}⟧, followed by {b} with ⟦{y}⟧.",
            f"{a} and {b} had ⟦{x}⟧ and ⟦{y}⟧ respectively.",
            f"⟦{x}⟧ came from {a} and ⟦{y}⟧ from {b}.",
            f"{said.capitalize()}: {a} ⟦{x}⟧, {b} ⟦{y}⟧.",
            f"While {a} reached ⟦{x}⟧, {b} stopped at ⟦{y}⟧.",
            f"Compared with {a} (⟦{x}⟧), {b} (⟦{y}⟧) looks different.",
            f"{a} ({said}: ⟦{x}⟧) beats {b} ({said}: ⟦{y}⟧).",
            f"- {a}: ⟦{x}⟧\n- {b}: ⟦{y}⟧",
            f"At ⟦{x}⟧, {a} is ahead of {b}.",
            f"Ahead of {b}, {a} reached ⟦{x}⟧.",
        ]
    )
    return _case("swapped names", world, text)


def _swapped_columns(rnd: random.Random, world: World) -> Case | None:
    if len(world.measures) < 2:
        return None
    one, two = rnd.sample(range(len(world.measures)), 2)
    if world.measures[one].is_change or world.measures[two].is_change:
        return None
    row = rnd.randrange(len(world.names))
    name = world.names[row]
    a, b = world.measures[one].said, world.measures[two].said
    x, y = write(world.value(row, two), _EN), write(world.value(row, one), _EN)
    text = rnd.choice(
        [
            f"{name} had {a} of ⟦{x}⟧ and {b} of ⟦{y}⟧.",
            f"For {name}, {a} was ⟦{x}⟧ while {b} was ⟦{y}⟧.",
            f"{name}: {a} ⟦{x}⟧, {b} ⟦{y}⟧",
            f"{name} shows {a} of ⟦{x}⟧.",
            f"| {world.entity} | {a} | {b} |\n|---|---|---|\n| {name} | ⟦{x}⟧ | ⟦{y}⟧ |",
        ]
    )
    return _case("swapped columns", world, text)


def _invented_percentage(rnd: random.Random, world: World) -> Case | None:
    _, _, name, _ = world.pick(rnd)
    percent = Decimal(rnd.randint(11, 999)) / 10
    if not _untrue(world, percent, 1):
        return None
    shown = rnd.choice([f"{percent}%", f"{percent} %", f"{percent} percent", f"{percent}pp"])
    text = rnd.choice(
        [
            f"{name} accounts for ⟦{shown}⟧ of the total.",
            f"{name} is ⟦{shown}⟧ above the others.",
            f"That is a rise of ⟦{shown}⟧ for {name}.",
            f"{name} grew ⟦{shown}⟧ year over year.",
            f"About ⟦{rnd.choice(['two thirds', 'half', 'a third'])}⟧ of it comes from {name}.",
            f"{name} ⟦{rnd.choice(['doubled', 'tripled'])}⟧ since then.",
            f"{name} has ⟦{rnd.choice(['twice', '3x', 'three times'])}⟧ as much as before.",
        ]
    )
    return _case("invented percentage", world, text)


def _number_words(rnd: random.Random, world: World) -> Case | None:
    _, measure, name, value = world.pick(rnd)
    if value < 0 or value > 900_000:
        return None
    wrong = int(value) + rnd.choice([-3, -2, 2, 3, 10, 20])
    if not _untrue(world, Decimal(wrong), 0):
        return None
    said = world.measures[measure].said
    if rnd.random() < 0.3:
        figure = in_german_words(wrong)
        return _case("number words", world, f"{name} hatte im Mai ⟦{figure}⟧.", "de")
    text = _sentence(rnd, world, name, measure, in_words(wrong))
    return _case("number words", world, text.replace("At ⟦", "With ⟦").replace(said, said))


def _scripts(rnd: random.Random, world: World) -> Case | None:
    _, measure, name, value = world.pick(rnd)
    wrong = value + rnd.choice([-2, 2, 5, 11])
    if not _untrue(world, wrong, world.measures[measure].places):
        return None
    script = rnd.choice(list(SCRIPTS))
    figure = in_script(write(wrong, _EN), script)
    return _case("other scripts", world, _sentence(rnd, world, name, measure, figure))


def _disguised(rnd: random.Random, world: World) -> Case | None:
    """Figures that a reader sees and a careless scanner does not."""
    _, measure, name, value = world.pick(rnd)
    wrong = write(value + rnd.choice([2, 5, 30]), _EN)
    if not _untrue(world, Decimal(wrong.replace(",", "")), world.measures[measure].places):
        return None
    figure = rnd.choice(
        [
            "\u200b".join(wrong),
            "".join(f"&#{ord(sign)};" for sign in wrong),
            f"**{wrong}**",
            f"`{wrong}`",
            f"({wrong})",
            f"~{wrong}",
            f"≈{wrong}",
            f"“{wrong}”",
        ]
    )
    return _case("disguised", world, f"{name} had ⟦{figure}⟧ in all.")


def _around_a_placeholder(rnd: random.Random, world: World) -> Case | None:
    row, measure, name, value = world.pick(rnd)
    column = world.measures[measure].column
    cell = f"{{{{Q{world.table.handle}[{row}].{column} | number}}}}"
    figure = rnd.choice([f"{cell}0", f"1{cell}", f"{cell}k", f"{cell} million", f"-{cell}"])
    if figure.startswith("-") and value < 0:
        return None
    other = rnd.choice([n for i, n in enumerate(world.names) if i != row])
    if rnd.random() < 0.3:
        return _case("around a placeholder", world, f"{other} had ⟦{cell}⟧.")
    return _case("around a placeholder", world, f"{name} had ⟦{figure}⟧.")


def _missing_cell(rnd: random.Random, world: World) -> Case | None:
    row, measure, name, _ = world.pick(rnd)
    column, handle = world.measures[measure].column, world.table.handle
    body = rnd.choice(
        [
            f"Q{handle}[{len(world.names) + row}].{column}",
            f"Q{handle}[{row}].no_such_column",
            f"Q{handle + 50}[0].{column}",
            f"= Q{handle}[{row}].{column} / 0",
            f"= Q{handle}[{row}].{column} / (Q{handle}[0].{column} - Q{handle}[0].{column})",
            f"= 1234 + Q{handle}[{row}].{column}",
            "= 4711",
            f"Q{handle}[{row}].{column} | banana",
            f"Q{handle}[{row}.{column}",
        ]
    )
    return _case("no such cell", world, f"{name} had ⟦{{{{{body}}}}}⟧.")


def _year_as_amount(rnd: random.Random, world: World) -> Case | None:
    """An amount that looks like the year that the query was about."""
    _, measure, name, _ = world.pick(rnd)
    year = rnd.randint(2018, 2026)
    if world.measures[measure].is_change or not _untrue(world, Decimal(year), 0):
        return None
    asked = f"SELECT * FROM t WHERE year = {year}"
    table = replace(world.table, facts={**world.table.facts, "sql": asked})
    text = rnd.choice(
        [
            _sentence(rnd, world, name, measure, str(year)),
            f"{name} sold ⟦{year}⟧ of them.",
            f"⟦{year}⟧ came from {name}.",
            f"The {world.measures[measure].said} of {name} rose to ⟦{year}⟧.",
            f"{name}: ⟦{year}⟧",
        ]
    )
    return Case("year as amount", text, [table])


def _wrong_column(rnd: random.Random, world: World) -> Case | None:
    """A placeholder of the right row, said to be what another column measures."""
    if len(world.measures) < 2:
        return None
    row, measure, name, _ = world.pick(rnd)
    other = rnd.choice([i for i in range(len(world.measures)) if i != measure])
    told, filled = world.measures[measure], world.measures[other]
    if told.is_change or filled.is_change:
        return None
    cell = f"{{{{Q{world.table.handle}[{row}].{filled.column} | number}}}}"
    text = rnd.choice(
        [
            f"The {told.said} of {name} was ⟦{cell}⟧.",
            f"{name} had {told.said} of ⟦{cell}⟧.",
            f"{name} reached ⟦{cell}⟧ in {told.said}.",
            f"| {world.entity} | {told.said} |\n|---|---|\n| {name} | ⟦{cell}⟧ |",
        ]
    )
    return _case("wrong column", world, text)


def _rank(rnd: random.Random, world: World) -> Case | None:
    """A place in the list that is not the place by what the sentence ranks by."""
    row, measure, name, value = world.pick(rnd)
    higher = sum(world.value(other, measure) > value for other in range(len(world.names)))
    if higher == row or row > 8:
        return None
    ordinal = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th")[row]
    said = world.measures[measure].said
    text = rnd.choice([f"{name} ranks ⟦{ordinal}⟧ by {said}.", f"{name} is ⟦{ordinal}⟧ in {said}."])
    return _case("rank", world, text)


_KINDS: dict[str, Telling] = {
    "wrong digit": _wrong_digit,
    "wrong row": _wrong_row,
    "rounding": _rounding,
    "unit": _unit_wrong,
    "sign": _sign,
    "swapped names": _swapped_names,
    "swapped columns": _swapped_columns,
    "invented percentage": _invented_percentage,
    "number words": _number_words,
    "other scripts": _scripts,
    "disguised": _disguised,
    "around a placeholder": _around_a_placeholder,
    "no such cell": _missing_cell,
    "year as amount": _year_as_amount,
    "rank": _rank,
    "wrong column": _wrong_column,
}
