"""What commands share about requests: finding one, deciding it, saying that one is needed."""

import json
from typing import Any
from uuid import UUID, uuid4

from datelier.cli.client import Client, Json
from datelier.cli.options import Options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.prompts import confirm


def listed(client: Client, view: str, **wanted: str | None) -> list[Json]:
    """Return every request of a view."""
    params: dict[str, str] = {"view": view, "limit": "200"}
    params |= {key: value for key, value in wanted.items() if value is not None}
    items: list[Json] = []
    while True:
        page = client.call("GET", "/requests", params=params)
        items.extend(page["data"])
        if page["next"] is None:
            return items
        params["cursor"] = page["next"]


def find_request(client: Client, wanted: str) -> Json:
    """Return a request by its number or id.

    Raises:
        CommandFailed: There is none.
    """
    number = wanted.removeprefix("#")
    if number.isdigit():
        for view in ("open", "done"):
            for item in listed(client, view):
                if item["number"] == int(number):
                    return client.call("GET", f"/requests/{item['id']}")
    else:
        try:
            return client.call("GET", f"/requests/{UUID(wanted)}")
        except ValueError:
            pass
    raise CommandFailed(
        f"No request {wanted!r}.",
        hint="`datelier inbox list` shows what is open.",
        exit_code=Exit.NOT_FOUND,
        code="not_found",
    )


def decide(client: Client, request: Json, decisions: list[Json]) -> Json:
    """Send a decision and return the request; a decision that came too late is a failure."""
    body = {
        "decision_id": str(uuid4()),
        "revision": request["revision"],
        "decisions": decisions,
    }
    return client.call("POST", f"/requests/{request['id']}/decide", body)


def confirm_edit(options: Options, client: Client, request: Json, edit: Json) -> None:
    """Ask before an edit (`action_id` and `args`) that destroys, or that cannot be looked at.

    Raises:
        CommandFailed: The answer is no, nobody can be asked, or the edited call cannot be made.
    """
    if options.yes:
        return
    why = "This destroys data" if request["risk"] == "destructive" else None
    try:
        seen = client.call("POST", f"/requests/{request['id']}/preview", edit)
    except CommandFailed as error:
        # The first has nothing to look at, the second is told again by what is sent.
        if error.code not in ("no_preview", "validation_failed"):
            why = f"What it does as edited cannot be seen ({error.message})"
    else:
        if seen["refused"]:
            message = f"As edited this cannot be done: {seen['refused']}"
            raise CommandFailed(message, hint=seen["hint"])
        if seen["risk"] == "destructive":
            count = seen["requires"]
            people = f", and {count} people must approve it" if count > 1 else ""
            why = f"As edited this destroys data{people}"
    if why is not None:
        confirm(options, f"{request['title']}. {why}. Approve?")


def parse_json(text: str, what: str) -> Any:
    """Return the JSON that somebody typed.

    Raises:
        CommandFailed: It is none.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise CommandFailed(
            f"{what} is not JSON: {error}.", exit_code=Exit.USAGE, code="usage"
        ) from None


def approval_needed(client: Client, request: Json) -> CommandFailed:
    """Return the failure of a command whose run waits for a person."""
    url = f"{client.server}/inbox/{request['id']}"
    return CommandFailed(
        f"Request #{request['number']} waits for a decision: {request['title']}",
        hint=f"Decide it at {url}, or with `datelier inbox show {request['number']}`.",
        exit_code=Exit.APPROVAL,
        code="approval_needed",
        error_id=str(request["id"]),
    )
