"""`datelier login`: keep a personal token for this machine."""

import platform
import sys

import click

from datelier.cli.client import Client, chosen_profile
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import Exit
from datelier.cli.output import print_json
from datelier.cli.prompts import ask_secret, ask_text
from datelier.kit.profiles import Profile, save_profile


@click.command()
@click.option("--email", help="Your e-mail address.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_options
def login(options: Options, email: str | None, password_stdin: bool) -> int:
    """Sign in. A personal token is kept in a file that only you can read."""
    current = chosen_profile(options)
    email = email or ask_text(options, "E-mail", instead="--email")
    password = (
        sys.stdin.readline().rstrip("\n")
        if password_stdin
        else ask_secret(options, "Password", instead="--password-stdin")
    )
    anonymous = Client(Profile(current.name, current.server, None), timeout=options.timeout)
    session = anonymous.call(
        "POST", "/auth/login", {"email": email, "password": password, "mode": "token"}
    )
    signed_in = Client(
        Profile(current.name, current.server, session["access_token"]), timeout=options.timeout
    )
    made = signed_in.call("POST", "/tokens", {"name": f"CLI on {platform.node()}"})
    # The session was only needed to make the token.
    signed_in.call("POST", "/auth/logout")
    path = save_profile(Profile(current.name, current.server, made["token"]))
    if options.as_json:
        print_json(
            {"profile": current.name, "server": current.server, "expires_at": made["expires_at"]}
        )
    else:
        click.echo(f"Signed in as {session['user']['email']} at {current.server}.")
        click.echo(f"Token kept in {path}.", err=True)
    return Exit.OK
