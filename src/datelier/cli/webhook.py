"""`datelier webhook`: addresses that are told of what waits, and what became of each notice."""

import re

import click

from datelier.cli.client import connect
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
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
            item["id"],
            item["name"],
            "organization" if item["organization"] else "yours",
            "on" if item["enabled"] else "off",
            item["waiting"],
            item["failed"],
            item["url"],
        ]
        for item in items
    ]
    click.echo(table(["id", "name", "of", "state", "waiting", "given up", "address"], rows))
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
    made = connect(options).call("POST", "/webhooks", body)
    _print_secret(options, made)
    note(options, f"`datelier webhook test {made['id']}` sends a first notice.")
    return Exit.OK


@webhook.command("edit")
@click.argument("wanted", metavar="WEBHOOK")
@click.option("--name", help="What to call it from now on.")
@click.option("--url", help="Another address; it is signed with the same secret.")
@click.option(
    "--kind", "kinds", multiple=True, help="Kinds of requests it is told of; repeat for several."
)
@click.option("--on/--off", "enabled", default=None, help="Whether it is told of anything.")
@with_options
def edit(
    options: Options,
    wanted: str,
    name: str | None,
    url: str | None,
    kinds: tuple[str, ...],
    enabled: bool | None,
) -> int:
    """Change WEBHOOK (name or id), or switch it on again after it was switched off."""
    client = connect(options)
    found = client.find("/webhooks", "webhook", wanted)
    given = {"name": name, "url": url, "kinds": list(kinds) or None, "enabled": enabled}
    change = {key: value for key, value in given.items() if value is not None}
    if not change:
        raise CommandFailed(
            "Nothing is to be changed.",
            hint="Use --name, --url, --kind, --on or --off.",
            exit_code=Exit.USAGE,
            code="usage",
        )
    saved = client.call("PATCH", f"/webhooks/{found['id']}", change)
    if options.as_json:
        print_json(saved)
    else:
        click.echo(f"{saved['name']} is {'on' if saved['enabled'] else 'off'}.")
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
    note(options, f"{found['name']} is removed.")
    return Exit.OK


@webhook.command("deliveries")
@click.option("--webhook", "wanted", help="Only to this one (name or id).")
@click.option("--status", type=click.Choice(_STATES), help="Only those.")
@with_options
def deliveries(options: Options, wanted: str | None, status: str | None) -> int:
    """List the latest 50 notices to you and your webhooks, with what the last attempt met."""
    client = connect(options)
    params: dict[str, object] = {"limit": 50, **({"status": status} if status else {})}
    if wanted is not None:
        params["webhook_id"] = client.find("/webhooks", "webhook", wanted)["id"]
    items = client.call("GET", "/deliveries", params=params)["data"]
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
