"""The URLs of databases that the command line takes."""

from typing import Any

import pytest

from datelier.cli.outcome import CommandFailed
from datelier.cli.source_url import read_url


@pytest.mark.parametrize(
    ("url", "engine", "config"),
    [
        (
            "postgresql://reader@db/shop",
            "postgresql",
            {"host": "db", "port": 5432, "database": "shop", "user": "reader", "sslmode": "prefer"},
        ),
        (
            "mariadb://re%40der@db:3307/shop",
            "mysql",
            {"host": "db", "port": 3307, "database": "shop", "user": "re@der", "tls": "prefer"},
        ),
        (
            "clickhouse://reader@ch:8123/shop?tls=disable",
            "clickhouse",
            {"host": "ch", "port": 8123, "database": "shop", "user": "reader", "tls": "disable"},
        ),
        (
            "trino://reader@trino/lake",
            "trino",
            {"host": "trino", "port": 443, "catalog": "lake", "user": "reader"},
        ),
        (
            "snowflake://reader@myorg-shop/sales/public?warehouse=small&role=reading",
            "snowflake",
            {
                "account": "myorg-shop", "database": "sales", "schema": "public", "user": "reader",
                "warehouse": "small", "role": "reading",
            },
        ),
        (
            "bigquery://shop-1/web?location=EU&max_gigabytes=50",
            "bigquery",
            {"project": "shop-1", "dataset": "web", "location": "EU", "max_gigabytes": 50},
        ),
    ],
)  # fmt: skip
def test_a_url_says_where_a_database_is(url: str, engine: str, config: dict[str, Any]) -> None:
    form, found = read_url(url)
    assert (form.engine, found) == (engine, config)


@pytest.mark.parametrize(
    "url",
    [
        "oracle://x/y",
        "postgresql://reader@db",
        "trino://reader@t/a/b/c",
        "clickhouse://r@h/d?readonly=0",
        "bigquery://p/d?max_gigabytes=lots",
        "not a url",
    ],
)
def test_another_url_is_refused_with_what_one_looks_like(url: str) -> None:
    with pytest.raises(CommandFailed, match="look like"):
        read_url(url)


def test_a_password_in_a_url_is_refused_without_repeating_it() -> None:
    with pytest.raises(CommandFailed) as refused:
        read_url("clickhouse://reader:s3cr3t@ch/shop")
    assert "s3cr3t" not in str(refused.value)


def test_what_a_url_says_about_tls_is_kept() -> None:
    assert read_url("postgresql://ada@db/shop")[1]["sslmode"] == "prefer"
    assert read_url("postgresql://ada@db/shop?sslmode=disable")[1]["sslmode"] == "disable"
    assert read_url("mysql://ada@db/shop?tls=verify")[1]["tls"] == "verify"
