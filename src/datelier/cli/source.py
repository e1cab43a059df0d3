"""`datelier source`: what people ask about."""

from pathlib import Path
from typing import Any

import click

from datelier.cli.client import Client, connect
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_json, print_list, progress, table
from datelier.cli.prompts import ask_secret, read_secret
from datelier.cli.source_profile import profile
from datelier.cli.source_url import read_url


@click.group(cls=NounGroup)
def source() -> None:
    """Add, list and profile sources."""


source.add_command(profile)


@source.command("list")
@with_options
def list_sources(options: Options) -> int:
    """List the sources of your organization."""
    items = connect(options).every("/sources")
    if print_list(options, items):
        return Exit.OK
    if items:
        rows = [[i["number"], i["name"], i["engine"], i["table_count"], i["status"]] for i in items]
        click.echo(table(["#", "name", "engine", "tables", "status"], rows))
    else:
        note(options, "No source yet. Run `datelier source add --sample`.")
    return Exit.OK


@source.command("add")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="What to call it.")
@click.option("--sample", is_flag=True, help="Add the retail sample.")
@click.option(
    "--writable",
    is_flag=True,
    help="With --sample: a practice copy, which an agent may change once you approve.",
)
@click.option(
    "--url",
    help="Of a database: postgresql, mysql, clickhouse, trino, sqlserver, snowflake or"
    " bigquery://…, as in postgresql://user@host:port/database; the password is asked for.",
)
@click.option(
    "--password-file",
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
    help="File with the password, - for standard input.",
)
@click.option("--no-password", is_flag=True, help="The database asks for no password.")
@click.option(
    "--sqlite",
    "database",
    type=click.Path(path_type=Path),
    help="A SQLite file on the server, in a folder that the operator allowed.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="A folder on the server that the operator allowed.",
)
@click.option(
    "--object",
    "objects",
    multiple=True,
    metavar="URL",
    help="An object the operator allowed (https, s3, gs, az); all of them, as one table, when the "
    "URL ends in / or has a *. May be repeated.",
)
@with_options
def add(
    options: Options,
    files: tuple[Path, ...],
    name: str | None,
    sample: bool,
    writable: bool,
    url: str | None,
    password_file: Path | None,
    no_password: bool,
    database: Path | None,
    folder: Path | None,
    objects: tuple[str, ...],
) -> int:
    """Add a source: FILES (CSV, Parquet, JSON, XLSX, SQLite), a database, a folder, the sample."""
    given = (files, sample, url, database, folder, objects)
    if writable and not sample:
        raise CommandFailed(
            "--writable goes with --sample. Writes to other sources are allowed on their page.",
            exit_code=Exit.USAGE,
            code="usage",
        )
    if sum(map(bool, given)) != 1:
        raise CommandFailed(
            "Name files, or one of --sample, --url, --sqlite, --folder, --object.",
            exit_code=Exit.USAGE,
            code="usage",
        )
    client = connect(options)
    login = _login(options, url, password_file, no_password=no_password) if url else {}
    with progress(options, "Adding the source"):
        if sample:
            asked = {"writable": "true"} if writable else {}
            added = client.call("POST", "/sources/sample", params=asked)
        elif files:
            added = _upload(client, files, name)
        elif url:
            added = _database(client, login, name)
        else:
            place = _place(database, folder, objects)
            added = client.call("POST", "/sources", place | ({"name": name} if name else {}))
    if options.as_json:
        print_json(added)
    else:
        count = added["table_count"]
        tables = "unknown" if count is None else f"{count}"
        click.echo(
            f"{added['name']} (source {added['number']}, {added['engine']}, tables: {tables})"
        )
    return Exit.OK


def _place(database: Path | None, folder: Path | None, objects: tuple[str, ...]) -> dict[str, Any]:
    """Return the source at a place that the server's operator allowed."""
    if database is not None:
        config: dict[str, Any] = {"path": str(database)}
        return {"name": database.name, "engine": "sqlite", "config": config}
    if objects:
        config = {"objects": [{"url": url} for url in objects]}
        return {"name": objects[0][:120], "engine": "files", "config": config}
    return {"name": str(folder)[:120], "engine": "files", "config": {"folder": str(folder)}}


def _upload(client: Client, files: tuple[Path, ...], name: str | None) -> dict[str, Any]:
    handles = [path.open("rb") for path in files]
    try:
        parts = [
            ("files", (path.name, handle)) for path, handle in zip(files, handles, strict=True)
        ]
        return client.call(
            "POST", "/sources/upload", files=parts, data={"name": name} if name else {}
        )
    finally:
        for handle in handles:
            handle.close()


def _login(
    options: Options, url: str, password_file: Path | None, *, no_password: bool
) -> dict[str, Any]:
    """Return `engine`, `config` and, when there is one, `password` of the database at `url`."""
    form, config = read_url(url)
    login: dict[str, Any] = {"engine": form.engine, "config": config}
    if no_password:
        return login
    if password_file:
        return login | {"password": read_secret(password_file)}
    password = ask_secret(
        options, form.secret, instead="--password-file or --no-password", empty=True
    )
    return login | {"password": password} if password else login


def _database(client: Client, login: dict[str, Any], name: str | None) -> dict[str, Any]:
    config = login["config"]
    called = name or config.get("database") or config.get("dataset") or config["catalog"]
    return client.call("POST", "/sources", {"name": called, **login})
