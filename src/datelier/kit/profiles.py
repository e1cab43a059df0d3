"""Where the command line keeps its sign-ins: one TOML file with mode 0600.

``$XDG_CONFIG_HOME/datelier/config.toml``, else ``~/.config/datelier/config.toml``.
"""

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from datelier.kit.environment import environment

DEFAULT_SERVER = "http://127.0.0.1:8484"


@dataclass(frozen=True, slots=True)
class Profile:
    """A server and the token to use there."""

    name: str
    server: str
    token: str | None


def config_path() -> Path:
    """Return the configuration file's path."""
    base = environment("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "datelier" / "config.toml"


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")).get("profiles", {})
    except FileNotFoundError:
        return {}


def load_profile(name: str | None = None, server: str | None = None) -> Profile:
    """Return the profile to use: flags first, then `DATELIER_TOKEN`, then the file."""
    chosen = name or environment("DATELIER_PROFILE") or "default"
    stored = _read(config_path()).get(chosen, {})
    address = (server or stored.get("server") or DEFAULT_SERVER).rstrip("/")
    token = environment("DATELIER_TOKEN")
    if token is None and address == stored.get("server"):
        # A token goes only to the server that it was made for.
        token = stored.get("token")
    return Profile(chosen, address, token)


def save_profile(profile: Profile, *, path: Path | None = None) -> Path:
    """Write `profile` beside the others, readable by this user only; return the file."""
    target = path or config_path()
    profiles = _read(target)
    profiles[profile.name] = {"server": profile.server.rstrip("/"), "token": profile.token or ""}
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines: list[str] = []
    for name, values in profiles.items():
        lines.append(f"[profiles.{json.dumps(name)}]")
        # A JSON string is a valid TOML basic string.
        lines.extend(f"{key} = {json.dumps(value)}" for key, value in values.items())
        lines.append("")
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    partial.replace(target)
    return target
