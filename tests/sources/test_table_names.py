"""How uploaded files become tables: their names."""

import pytest

from datelier.sources.sniff import table_name
from datelier.sources.sql_names import quote


@pytest.mark.parametrize(
    "filename", ["order.csv", "Cast.csv", "true.parquet", "2024 sales.xlsx", "Étés & hivers.csv"]
)
def test_a_table_made_of_a_file_never_needs_quotes(filename: str) -> None:
    name = table_name(filename, set())
    assert quote(name) == name


def test_files_of_one_name_become_tables_of_different_names() -> None:
    taken: set[str] = set()
    names = [table_name(name, taken) for name in ("sales.csv", "Sales.parquet", "old/sales.csv")]
    assert names == ["sales", "sales_2", "sales_3"]
