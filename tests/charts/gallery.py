"""Every case ruled and drawn: what an honest chart becomes, and what a hostile one can do."""

from tests.charts.corpus import Case, Ruling, faults, ruled
from tests.charts.page import Easel

_TOO_MUCH = frozenset({"enormous", "deep nesting"})
_SHOWS = frozenset({"unit", "layer", "composition"})


def misses(easel: Easel, case: Case) -> list[str]:
    """Return what went wrong with a case, in words; nothing when all is well."""
    ruling = ruled(case)
    found = faults(case, ruling)
    if ruling.kept is not None:
        found += _drawn(easel, case, ruling)
    elif case.kind not in _TOO_MUCH:
        # The second wall alone: the page is given what the first one refused.
        easel.draw(case.spec, list(case.rows))
        found += _quiet(easel)
    return found


def _drawn(easel: Easel, case: Case, ruling: Ruling) -> list[str]:
    theme, width = (("light", 700), ("dark", 340))[case.number % 2]
    outcome = easel.draw(ruling.kept, list(case.rows), theme=theme, width=width)
    if outcome["error"] is not None:
        return [f"not drawn: {outcome['error'][:300]}", *_quiet(easel)]
    found: list[str] = []
    if outcome["width"] < 1 or outcome["height"] < 1:
        found.append(f"{outcome['width']} x {outcome['height']} pixels")
    if outcome["marks"] == 0 and _must_show(case):
        found.append("nothing was drawn")
    if not outcome["description"]:
        found.append("no description")
    if outcome["dropped"]:
        found.append(f"the page dropped what the server accepted: {outcome['dropped']}")
    return found + _quiet(easel)


def _must_show(case: Case) -> bool:
    """Whether there is something to draw: one value alone has no deviation and no error bar."""
    single = any(word in str(case.spec) for word in ("stdev", "errorbar"))
    whole = any(None not in row.values() for row in case.rows)
    return case.kind in _SHOWS and whole and not single


def _quiet(easel: Easel) -> list[str]:
    return [f"asked the network for {url}" for url in easel.elsewhere] + easel.errors


def describe(case: Case, found: list[str]) -> str:
    """Return a miss as a person reads it."""
    return (
        f"{case.number} {case.kind} ({case.wanted}): {'; '.join(found)}\n    {str(case.spec)[:600]}"
    )
