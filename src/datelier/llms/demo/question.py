"""Reading a question: which shape it has, and which words name measures, groups and periods."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from datelier.llms.demo.words import stem, stems, tokens

Shape = Literal[
    "redraw", "schema", "nulls", "duplicates", "why", "compare", "rank", "distinct", "rows",
    "measure", "unknown",
]  # fmt: skip
Aggregate = Literal["count", "sum", "avg", "min", "max"]
Grain = Literal["day", "week", "month", "quarter", "year"]
Mark = Literal["bar", "line", "area", "arc", "point"]

MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_GRAINS: Final[dict[str, Grain]] = {
    "day": "day", "daily": "day", "date": "day", "week": "week", "weekly": "week",
    "month": "month", "monthly": "month", "quarter": "quarter", "quarterly": "quarter",
    "year": "year", "yearly": "year", "annual": "year", "annually": "year", "time": "month",
}  # fmt: skip
_AGGREGATES: Final[tuple[tuple[str, Aggregate], ...]] = (
    (r"\b(average|avg|mean)\b", "avg"),
    (r"\b(minimum|min|lowest|smallest|cheapest|earliest)\b", "min"),
    (r"\b(maximum|max|highest|largest|most expensive|latest)\b", "max"),
    (r"\b(how many|number of|count)\b", "count"),
    (r"\b(total|sum|overall|how much)\b", "sum"),
)
_MARKS: Final[dict[str, Mark]] = {
    "bar": "bar", "column": "bar", "histogram": "bar", "line": "line", "area": "area", "pie": "arc",
    "donut": "arc", "scatter": "point",
}  # fmt: skip
_DRAW: Final = re.compile(r"\b(chart|plot|graph|draw|visuali[sz]e|diagram)\b")
_SHAPES: Final[tuple[tuple[str, Shape], ...]] = (
    (r"\b(missing|null|nulls|blank|blanks|incomplete|empty)\b", "nulls"),
    (r"\bduplicat|\brepeated rows\b", "duplicates"),
    (r"\bwhy (did|was|is|has)\b.*\b(drop|dropp?ed|fall|fell|fallen|declin\w*|decreas\w*|down|low|dip\w*|rise|rose|risen|grow|grew|increas\w*|up|jump\w*|spik\w*|high|peak\w*)\b", "why"),
    (r"\b(compare|compared|versus|vs)\b", "compare"),
    (r"\b(top|bottom|best|worst|biggest)\b|\b\d+ (largest|highest|smallest|lowest)\b|\b(which|what|who)(?! (is|was) the (highest|largest|lowest|smallest)\b) .*\b(has|have|had|with|is|are)\b.*\b(most|least|fewest|highest|largest|lowest)\b", "rank"),
    (r"\b(what|which|list|show)( me)?( the| all)? tables\b|\bdescribe\b|\bschema\b|\bwhat data\b", "schema"),
    (r"\b(distinct|unique|different|possible)\b|^(what|which) \w+( \w+)? (are|is) there\b", "distinct"),
    (r"^(please )?(show|list|display|give|see|preview)\b|\b(sample|example|first \d+|\d+ rows)\b", "rows"),
)  # fmt: skip
_DOWN: Final = re.compile(r"\b(drop|dropped|droped|fall|fell|fallen|declin|decreas|down|low|dip)")
_STOP_WORDS = (
    "a an and any few are as at be been by can chart could data did display do does draw each every find for "
    "from get give graph had has have how i in is it its let list many me my much need now number of "
    "on or our over per please plot row rows show some sort sorted split tell than that the their "
    "them then there these this those to total us using value values want was we were what when "
    "where which who with would you your across all along also avg average mean sum count minimum "
    "maximum min max lowest highest smallest largest most least share percentage percent proportion "
    "top bottom best worst biggest time trend bar line area pie column donut scatter table tables "
    "broken down grouped distinct unique different compare compared versus vs between duplicate "
    "duplicates duplicated missing null nulls why overall sample example first last instead "
    "same only just visualize visualise diagram record records entry entries exist exists possible "
    "monthly weekly daily quarterly yearly annual annually month week day quarter year date "
    "cheapest earliest latest expensive preview contain contains "
    "january february march april may june july august september october november december"
)
_STOP: Final = frozenset(_STOP_WORDS.split())
# Words that mean nothing in a sentence, but name a column after "by".
_NOT_STOP: Final = frozenset({"column", "table", "value", "number", "line", "area", "share"})
_BY: Final = re.compile(
    r"\b(?:by|per|for each|for every|across|grouped by|split by)\s+(.+?)"
    r"(?=$|[.?!;]|\b(?:as|in|for|where|with|from|during|since|and their|and the|over|by|per|using|sorted|compare)\b)"
)
_FILTER: Final = re.compile(
    r"\b(?:where|with|for|when|whose|and|in)\s+(?:the\s+)?(\w[\w ]{0,40}?)\s*"
    r"(>=|<=|>|<|=|\bis\b|\bequals\b|\bover\b|\babove\b|\bunder\b|\bbelow\b|\bmore than\b|\bless than\b)\s*"
    r"(?:\"([^\"]+)\"|'([^']+)'|([\w.-]+))"
)
_OPERATORS: Final = {
    "is": "=", "equals": "=", "over": ">", "above": ">", "more than": ">", "under": "<",
    "below": "<", "less than": "<",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """A month and/or a year that a question names."""

    month: int | None
    year: int | None


@dataclass(frozen=True, slots=True)
class Filter:
    """`phrase` names a column; `value` is what it is compared with."""

    phrase: tuple[str, ...]
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What a question asks for; words are stems that still have to be found in a schema."""

    text: str
    shape: Shape
    words: tuple[str, ...]
    aggregate: Aggregate | None = None
    groups: tuple[tuple[str, ...], ...] = ()
    grain: Grain | None = None
    limit: int | None = None
    ascending: bool = False
    share: bool = False
    chart: bool = False
    mark: Mark | None = None
    down: bool = True
    periods: tuple[Period, ...] = ()
    filters: tuple[Filter, ...] = field(default=())


def read_question(text: str) -> Ask:
    """Return what `text` asks for, as far as its shape goes."""
    plain = re.sub(r"\s+", " ", text.strip().lower().replace("-", " "))
    filters = _filters(plain)
    unfiltered = _FILTER.sub(" ", plain) if filters else plain
    groups, grain = _groups(unfiltered)
    mark = _mark(plain)
    bare = not groups and grain is None
    shape = _shape(plain, bare and (mark is not None or bool(_DRAW.search(plain))), unfiltered)
    count = re.search(r"\b(?:top|bottom|first|sample|show|list)\b\D{0,20}?(\d{1,4})\b|\b(\d{1,4}) (?:rows|examples|largest|highest|biggest|smallest|lowest|best|worst)\b", plain)  # fmt: skip
    return Ask(
        text=text,
        shape=shape,
        words=_content(unfiltered),
        aggregate=next((a for pattern, a in _AGGREGATES if re.search(pattern, plain)), None),
        groups=groups,
        grain=grain,
        limit=int(count.group(1) or count.group(2)) if count else None,
        ascending=bool(
            shape == "rank" and re.search(r"bottom|worst|smallest|lowest|least|fewest", plain)
        ),
        share=bool(re.search(r"\b(share|percent|percentage|proportion)\b|%", plain)),
        chart=mark is not None or bool(_DRAW.search(plain)),
        mark=mark,
        down=bool(_DOWN.search(plain)),
        periods=_periods(plain),
        filters=filters,
    )


def _mark(plain: str) -> Mark | None:
    for word, mark in _MARKS.items():
        if re.search(rf"\b{word}( chart| graph| plot)\b|\bas (a |an )?{word}\b", plain):
            return mark
    return None


def _shape(plain: str, draws: bool, unfiltered: str) -> Shape:
    if draws and not _content(unfiltered):
        return "redraw"
    for pattern, shape in _SHAPES:
        if re.search(pattern, plain):
            # "show me revenue by month" asks for a measure, not for rows.
            if shape in {"rows", "distinct"} and _asks_measure(plain):
                return "measure"
            return shape
    return "measure" if _content(unfiltered) or _GRAINS.keys() & set(tokens(plain)) else "unknown"


def _asks_measure(plain: str) -> bool:
    return any(re.search(pattern, plain) for pattern, _ in _AGGREGATES) or bool(
        re.search(r"\b(by|per|over time|trend)\b", plain)
    )


def _content(text: str) -> tuple[str, ...]:
    words = [word for word in tokens(text) if word not in _STOP and not word.isdigit()]
    return tuple(dict.fromkeys(stem(word) for word in words))


def _groups(plain: str) -> tuple[tuple[tuple[str, ...], ...], Grain | None]:
    grain: Grain | None = None
    groups: list[tuple[str, ...]] = []
    for match in _BY.finditer(plain):
        for phrase in re.split(r"\band\b|,", match.group(1)):
            words = [w for w in stems(phrase) if w in _GRAINS or w not in _STOP or w in _NOT_STOP]
            if len(words) == 1 and words[0] in _GRAINS:
                grain = _GRAINS[words[0]]
            elif words:
                groups.append(tuple(words))
    if grain is None:
        adverb = re.search(r"\b(daily|weekly|monthly|quarterly|yearly|annual|annually)\b", plain)
        grain = _GRAINS[adverb.group()] if adverb else None
    if grain is None and re.search(r"\b(over time|trend|timeline|develop\w*)\b", plain):
        grain = "month"
    return tuple(groups), grain


def _periods(plain: str) -> tuple[Period, ...]:
    found: list[Period] = []
    pattern = rf"\b({'|'.join(MONTHS)})\b(?: (\d{{4}}))?|\b((?:19|20)\d{{2}})\b"
    for match in re.finditer(pattern, plain):
        if match.group(1) == "may" and re.search(r"\bmay (i|we|you|have|be)\b", plain):
            continue
        month = MONTHS.index(match.group(1)) + 1 if match.group(1) else None
        year = match.group(2) or match.group(3)
        found.append(Period(month, int(year) if year else None))
    return tuple(dict.fromkeys(found))


def _filters(plain: str) -> tuple[Filter, ...]:
    found: list[Filter] = []
    for match in _FILTER.finditer(plain):
        operator = _OPERATORS.get(match.group(2), match.group(2))
        value = match.group(3) or match.group(4) or match.group(5)
        phrase = tuple(word for word in stems(match.group(1)) if word not in {"the", "only"})
        if phrase and value:
            found.append(Filter(phrase, operator, value))
    return tuple(found)
