"""The repository keeps its shape: sizes, slices in order, tests beside what they test."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from scripts import check_silences, check_sizes

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "datelier"


def git_repository(folder: Path) -> Path:
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


def test_no_file_is_longer_than_the_house_allows() -> None:
    assert check_sizes.too_long(ROOT) == []


@pytest.mark.parametrize(
    ("path", "most"),
    [("src/a.py", 400), ("tests/test_a.py", 600), ("web/src/a.tsx", 250), ("scripts/a.py", 400)],
)
def test_a_file_one_line_over_its_limit_is_named(tmp_path: Path, path: str, most: int) -> None:
    file = git_repository(tmp_path) / path
    file.parent.mkdir(parents=True)
    file.write_text("x\n" * most, encoding="utf-8")
    assert check_sizes.too_long(tmp_path) == []
    file.write_text("x\n" * (most + 1), encoding="utf-8")
    assert check_sizes.too_long(tmp_path) == [f"{path}: {most + 1} lines, at most {most}"]


def test_generated_code_has_no_limit(tmp_path: Path) -> None:
    file = git_repository(tmp_path) / "src/datelier/wire/v1/worker_pb2.py"
    file.parent.mkdir(parents=True)
    file.write_text("x\n" * 5000, encoding="utf-8")
    assert check_sizes.too_long(tmp_path) == []


def test_no_rule_is_silenced_without_a_reason_beside_it() -> None:
    assert check_silences.without_reason(ROOT) == []


@pytest.mark.parametrize(
    ("name", "silence", "reason"),
    [
        ("src/a.py", "x = 1  # noqa: S608", " - quoted"),
        ("src/a.py", "x = 1  # noqa: S603, S607", "  # our own command"),
        ("tests/test_a.py", "x = 1  # noqa", "  # generated"),
        ("src/a.py", "# ruff: noqa: E402", "  # the path comes first"),
        ("src/a.py", "x = y  # pyright: ignore[reportArgumentType]", "  # the table's check"),
        ("web/src/a.ts", "// eslint-disable-next-line no-console", " -- for developers"),
        ("web/src/a.tsx", "{/* eslint-disable-next-line a11y/a, a11y/b", " -- Escape does it */}"),
        ("web/src/a.ts", "// @ts-expect-error", " the types are behind"),
    ],
)
def test_a_silenced_rule_without_a_reason_is_named(
    tmp_path: Path, name: str, silence: str, reason: str
) -> None:
    file = git_repository(tmp_path) / name
    file.parent.mkdir(parents=True)
    file.write_text(f"\n{silence}\n", encoding="utf-8")
    wanted = f"{name}:2: a rule is silenced without a reason beside it"
    assert check_silences.without_reason(tmp_path) == [wanted]
    file.write_text(f"\n{silence}{reason}\n", encoding="utf-8")
    assert check_silences.without_reason(tmp_path) == []


def test_a_text_that_speaks_of_silencing_silences_nothing(tmp_path: Path) -> None:
    file = git_repository(tmp_path) / "a.py"
    file.write_text('x = "y  # noqa: S608"\n', encoding="utf-8")
    assert check_silences.without_reason(tmp_path) == []


def test_every_slice_has_its_place_in_the_order() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = contracts["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {name.strip() for line in layers for name in line.split("|")}
    present = {path.parent.name for path in SOURCE.glob("*/__init__.py")} - {"migrations"}
    assert present <= placed


def test_contributors_read_of_every_slice_in_its_order() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = contracts["tool"]["importlinter"]["contracts"][0]["layers"]
    rows = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE
    )
    told = [sorted(re.findall(r"\w+", row)) for row in rows]
    assert told == [sorted(re.findall(r"\w+", layer)) for layer in layers]


def test_a_slice_has_at_most_one_level_of_folders_below_it() -> None:
    nested = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.glob("*/*/*/**/*.py")
        if path.relative_to(SOURCE).parts[0] not in {"migrations", "static"}
    ]
    assert nested == []


def test_the_commands_of_the_readme_exist_and_explain_themselves() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    explained = set(re.findall(r"^([a-z]+):.*## ", text, re.MULTILINE))
    assert {"run", "test", "check", "bench", "gen", "lock", "help"} <= explained
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(f"make {name}" in listed for name in explained)


def test_no_committed_file_names_a_machine_path() -> None:
    pattern = re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/(?!\.)\w")
    allowed = {"tests/contracts/test_layout.py"}
    named = [
        path
        for path in check_sizes.committed(ROOT)
        if path.endswith((".py", ".toml", ".md", ".ts", ".tsx", ".json", "Makefile", "run"))
        and path not in allowed
        and (ROOT / path).is_file()
        and pattern.search((ROOT / path).read_text(encoding="utf-8"))
    ]
    assert named == []
