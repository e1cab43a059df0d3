"""What an answer has beside text and queries, on a terminal: cards, ways to go on, refusals."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import click

from datelier.chat.refusal_reasons import REFUSAL_REASONS
from datelier.kit.hidden import without_controls

LISTED: Final = "followups"
"""The id of the text that lists follow-ups for clients that show text alone."""


@dataclass(slots=True)
class Extras:
    """The parts of an answer that few answers have, as far as its log has told."""

    cards: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    documents: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    followups: list[str] = field(default_factory=list[str])
    options: dict[str, Any] | None = None
    refusal: dict[str, Any] | None = None
    intent: dict[str, Any] | None = None

    def take(self, part: dict[str, Any]) -> None:
        """Take a `data-*` part; unknown ones change nothing."""
        data = part["data"]
        match part["type"]:
            case "data-card":
                self.cards[part["id"]] = data
            case "data-definition":
                self.definitions[part["id"]] = data
            case "data-document":
                self.documents[part["id"]] = data
            case "data-followups":
                self.followups = data["questions"]
            case "data-options":
                self.options = data
            case "data-refusal":
                self.refusal = data
            case "data-intent":
                self.intent = data
            case _:
                pass

    def as_json(self) -> dict[str, Any]:
        """Return the keys that `--json` has for them."""
        return {
            "intent": self.intent,
            "cards": list(self.cards.values()),
            "followups": self.followups,
            "options": self.options,
            "refusal": self.refusal,
            "definitions": list(self.definitions.values()),
            "documents": list(self.documents.values()),
        }

    @property
    def card_text(self) -> str:
        """The cards in words, without their receipts."""
        return "\n\n".join("\n".join(line for line, _ in lines(c)) for c in self.cards.values())


def lines(card: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield a card line by line, each with the receipt of its value; the title has none."""
    query, unit = card["query"], f" {card['unit']}" if card["unit"] else ""
    where = f"{query['handle']} v{query['version']}"

    def value(label: str, one: dict[str, Any]) -> tuple[str, str]:
        return f"{label}  {one['text']}{unit}", _receipt(where, one)

    if card["kind"] == "single_fact":
        about = [card["title"], card["subject"], card["period"]]
        yield value(", ".join(part for part in about if part), card["value"])
        return
    yield f"{card['title']} ({card['dimension']})" if card["dimension"] else card["title"], ""
    if card["kind"] == "comparison":
        for entry in card["entries"]:
            yield value(f"  {entry['label']}", entry["value"])
        if card["delta"]:
            yield _difference("  Difference", card["delta"])
        return
    for group in card["groups"]:
        if group["label"]:
            yield f"  {group['label']}", ""
        for point in group["points"]:
            yield value(f"    {point['x']}", point["value"])
        yield _difference(f"    {group['direction'].capitalize()}", group["change"])


def _difference(label: str, delta: dict[str, Any]) -> tuple[str, str]:
    percent = f" ({delta['percent_text']})" if delta["percent_text"] else ""
    formula = f"= {delta['formula']}" if delta["formula"] else ""
    return f"{label}  {delta['text']}{percent}", formula


def _receipt(where: str, value: dict[str, Any]) -> str:
    ref = value["ref"]
    row = ", ".join(ref["key"].values()) or f"row {ref['row'] + 1}"
    return f"{where}: {row}, {ref['column']}"


def show_card(card: dict[str, Any]) -> None:
    """Print a card with the receipts of its values."""
    for said, whence in lines(card):
        line, receipt = without_controls(said), without_controls(whence)
        click.echo(f"{line}  {click.style(receipt, dim=True)}" if receipt else line)
    click.echo()


def show_rest(extras: Extras, text: str) -> None:
    """Print what comes after an answer's text: why there is none, and how to go on."""
    if extras.refusal is not None:
        click.secho(f"\n{REFUSAL_REASONS[extras.refusal['reason']]}", bold=True)
        nearest = extras.refusal.get("nearest")
        if nearest and nearest not in text:
            click.echo(f"Ask instead: {nearest}")
    if extras.options is not None and extras.options["options"][0] not in text:
        click.echo(f"\n{extras.options['question']}")
        _numbered(extras.options["options"])
    if extras.followups:
        click.secho("\nGo on with", dim=True)
        _numbered(extras.followups)
    for one in extras.documents.values():
        said = f"{one['handle']} {one['title']} (version {one['version']})"
        click.echo(f"Document: {said}: datelier document show {one['document_id']}")
    for definition in extras.definitions.values():
        click.secho(f"Definition: {definition['name']} ({definition['status']})", dim=True)


def _numbered(questions: list[str]) -> None:
    for number, question in enumerate(questions, 1):
        click.echo(f"{number}. {without_controls(question)}")
