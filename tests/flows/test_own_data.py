"""Files and a database that are not the sample, asked with the demo model."""

from pathlib import Path

import pytest

from tests.flows.asking import ask, totals
from tests.support.cluster import Cluster
from tests.support.datasets import make_dataset
from tests.support.installation import Installation


@pytest.mark.parametrize(("kind", "seed"), [("csv", 0), ("parquet", 1), ("xlsx", 2)])
def test_a_file_is_asked_about_and_the_numbers_are_right(
    installation: Installation, tmp_path: Path, kind: str, seed: int
) -> None:
    dataset = make_dataset(seed)
    path = dataset.write(tmp_path, kind)
    with path.open("rb") as file:
        answer = installation.http.post(
            "/sources/upload", files={"files": (path.name, file)}, data={"name": f"{kind} {seed}"}
        )
    assert answer.status_code == 201, answer.text
    told = ask(installation, answer.json()["id"], dataset.question)
    found = totals(installation, told.data("query")[-1]["result_id"])
    assert {key: round(value, 2) for key, value in found.items()} == dataset.totals


def test_a_postgresql_database_is_asked_about_and_the_numbers_are_right(
    installation: Installation,
) -> None:
    dataset = make_dataset(3)
    server = Cluster(tcp=True)
    try:
        dataset.load(server.create("outside"))
        config = {
            "host": "127.0.0.1",
            "port": server.port,
            "database": "outside",
            "user": "owner",
            "sslmode": "disable",
        }
        source = installation.call(
            "POST", "/sources", {"name": "Outside", "engine": "postgresql", "config": config}
        )
        # The owner of the cluster may do anything, and the product says so.
        assert source["weak_role"]["reasons"]
        told = ask(installation, source["id"], dataset.question)
        assert totals(installation, told.data("query")[-1]["result_id"]) == dataset.totals
    finally:
        server.stop()
