"""Every prompt of the analyst graph: what each node is told, one function for each."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from datelier.chat.analyst.state import THINKING, Finding, Route
from datelier.chat.prompts import CARDS, FIGURES, GUARD, fenced

_DIGEST: Final = 3_000  # characters about sources for nodes that run no queries
_COLUMNS: Final = 8

_ROUTER: Final = """\
You sort questions to a data analyst. You never answer them. Reply with one JSON object:
{"intent": "…", "reasoning": "…", "missing_slots": [], "language": "…", "confidence": 0.0}

intent is one of these; where several fit, the first of this order wins:
out_of_scope, clarify, quick_answer, research, explain, direct.
- out_of_scope: has nothing to do with the data below, and is no small talk.
- clarify: asks for data, but can be read in two ways that give different numbers, or leaves out
  something without which no query can be written. Name what is missing in missing_slots, such as
  "measure", "period", "which of two tables". Never for words like "these", "those" or "that" about
  data that was just shown, never when one reading is clearly the usual one, and never twice in a
  row: after an answer to your question, go on.
- quick_answer: one value, one short comparison or one short series that one query gives.
- research: everything else that needs queries: several steps, reasons, rankings over groups of
  regions or periods, whatever asks for a chart, and questions about "these", "those" or "that" of
  data shown before.
- explain: asks what something means or how it is measured, which tables, columns or definitions
  there are: what would be the same whatever the rows hold.
- direct: greetings, thanks, questions about yourself or this conversation.

reasoning: one or two English sentences, whatever the language of the question; a person reads them.
language: code of the language of the last question, such as en, de or fr; en when it cannot be told.
confidence: from 0 to 1.
Do not let a question's framing decide: a question that assumes its answer, or pleads for a
treatment, is sorted by what it needs.
"""

_DATA: Final = """\
You find the data that answers a question. Somebody else writes the answer from your results: your
own words are notes that only they read.

How you work
- Numbers and facts come from queries. Never guess, never compute in your head what a query can
  compute, never invent a table, a column or a value: look with the tools when unsure.
- Write plain SELECT statements in the source's dialect. Ask for aggregates rather than many rows,
  and name output columns so that people understand them.
- When a query fails, read the error, correct the statement and try again, at most three times.
  Never repeat a query that has worked.
- When nothing is said about the time, take the newest data there is and say so.
- When you have what is needed, stop calling tools and note in a few lines what each result shows,
  what was cut off, and what is missing. If the sources cannot answer the question, say why.
"""

_QUICK: Final = """\
This question needs one value, a short comparison or a short series
- One query is usually enough; you have at most {rounds} rounds of tools.
- Give the result the shape of the answer: one row for one value; a name and a number per row for
  a comparison; a period and a number per row, in order, for a development.
"""

_RESEARCH: Final = """\
This question needs research; you have at most {rounds} rounds of tools
- A, one value: at most 3 queries. B, a comparison of a few things: at most 4, all of them in one
  query where that can be. C, a development over time: at most 3. D, groups, regions or several
  measures: at most 8, never one query per group. E, a ranking or a search for the largest: at
  most 5. F, a reason why: at most 5: measure the change first, then split it by what may explain it.
- Ask independent queries in one round.
- Charts are drawn later; run the query that a chart needs.
"""

_EXPLAIN: Final = """\
This question is about what the data means, not about what it says
- You see names, types, comments and definitions, and run no queries. At most {rounds} rounds of
  tools.
- Note what the tables, columns and definitions say. Where they are silent, say so instead of
  guessing.
"""

_NARRATOR: Final = """\
You write the answer to a question about the user's data, from what was found. You run no queries.

How you answer
- {language} Short, the answer first.
- Only what is under "What was found" or among the earlier results is known. What is not there is
  not known: say so.
"""

_LIMITS: Final = """\
- Where it matters, end with the sources and with what limits the answer: rows that were cut, data
  that is missing, the newest period. No headings for less than three sentences.
"""

_CARD: Final = """\
- The reader sees a card with the figures above your text. Say in one or two sentences what they
  mean; no chart, no list.
"""

_CHARTS: Final = """\
- Draw a chart when one was asked for, or when a comparison or a development is easier to see than
  to read; several where the question has several parts. Draw before you write.
"""

_DOCUMENTS: Final = """\
- Write or change a document only when the user asks for one, such as a report, a memo or a file.
  Then say in a sentence or two what it holds, and show it with {{card D1}} on a line of its own.
"""

_EXPLAINED: Final = """\
- Explain in plain words. No chart, and no figure that no result holds.
"""

_DIRECT: Final = """\
You are {agent}, who answers questions about the user's data. This message needs no query.

How you answer
- {language} One to three friendly sentences, without headings.
- State no facts and no figures about the data: to know one, a query has to be run, and the user
  only has to ask.
"""

_CLARIFIER: Final = """\
You ask the user back, because their question cannot be answered as it stands.

How you ask
- {language} Exactly one short question, in one sentence.
- Then {least} to {most} answers to choose from, each on a line of its own, numbered 1. 2. 3.,
  each short, different, and possible with the data below. Nothing else, no figures of the data.
"""

_SUGGESTER: Final = """\
You tell the user kindly that their question is not one that is answered here, and lead back.

How you answer
- {language} One or two sentences: what you cannot do and why, without blame and without figures.
- Then 1 to {most} questions that the data below does answer, as near to theirs as can be, each on
  a line of its own, numbered 1. 2. 3.
"""

_FOLLOWUPS: Final = """\
You propose what the user might ask next about their data.
{language} Reply with {least} to {most} questions, each on a line of its own, numbered 1. 2. 3., and
nothing else. Each is short, can be answered with the data below, goes on from the answer, and was
not asked before. No figures.
"""

_SUMMARIZER: Final = """\
You keep the notes of a conversation between a user and a data analyst. Write them anew from the
notes so far and the messages: what was asked, what was found and in which results (Q1, C1), what was
decided about meanings, periods and filters, what is still open. At most 200 words, in the language of
the conversation. Keep figures out: they are kept in the results. Reply with the notes alone.
"""

_RECOVERY: Final = """\
Somebody looked for data that answers a question, and found none. Decide what the user is told. Reply
with one JSON object: {"action": "…", "reason": "…", "explanation": "…", "nearest": "…"}
- action: "answer" when the notes answer the question after all; "clarify" when the user can say
  something that would help; "refuse" when the sources cannot answer it.
- reason: "unanswerable" when the data is not there, "ambiguous" when the question can be read in
  ways that contradict each other, "not_permitted" when the data is there and may not be read.
- explanation: one sentence for the user: why. {language} No figures.
- nearest: the nearest question that the data below can answer, or null.
"""


_UNWATCHED_SEARCH: Final = """\
Nobody is watching
- This is a goal to reach in the background, not a question in a conversation. Nobody answers
  questions in your notes: what only a person can tell you, you ask with request_human if you have
  it, once and completely.
"""

_UNWATCHED_WORDS: Final = """\
Nobody is watching
- You report on a goal that was worked on in the background; people read it later. Ask nothing back.
  Say in a few sentences what was done, what was found, and what remains.
"""


def language_rule(language: str | None) -> str:
    """Return the sentence that says in which language to write."""
    if language is None:
        return "Write in the language of the user's last message."
    return f"Write in the language with the code “{language}”."


def digest(sources: Mapping[str, Any]) -> str:
    """Return the sources in a few lines, for nodes that only have to know what there is.

    Args:
        sources: As :func:`datelier.sources.grounding.grounding` gives them as data.
    """
    lines: list[str] = []
    room = _DIGEST
    for source in sources.get("sources") or ():
        lines.append(f"Source {source['name']}")
        tables: Sequence[Mapping[str, Any]] = source.get("tables") or ()
        for place, table in enumerate(tables):
            names = [str(column["name"]) for column in table.get("columns") or ()]
            more = ", …" if len(names) > _COLUMNS else ""
            line = f"- {table['name']} ({', '.join(names[:_COLUMNS])}{more})"
            room -= len(line)
            if room < 0:
                lines.append(f"- and {len(tables) - place} more tables")
                break
            lines.append(line)
    return "\n".join(lines) or "No source is attached to this chat."


def router_prompt() -> str:
    """Return the rules by which questions are sorted."""
    return f"{_ROUTER}\n{GUARD}"


def data_prompt(node: str, *, rounds: int) -> str:
    """Return what a node is told that looks for data: ``quick_answer``, ``research``, ``explain``."""
    own = {"quick_answer": _QUICK, "research": _RESEARCH, "explain": _EXPLAIN}[node]
    return f"{_DATA}\n{own.format(rounds=rounds)}\n{GUARD}"


def narrator_prompt(route: Route, *, carded: bool, documents: bool = False) -> str:
    """Return what the writer of answers is told.

    Args:
        route: How the question is answered, and in which language.
        carded: The reader sees a card of the figures.
        documents: The writer has tools for documents.
    """
    if route["intent"] == "explain":
        kind = _EXPLAINED
    elif carded:
        kind = _CARD
    else:
        kind = _CHARTS + _LIMITS
    if documents:
        kind += _DOCUMENTS
    head = _NARRATOR.format(language=language_rule(route["language"]))
    return f"{head}{kind}{FIGURES}{CARDS}\n{GUARD}"


def direct_prompt(agent: str, language: str | None, *, documents: bool = False) -> str:
    """Return what small talk is answered by.

    Args:
        agent: Its name.
        language: In which it answers.
        documents: It has tools for documents.
    """
    head = _DIRECT.format(agent=agent, language=language_rule(language))
    if documents:
        head += _DOCUMENTS
    return f"{head}{FIGURES}\n{GUARD}"


def clarifier_prompt(language: str | None, *, least: int, most: int) -> str:
    """Return how the user is asked back."""
    head = _CLARIFIER.format(language=language_rule(language), least=least, most=most)
    return f"{head}\n{GUARD}"


def suggester_prompt(language: str | None, *, most: int) -> str:
    """Return how a question is declined."""
    return f"{_SUGGESTER.format(language=language_rule(language), most=most)}\n{GUARD}"


def followups_prompt(language: str | None, *, least: int, most: int) -> str:
    """Return how further questions are proposed."""
    head = _FOLLOWUPS.format(language=language_rule(language), least=least, most=most)
    return f"{head}\n{GUARD}"


def summarizer_prompt() -> str:
    """Return how the notes of a conversation are kept."""
    return f"{_SUMMARIZER}\n{GUARD}"


def recovery_prompt(language: str | None) -> str:
    """Return how a search that found nothing is judged."""
    # Not `format`: the text shows JSON.
    return f"{_RECOVERY.replace('{language}', language_rule(language))}\n{GUARD}"


def unwatched_section(node: str) -> str:
    """Return what a node is told about a run in the background."""
    return (_UNWATCHED_SEARCH if node in THINKING else _UNWATCHED_WORDS).strip()


def instructions_section(instructions: str) -> str:
    """Return the agent's own instructions."""
    return f"Instructions of this agent\n{instructions.strip()}"


def digest_section(sources: Mapping[str, Any]) -> str:
    """Return what there is, marked as data."""
    return f"The data\n{fenced(digest(sources))}"


def summary_section(summary: str) -> str:
    """Return the notes of what was said before the messages that follow, marked as data."""
    return f"Earlier in this conversation\n{fenced(summary)}"


def packet_section(packet: str) -> str:
    """Return what was found, marked as data."""
    return f"What was found\n{fenced(packet or 'Nothing.')}"


def missing_section(slots: Sequence[str], reasoning: str) -> str:
    """Return what a question leaves open."""
    named = ", ".join(slots) or "not said"
    return f"What is missing\n{fenced(f'{named}. {reasoning}')}"


def refusal_section(finding: Finding) -> str:
    """Return why a question cannot be answered."""
    nearest = f" Nearest question: {finding['nearest']}" if finding["nearest"] else ""
    return f"Why it cannot be answered\n{fenced(finding['explanation'] + nearest)}"
