"""Where a database is, from the URL that a person types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from datelier.cli.outcome import CommandFailed, Exit


@dataclass(frozen=True, slots=True)
class Form:
    """How the URL of an engine is read.

    Attributes:
        engine: The engine's name.
        shape: What such a URL looks like.
        host: The setting that the host is; its own port, if it has one.
        path: Settings that the path's parts are; the first must be there.
        usual: Settings that are so unless the URL says otherwise.
        further: Settings that may follow a question mark.
    """

    engine: str
    shape: str
    host: str = "host"
    port: int | None = None
    path: tuple[str, ...] = ("database",)
    usual: Mapping[str, Any] | None = None
    further: tuple[str, ...] = ()

    @property
    def secret(self) -> str:
        """What the secret is called when it is asked for."""
        return "Key file of the service account" if self.engine == "bigquery" else "Password"


_POSTGRESQL: Final = Form(
    "postgresql",
    "postgresql://user@host:5432/database",
    port=5432,
    usual={"sslmode": "prefer"},
    further=("sslmode",),
)
_MYSQL: Final = Form(
    "mysql",
    "mysql://user@host:3306/database",
    port=3306,
    usual={"tls": "prefer"},
    further=("tls",),
)
_FORMS: Final[dict[str, Form]] = {
    "postgresql": _POSTGRESQL,
    "postgres": _POSTGRESQL,
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "clickhouse": Form(
        "clickhouse", "clickhouse://user@host:8443/database", port=8443, further=("tls",)
    ),
    "trino": Form(
        "trino",
        "trino://user@host:443/catalog/schema",
        port=443,
        path=("catalog", "schema"),
        further=("tls",),
    ),
    "sqlserver": Form(
        "sqlserver", "sqlserver://user@host:1433/database", port=1433, further=("tls",)
    ),
    "snowflake": Form(
        "snowflake",
        "snowflake://user@account/database/schema?warehouse=W&role=R",
        host="account",
        path=("database", "schema"),
        further=("warehouse", "role"),
    ),
    "bigquery": Form(
        "bigquery",
        "bigquery://project/dataset?location=EU&max_gigabytes=100",
        host="project",
        path=("dataset",),
        further=("location", "max_gigabytes"),
    ),
}
SHAPES: Final = tuple(dict.fromkeys(form.shape for form in _FORMS.values()))


def read_url(url: str) -> tuple[Form, dict[str, Any]]:
    """Return the form and the settings of a source, without its secret.

    Raises:
        CommandFailed: The URL is none that is known, or holds a password.
    """
    parts = urlsplit(url)
    form = _FORMS.get(parts.scheme)
    if form is None or not parts.hostname:
        shapes = "\n".join(f"  {shape}" for shape in SHAPES)
        raise _misused(f"The URL must look like one of these:\n{shapes}")
    if parts.password:
        raise _misused(
            "A password on the command line ends up in the process list.",
            hint="Leave it out: it is asked for, or read with --password-file.",
        )
    names = [unquote(name) for name in parts.path.strip("/").split("/") if name]
    given = dict(parse_qsl(parts.query))
    unknown = given.keys() - set(form.further)
    if not names or len(names) > len(form.path) or unknown:
        raise _misused(f"The URL must look like {form.shape}")
    config: dict[str, Any] = {
        form.host: parts.hostname,
        **dict(zip(form.path, names, strict=False)),
    }
    if form.port is not None:
        config["port"] = parts.port or form.port
    if parts.username:
        config["user"] = unquote(parts.username)
    if "max_gigabytes" in given:
        config["max_gigabytes"] = _number(given.pop("max_gigabytes"), form)
    return form, config | dict(form.usual or {}) | given


def _number(text: str, form: Form) -> int:
    if not text.isascii() or not text.isdecimal():
        raise _misused(f"The URL must look like {form.shape}")
    return int(text)


def _misused(message: str, hint: str | None = None) -> CommandFailed:
    return CommandFailed(message, hint=hint, exit_code=Exit.USAGE, code="usage")
