"""The documents are true: links resolve, and everything that exists is in the reference."""

import importlib
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import datelier
from datelier.cli.main import cli
from datelier.kit.errors import DatelierError
from datelier.kit.settings import Settings
from scripts import gen

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def read(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def _anchors(path: Path) -> set[str]:
    headings = _HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


def broken_links(page: Path) -> list[str]:
    """Return the links of a page that lead nowhere in this repository."""
    broken: list[str] = []
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if (
            (not target.is_relative_to(ROOT) and page.is_relative_to(ROOT))
            or not target.exists()
            or (anchor and anchor not in _anchors(target))
        ):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_resolves(page: Path) -> None:
    assert broken_links(page) == []


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One\n[a](#one) [b](#two) [c](nowhere.md)\n", encoding="utf-8")
    assert broken_links(page) == ["#two", "nowhere.md"]


def _leaves(command: click.Command, path: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _leaves(found, f"{path} {name}")
    else:
        yield path


def test_every_command_is_in_the_reference() -> None:
    headings = set(_HEADING.findall(read("cli.md")))
    commands = {f"`{path}`" for path in _leaves(cli, "datelier")}
    assert len(commands) > 14
    assert commands <= headings


def test_every_setting_is_in_the_reference_and_says_what_it_is() -> None:
    page = read("settings.md")
    for name, field in Settings.model_fields.items():
        assert f"`DATELIER_{name.upper()}`" in page
        assert field.description


def _kinds(root: type[DatelierError]) -> Iterator[type[DatelierError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_every_error_code_is_in_the_reference() -> None:
    for module in pkgutil.walk_packages(datelier.__path__, "datelier."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            importlib.import_module(module.name)
    page = read("errors.md")
    codes = {kind.code for kind in _kinds(DatelierError) if kind.__module__.startswith("datelier")}
    assert len(codes) > 40
    assert sorted(code for code in codes if f"| `{code}` |" not in page) == []


@pytest.mark.contract("W13")
def test_the_reference_is_generated_and_checked_with_the_rest() -> None:
    assert "gen_reference.py" in [path.name for path in gen.generators()]
    tracked = subprocess.run(
        ["git", "ls-files", "docs/reference"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert {Path(path).name for path in tracked} >= {
        "cli.md",
        "errors.md",
        "openapi.json",
        "settings.md",
    }


def test_the_readme_names_both_commands_and_shows_the_product() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in text
    assert "make test" in text
    assert 'src="docs/images/chat.png"' in text
    assert (ROOT / "docs/images/chat.png").is_file()
