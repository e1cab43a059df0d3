"""All configuration of a process, read once from `DATELIER_*` variables."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _default_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "datelier"


class Settings(BaseSettings):
    """One process's settings; every field can be set as ``DATELIER_<NAME>``.

    Durations are seconds, sizes are bytes, counts are whole numbers.
    """

    model_config = SettingsConfigDict(env_prefix="DATELIER_", env_ignore_empty=True, extra="ignore")

    home: Path = Field(
        default_factory=_default_home, description="Where data, keys and files live."
    )
    database_url: SecretStr | None = Field(
        default=None, description="External PostgreSQL 15+; embedded when empty."
    )
    host: str = Field(default="127.0.0.1", description="Address the web server binds.")
    port: int = Field(default=8484, ge=0, le=65535, description="Port of the web server.")
    gateway_host: str = Field(default="127.0.0.1", description="Address the worker gateway binds.")
    gateway_port: int | None = Field(
        default=None, description="Port of the worker gateway; the web port + 1 when empty."
    )
    gateway_address: str | None = Field(
        default=None,
        description="Address workers dial, host or host:port; the gateway's own when empty.",
    )
    replica_address: str | None = Field(
        default=None,
        description="Address other servers and runners reach this gateway at; its own when empty.",
    )
    public_url: str | None = Field(
        default=None, description="Address people open, when a proxy stands in front."
    )
    secret_key: SecretStr | None = Field(
        default=None, description="Base64 of 32 bytes; kept in HOME/secret.key when empty."
    )
    allowed_folders: Annotated[list[Path], NoDecode] = Field(
        default_factory=list[Path],
        description="Folders whose files may become sources, separated by ':'.",
    )
    writable_folders: Annotated[list[Path], NoDecode] = Field(
        default_factory=list[Path],
        description="Folders whose SQLite files approved writes may change, separated by ':'; none "
        "by default. What the platform itself keeps (uploads, the practice copy) needs no entry.",
    )
    allowed_urls: Annotated[list[str], NoDecode] = Field(
        default_factory=list[str],
        description="URL prefixes whose objects may become sources (https, s3, gs, az), separated "
        "by spaces; none by default. s3://bucket/@https://host:9000 names a bucket's own server.",
    )
    http_hosts: Annotated[list[str], NoDecode] = Field(
        default_factory=list[str],
        description="host:port pairs of private networks that agents and webhooks may send requests "
        "to, separated by spaces; none by default. Public addresses need no entry.",
    )
    smtp_host: str | None = Field(
        default=None, description="Mail server that notices are sent through; no mail when empty."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the connection is protected; the server's certificate is checked.",
    )
    smtp_user: str | None = Field(default=None, description="Who signs in at the mail server.")
    smtp_password: SecretStr | None = Field(
        default=None, description="Their password; never sent without TLS."
    )
    smtp_from: str | None = Field(
        default=None, description="Sender of notices; needed with a mail server."
    )
    smtp_ca_file: Path | None = Field(
        default=None,
        description="Authorities to trust for the mail server instead of the system's.",
    )
    slots: int = Field(default=256, ge=1, description="Runs one process executes at once.")
    org_max_running: int = Field(
        default=20, ge=1, description="Runs of one organization executed at once."
    )
    rate_per_minute: int = Field(
        default=3000,
        ge=1,
        description="Requests a minute of one member, in bursts of a third; an organization has "
        "four times as much. Each server counts for itself.",
    )
    costly_per_minute: int = Field(
        default=120,
        ge=1,
        description="Requests a minute of one member to one route that keeps a source, a model or "
        "the disk busy, in bursts of a third.",
    )
    lease_seconds: float = Field(default=12, ge=1, description="How long a claimed run is held.")
    preview_default: int = Field(default=1000, ge=1, description="Rows of a preview.")
    preview_max: int = Field(default=10_000, ge=1, description="Most rows of a preview.")
    fetch_max: int = Field(default=10_000, ge=1, description="Most rows stored from a query.")
    export_rows_max: int = Field(
        default=10_000_000, ge=1, description="Most rows of a download that runs a query again."
    )
    export_bytes_max: int = Field(
        default=8 * 1024**3, ge=1024**2, description="Most bytes of such a download."
    )
    export_timeout_s: int = Field(
        default=1800, ge=1, le=3600, description="Longest statement of such a download."
    )
    rows_shown: int = Field(default=20, ge=1, description="Rows of a result shown to the model.")
    statement_timeout_s: int = Field(default=60, ge=1, description="Longest statement on a source.")
    upload_max_bytes: int = Field(default=512 * 1024**2, ge=1, description="Largest uploaded file.")
    max_steps: int = Field(default=25, ge=1, description="Most model calls of one run.")
    max_seconds: int = Field(
        default=1800, ge=1, description="Seconds a run may work, unless its agent says how many."
    )
    answer_max_chars: int = Field(
        default=1_000_000,
        ge=1000,
        description="Most characters of one model call, with its reasoning and its tool calls.",
    )
    request_days: int = Field(
        default=7, ge=1, le=365, description="Days after which an unanswered request is rejected."
    )
    destroy_approvals: int = Field(
        default=1, ge=1, le=20, description="People who must approve what destroys data."
    )
    approve_own: bool = Field(
        default=True, description="Whether people may approve what their own runs want to do."
    )
    analyst_workflow: Literal["plain", "analyst"] = Field(
        default="analyst", description="How the ready Analyst of new organizations answers."
    )
    database_pool: int = Field(default=16, ge=2, description="Connections of one process.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe line that is logged."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", description="JSON off a terminal when auto."
    )

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("allowed_folders", "writable_folders", mode="before")
    @classmethod
    def _split_folders(cls, value: object) -> object:
        return (
            [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value
        )

    @field_validator("http_hosts", mode="after")
    @classmethod
    def _with_ports(cls, value: list[str]) -> list[str]:
        if not all(entry.rpartition(":")[2].isdecimal() and ":" in entry for entry in value):
            raise ValueError("each entry must be host:port")
        return value

    @field_validator("allowed_urls", "http_hosts", mode="before")
    @classmethod
    def _split_urls(cls, value: object) -> object:
        return value.split() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.smtp_host and not self.smtp_from:
            raise ValueError("DATELIER_SMTP_HOST needs DATELIER_SMTP_FROM, the sender of notices")
        if self.smtp_password and self.smtp_security == "none":
            raise ValueError(
                "a mail password is only sent with DATELIER_SMTP_SECURITY starttls or tls"
            )
        return self

    @property
    def worker_port(self) -> int:
        """Port of the worker gateway."""
        return self.port + 1 if self.gateway_port is None else self.gateway_port

    @property
    def base_url(self) -> str:
        """Address people open in a browser, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
