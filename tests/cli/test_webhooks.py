"""`datelier webhook`."""

import pytest

from tests.support.installation import Installation


@pytest.mark.contract("S71")
def test_an_address_is_added_tried_and_removed_and_its_path_told_to_nobody(
    signed_in: Installation,
) -> None:
    added = signed_in.run("webhook", "add", "https://1.1.1.1/services/T00/SECRET-PATH")
    assert added.returncode == 0, added.stderr
    assert added.stdout.startswith("whsec_")
    [listed] = signed_in.run_json("webhook", "list")
    assert (listed["name"], listed["organization"], listed["enabled"]) == ("1.1.1.1", False, True)
    assert "SECRET-PATH" not in str(signed_in.call("GET", "/audit"))
    rotated = signed_in.run("webhook", "rotate", "1.1.1.1")
    assert rotated.stdout.startswith("whsec_")
    assert rotated.stdout != added.stdout
    assert signed_in.run_json("webhook", "deliveries") == []
    refused = signed_in.run("webhook", "add", "nonsense")
    assert refused.returncode != 0
    assert "https address" in refused.stderr
    assert signed_in.run("webhook", "remove", "1.1.1.1", "--yes").returncode == 0
    assert signed_in.run_json("webhook", "list") == []
