"""Sources whose settings and secret only this worker has: its own configuration file.

    [sources.warehouse]
    engine = "postgresql"
    password = "…"

    [sources.warehouse.config]
    host = "db.internal"
    database = "shop"
    user = "reader"

The platform is told the name and the engine, nothing else.
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

_NAME_MAX: Final = 120
_KEYS: Final = frozenset({"engine", "config", "password"})


class BadConfig(Exception):
    """The worker's configuration file cannot be used; the text says why and what to do."""


def load_held(path: Path, engines: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the held sources by name, each as the engines take it; none without a file.

    Raises:
        BadConfig: Others may read the file, or it is not what it should be.
    """
    try:
        require_private(path)
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path} is not valid TOML: {error}") from None
    except OSError as error:
        raise BadConfig(f"{path} cannot be read: {error.strerror}") from None
    unknown = sorted(document.keys() - {"sources"})
    if unknown:
        raise BadConfig(f"{path}: {unknown[0]!r} is not known; sources are [sources.NAME].")
    sources: object = document.get("sources", {})
    if not isinstance(sources, dict):
        raise BadConfig(f"{path}: sources are tables, [sources.NAME].")
    entries = cast("dict[str, Any]", sources)
    return {name: _source(path, name, entry, engines) for name, entry in entries.items()}


def _source(path: Path, name: str, entry: object, engines: tuple[str, ...]) -> dict[str, Any]:
    where = f"{path}: [sources.{name[:_NAME_MAX]}]"
    if not name or len(name) > _NAME_MAX or not name.isprintable():
        raise BadConfig(f"{where} needs a name of 1 to {_NAME_MAX} printable signs.")
    if not isinstance(entry, dict):
        raise BadConfig(f"{where} must be a table.")
    values = cast("dict[str, Any]", entry)
    unknown = sorted(values.keys() - _KEYS)
    if unknown:
        raise BadConfig(
            f"{where}: {unknown[0]!r} is not known; there are engine, config, password."
        )
    engine = values.get("engine")
    if engine not in engines:
        raise BadConfig(f"{where}: engine must be one of {', '.join(engines)}.")
    config: object = values.get("config")
    if not isinstance(config, dict) or not config:
        raise BadConfig(f"{where} needs a table [sources.{name}.config].")
    password = values.get("password")
    if password is not None and not isinstance(password, str):
        raise BadConfig(f"{where}: password must be text.")
    source: dict[str, Any] = {**cast("dict[str, Any]", config), "engine": engine}
    return source if password is None else source | {"password": password}


def require_private(path: Path) -> None:
    """Refuse a file that others on this machine may read or change.

    Raises:
        BadConfig: With the command that mends it.
        FileNotFoundError: There is no such file.
    """
    found = path.stat()
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise BadConfig(f"{path} holds secrets and others may read it. Run: chmod 600 {path}")
    if found.st_uid not in {os.geteuid(), 0}:
        raise BadConfig(f"{path} belongs to another user of this machine.")


def folders_of(held: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Folders the operator of this worker has offered by writing them down.

    Of a SQLite database it is the file alone: nobody has offered what lies beside it.
    """
    offered = (source.get("folder") or _database_file(source) for source in held.values())
    return tuple(str(one) for one in offered if one)


def _database_file(source: Mapping[str, Any]) -> object:
    return source.get("path") if source.get("engine") == "sqlite" else None
