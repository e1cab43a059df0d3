"""`datelier webhook`: added, tried, switched off and on, sent to again, and removed."""

import json
from typing import Any

from tests.cli.command import typed
from tests.cli.receiver import Receiver
from tests.support.installation import Installation, until


def test_a_webhook_is_added_tried_told_and_told_again(
    signed_in: Installation, receiver: Receiver
) -> None:
    def deliveries(*more: str) -> list[dict[str, Any]]:
        done = typed(signed_in, "webhook", "deliveries", "--webhook", "Hook", "--json", *more)
        return json.loads(done.out)

    added = typed(signed_in, "webhook", "add", receiver.url, "--name", "Hook")
    assert added.out.startswith("whsec_")
    assert "cannot be shown again" in added.said
    tried = typed(signed_in, "webhook", "test", "hook")
    assert (tried.code, tried.out[:17]) == (0, "ok  Answered 204.")
    receiver.status = 410
    failed = typed(signed_in, "webhook", "test", "Hook", "--json")
    assert (failed.code, json.loads(failed.out)["status"]) == (1, 410)
    assert typed(signed_in, "run", "start", "How many orders?", "--source", "1").code == 0
    [told] = until(lambda: deliveries("--status", "failed") or None, seconds=60, what="a notice")
    assert told["last_status"] == 410
    table = typed(signed_in, "webhook", "deliveries").out
    assert told["id"] in table  # whole, to be copied
    assert "  off  " in typed(signed_in, "webhook", "list").out
    receiver.status = 204
    assert typed(signed_in, "webhook", "edit", "Hook").code == 2
    assert typed(signed_in, "webhook", "edit", "Hook", "--on").out == "Hook is on.\n"
    again = typed(signed_in, "webhook", "redeliver", told["id"])
    assert (again.code, again.out.strip()[-7:]) == (0, "waiting")
    until(lambda: deliveries("--status", "delivered"), what="the notice is sent again")
    rotated = typed(signed_in, "webhook", "rotate", "Hook")
    assert rotated.out.startswith("whsec_")
    assert rotated.out != added.out
    assert typed(signed_in, "webhook", "remove", "Hook").code == 2  # nobody to ask
    gone = typed(signed_in, "webhook", "remove", "Hook", "--yes")
    assert (gone.code, gone.said) == (0, "Hook is removed.\n")
    assert json.loads(typed(signed_in, "webhook", "list", "--json").out) == []


def test_of_two_webhooks_of_one_name_the_id_says_which(
    signed_in: Installation, receiver: Receiver
) -> None:
    ids = [
        json.loads(
            typed(signed_in, "webhook", "add", receiver.url, "--name", "Twin", "--json").out
        )["id"]
        for _ in range(2)
    ]
    which = typed(signed_in, "webhook", "remove", "Twin", "--yes")
    assert which.code == 2
    assert all(one in which.said for one in ids)
    for one in ids:
        assert typed(signed_in, "webhook", "remove", one, "--yes").code == 0


def test_the_path_of_an_address_is_in_no_name_and_no_audit(
    signed_in: Installation, receiver: Receiver
) -> None:
    made = typed(signed_in, "webhook", "add", f"{receiver.url}/T00/SECRET-PATH", "--json")
    assert made.code == 0, made.said
    assert json.loads(made.out)["name"] == receiver.url.split("/")[2]
    assert "SECRET-PATH" not in str(signed_in.call("GET", "/audit"))
    gone = typed(signed_in, "webhook", "remove", json.loads(made.out)["id"], "--yes")
    assert gone.code == 0


def test_what_cannot_be_a_webhook_is_said(signed_in: Installation) -> None:
    for url in ("nonsense", "http://169.254.169.254/"):
        refused = typed(signed_in, "webhook", "add", url)
        assert refused.code == 2
        assert "https" in refused.said
    assert typed(signed_in, "webhook", "test", "nobody").code == 4
    nothing = "01a1fd60-6815-70e4-8971-858ae303d1aa"
    assert typed(signed_in, "webhook", "redeliver", nothing).code == 4
