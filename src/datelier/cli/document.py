"""`datelier document`: what agents and you have written beside your chats."""

import sys
from pathlib import Path

import click

from datelier.cli.client import Client, connect
from datelier.cli.lazy import NounGroup
from datelier.cli.options import Options, with_options
from datelier.cli.outcome import CommandFailed, Exit
from datelier.cli.output import note, print_json, print_list, table

_FORMATS = click.Choice(["md", "txt", "code", "csv", "xlsx"])


@click.group(cls=NounGroup)
def document() -> None:
    """List and save your documents."""


@document.command("list")
@with_options
def list_documents(options: Options) -> int:
    """List your documents, newest first."""
    items = connect(options).every("/documents")
    if print_list(options, items):
        return Exit.OK
    rows = [
        [i["id"], i["kind"], f"v{i['version']}", i["title"], i["author"]["name"]] for i in items
    ]
    click.echo(table(["id", "kind", "version", "title", "by"], rows))
    return Exit.OK


@document.command("show")
@click.argument("wanted", metavar="DOCUMENT")
@click.option("--version", "number", type=click.IntRange(1), help="An earlier version.")
@with_options
def show(options: Options, wanted: str, number: int | None) -> int:
    """Print DOCUMENT (id or title): a text with its receipts, code, or a sheet as CSV."""
    client = connect(options)
    path = f"/documents/{_find(client, wanted)}"
    if options.as_json:
        print_json(client.call("GET", path if number is None else f"{path}/versions/{number}"))
        return Exit.OK
    query = "" if number is None else f"?version={number}"
    for chunk in client.download(f"{path}/download{query}"):
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
    return Exit.OK


@document.command("save")
@click.argument("wanted", metavar="DOCUMENT")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "form", type=_FORMATS, help="Default: md, code or csv, by its kind.")
@with_options
def save(options: Options, wanted: str, file: Path, form: str | None) -> int:
    """Save DOCUMENT (id or title) as FILE."""
    client = connect(options)
    query = "" if form is None else f"?format={form}"
    content = b"".join(client.download(f"/documents/{_find(client, wanted)}/download{query}"))
    try:
        file.write_bytes(content)
    except OSError as error:
        raise CommandFailed(
            f"{file} cannot be written: {error.strerror}.", exit_code=Exit.USAGE, code="usage"
        ) from None
    note(options, f"Saved as {file}.")
    if options.as_json:
        print_json({"saved_to": str(file)})
    return Exit.OK


def _find(client: Client, wanted: str) -> str:
    """Return the id of a document; a title must be that of one of them."""
    found = [
        item
        for item in client.every("/documents")
        if wanted == item["id"] or wanted.casefold() == item["title"].casefold()
    ]
    if len(found) == 1:
        return str(found[0]["id"])
    what = "Several documents have" if found else "No document has"
    raise CommandFailed(
        f"{what} the id or title {wanted!r}.",
        hint="`datelier document list` shows them.",
        exit_code=Exit.NOT_FOUND,
        code="not_found",
    )
