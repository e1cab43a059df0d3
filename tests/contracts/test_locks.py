"""The locks are exact, hashed, and say nothing about where a machine gets its packages."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, cast

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON_LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
ENTRY = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[0-9][^\s;]*)"
    r"(?: ; [^\\]+?)?(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)"
)
HOST = re.compile(r"://|@ |--(?:extra-)?index|--find-links|--trusted-host|(?:^|\W)file:|\bwww\.")
# An npm lock may name where a person can be thanked for a package; that is no registry.
NOT_A_SOURCE = {"funding", "url"}


def entries(text: str) -> list[re.Match[str]]:
    """Return the requirements of a lock, which must have nothing else in it."""
    found = list(ENTRY.finditer(text))
    rest = ENTRY.sub("", text)
    assert not rest.strip(), f"not a pinned, hashed requirement: {rest.strip()[:200]}"
    return found


def canonical(name: str) -> str:
    """Return a distribution's name as locks spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def npm_sources(node: Any, path: str = "") -> Iterator[str]:
    """Yield each text of an npm lock that could say where a package comes from."""
    if isinstance(node, dict):
        for key, value in cast("dict[str, Any]", node).items():
            if key not in NOT_A_SOURCE:
                yield from npm_sources(value, f"{path}/{key}")
    elif isinstance(node, list):
        for value in cast("list[Any]", node):
            yield from npm_sources(value, path)
    elif isinstance(node, str):
        yield f"{path}={node}"


def test_there_is_a_lock_for_running_and_one_for_developing() -> None:
    assert [path.name for path in PYTHON_LOCKS] == ["dev.txt", "run.txt"]


@pytest.mark.parametrize("path", PYTHON_LOCKS, ids=lambda path: path.name)
def test_every_python_requirement_is_pinned_and_hashed(path: Path) -> None:
    assert len(entries(path.read_text(encoding="utf-8"))) > 50


@pytest.mark.parametrize("path", PYTHON_LOCKS, ids=lambda path: path.name)
def test_no_python_lock_names_a_host(path: Path) -> None:
    assert not HOST.search(path.read_text(encoding="utf-8"))


def test_the_development_lock_holds_the_running_lock_at_the_same_versions() -> None:
    run, dev = (
        {found["name"]: found["version"] for found in entries(path.read_text(encoding="utf-8"))}
        for path in (ROOT / "requirements" / "run.txt", ROOT / "requirements" / "dev.txt")
    )
    assert run.items() <= dev.items()


def test_every_dependency_of_the_project_is_in_the_running_lock() -> None:
    declared = re.findall(
        r'^  "([A-Za-z0-9._-]+)[\[>=<;"]',
        (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[dependency-groups]")[0],
        re.MULTILINE,
    )
    text = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    locked = {found["name"] for found in entries(text)}
    assert len(declared) > 20
    assert {name.lower().replace("_", "-") for name in declared} <= locked


def test_the_npm_lock_pins_hashes_and_names_no_host() -> None:
    path = ROOT / "web" / "package-lock.json"
    if not (ROOT / "web" / "package.json").exists():
        return  # a checkout of the server alone has no web packages to lock
    lock = json.loads(path.read_text(encoding="utf-8"))
    assert lock["lockfileVersion"] == 3
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    fetched = {name: entry for name, entry in packages.items() if not entry.get("inBundle")}
    assert [name for name, entry in fetched.items() if "integrity" not in entry] == []
    named = [text for text in npm_sources(lock) if re.search(r"://|^[^=]*/resolved=", text)]
    assert named == []


def test_the_npm_lock_holds_each_platform_so_that_npm_ci_accepts_it_everywhere() -> None:
    # A registry that lags lacks some platforms of a new version; npm then writes a lock that
    # its own `npm ci` refuses. Such a package stays at its last complete version.
    for path in ROOT.glob("web/package-lock.json"):
        packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
        wanted = {
            name for entry in packages.values() for name in entry.get("optionalDependencies", {})
        }
        locked = {name.rpartition("node_modules/")[2] for name in packages}
        assert wanted - locked == set()


def test_a_requirement_without_a_hash_is_noticed() -> None:
    with pytest.raises(AssertionError, match="not a pinned"):
        entries("click==8.3.1\n")


def test_an_index_in_a_lock_is_noticed() -> None:
    assert HOST.search("--index-url https://example.test/simple\n")


# Runs in a process of its own: what only development installs cannot be imported there.
ONLY_WHAT_RUNS = """
import importlib, pkgutil, sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

ABSENT = set(sys.argv[1].split(","))
sys.meta_path.insert(0, Absent())
import datelier
for module in pkgutil.walk_packages(datelier.__path__, "datelier."):
    if not module.name.endswith((".__main__", "migrations.env")):  # these act when imported
        importlib.import_module(module.name)
"""


def test_datelier_needs_no_package_that_only_development_installs() -> None:
    locks = ((ROOT / "requirements" / name).read_text() for name in ("run.txt", "dev.txt"))
    run, dev = ({found["name"] for found in entries(text)} for text in locks)
    absent = [
        module
        for module, packages in packages_distributions().items()
        if not {canonical(name) for name in packages} & run
        and {canonical(name) for name in packages} & dev
    ]
    assert "pytest" in absent
    subprocess.run([sys.executable, "-c", ONLY_WHAT_RUNS, ",".join(absent)], check=True)
