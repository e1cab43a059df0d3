"""`datelier webhook`: addresses that are told of what waits, and what became of each notice."""

import re

import click

from datelier.cli.client import connect
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import Exit
from datelier.cli.output import note, print_json, print_list, progress, table
from datelier.cli.prompts import confirm

_STATES = ("waiting", "delivered", "failed", "dropped")


@click.group(cls=NounGroup)
def webhook() -> None:
    """Tell other systems of what waits."""


@webhook.command("list")
@with_options
def list_webhooks(options: Options) -> int:
    """List your webhooks; admins see the organization's too."""
    items = connect(options).every("/webhooks")
    if print_list(options, items):
        return Exit.OK
    rows = [
        [
            item["name"],
            "organization" if item["organization"] else "yours",
            "on" if item["enabled"] else "off",
            item["waiting"],
            item["failed"],
            item["url"],
        ]
        for item in items
    ]
    click.echo(table(["name", "of", "state", "waiting", "given up", "address"], rows))
    return Exit.OK


@webhook.command("add")
@click.argument("url")
@click.option("--name", help="What to call it; the host when left out.")
@click.option("--organization", is_flag=True, help="Told of what every member may see.")
@with_options
def add(options: Options, url: str, name: str | None, organization: bool) -> int:
    """Add URL and print the secret that signs what it is sent, once."""
    # Names are told where addresses are not, because their paths are often secrets.
    called = name or re.split(r"[/?#]", url.partition("://")[2])[0] or "webhook"
    body = {"name": called[:100], "url": url, "organization": organization}
    _print_secret(options, connect(options).call("POST", "/webhooks", body))
    return Exit.OK


@webhook.command("rotate")
@click.argument("wanted", metavar="WEBHOOK")
@with_options
def rotate(options: Options, wanted: str) -> int:
    """Print a new secret of WEBHOOK (name or id); for a day the one before signs too."""
    client = connect(options)
    found = client.find("/webhooks", "webhook", wanted)
    _print_secret(options, client.call("POST", f"/webhooks/{found['id']}/rotate"))
    return Exit.OK


def _print_secret(options: Options, made: dict[str, str]) -> None:
    if options.as_json:
        print_json(made)
        return
    click.echo(made["secret"])
    note(options, "Keep it now; it cannot be shown again.")


@webhook.command("test")
@click.argument("wanted", metavar="WEBHOOK")
@with_options
def test(options: Options, wanted: str) -> int:
    """Send a test to WEBHOOK (name or id) and say what was answered."""
    client = connect(options)
    found = client.find("/webhooks", "webhook", wanted)
    with progress(options, "Sending a test"):
        done = client.call("POST", f"/webhooks/{found['id']}/test")
    if options.as_json:
        print_json(done)
    else:
        click.echo(f"{'ok' if done['ok'] else 'failed'}  {done['detail']}  {done['elapsed_ms']} ms")
    return Exit.OK if done["ok"] else Exit.FAILED


@webhook.command("remove")
@click.argument("wanted", metavar="WEBHOOK")
@with_options
def remove(options: Options, wanted: str) -> int:
    """Remove WEBHOOK (name or id) with what is on its way to it."""
    client = connect(options)
    found = client.find("/webhooks", "webhook", wanted)
    confirm(options, f"Remove {found['name']}?")
    client.call("DELETE", f"/webhooks/{found['id']}")
    return Exit.OK


@webhook.command("deliveries")
@click.option("--status", type=click.Choice(_STATES), help="Only those.")
@with_options
def deliveries(options: Options, status: str | None) -> int:
    """List the latest notices to you and your webhooks, with what the last attempt met."""
    params = {"limit": 50, **({"status": status} if status else {})}
    items = connect(options).call("GET", "/deliveries", params=params)["data"]
    if print_list(options, items):
        return Exit.OK
    rows = [
        [
            item["id"],
            item["channel"],
            item["status"],
            item["attempts"],
            item["title"],
            item["last_error"],
        ]
        for item in items
    ]
    click.echo(table(["id", "by", "status", "attempts", "what", "last error"], rows))
    return Exit.OK


@webhook.command("redeliver")
@click.argument("delivery_id", metavar="DELIVERY", type=click.UUID)
@with_options
def redeliver(options: Options, delivery_id: object) -> int:
    """Send DELIVERY (id) again; receivers know it by the same id."""
    made = connect(options).call("POST", f"/deliveries/{delivery_id}/redeliver")
    if options.as_json:
        print_json(made)
    else:
        click.echo(f"{made['title']}: {made['status']}")
    return Exit.OK
