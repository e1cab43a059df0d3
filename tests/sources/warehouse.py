"""A generated catalog of thousands of tables, as a large company's warehouse has them."""

from random import Random
from typing import Any

_SUBJECTS = (
    "order order_item customer supplier product invoice payment shipment return_item employee "
    "contract price discount warehouse stock campaign click session ticket review budget account "
    "ledger_entry asset lease machine sensor reading alarm batch recipe material route vehicle"
)
_PLACES = "sales finance hr logistics plant web crm legacy archive staging test_area"
SUBJECTS, PLACES = _SUBJECTS.split(), _PLACES.split()
KINDS = ("raw", "clean", "daily", "monthly", "snapshot", "tmp", "bak", "v2", "log", "hist")


def column(name: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def table(schema: str, name: str, columns: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"schema": schema, "name": name, "columns": columns, **more}


def warehouse(size: int = 5_000, seed: int = 7) -> list[dict[str, Any]]:
    """Tables of the same subjects in many schemas and copies; some empty, some of one column."""
    random = Random(seed)
    tables: list[dict[str, Any]] = []
    while len(tables) < size - len(SPECIAL):
        number = len(tables)
        subject = SUBJECTS[number % len(SUBJECTS)]
        schema = PLACES[number // len(SUBJECTS) % len(PLACES)]
        copy = number // (len(SUBJECTS) * len(PLACES))
        name = subject if copy == 0 else f"{subject}_{KINDS[copy % len(KINDS)]}_{copy}"
        columns = [column("id", "bigint", primary_key=True)]
        columns += [column(f"{random.choice(SUBJECTS)}_id", "bigint") for _ in range(2)]
        columns += [column(f"attr_{random.randrange(300)}") for _ in range(random.randrange(6, 14))]
        rows = 0 if schema in {"legacy", "test_area"} else random.randrange(1, 10**6)
        tables.append(table(schema, name, columns, rows=rows))
    tables += SPECIAL
    random.shuffle(tables)
    return tables


SPECIAL: list[dict[str, Any]] = [
    table(
        "plant",
        "KilnTemperature",
        [column("kiln_id"), column("measuredAt", "timestamp"), column("celsius", "float8")],
        rows=90_000,
    ),
    table(
        "plant",
        "kiln",
        [column("id", primary_key=True), column("site")],
        rows=12,
        comment="Every kiln of the ceramics works",
    ),
    table("hr", "absences", [column("employee_id"), column("reason")], rows=400),
    table(
        "finance", "fx", [column("rate", "numeric", comment="Exchange rate to the euro")], rows=9
    ),
    table("crm", "nps", [column("score", "int")], rows=7),  # one column
    table("web", "wide", [column(f"feature_{n}", "float8") for n in range(10_000)], rows=5),
    table("sales", "Größenverteilung", [column("größe"), column("anzahl", "int")], rows=3),
    table("archive", "customerordersummary", [column("total", "numeric")], rows=80),
]
