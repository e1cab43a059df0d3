"""Extract the JSON schema of the pinned Vega-Lite into the package.

Usage: python scripts/gen_vega_schema.py [--check] [web/node_modules]; --check only compares.

Descriptions are dropped and definitions are renamed to plain identifiers, because names such as
`MarkPropDef<(string|null)>` are no URI references. The output is byte for byte reproducible.
"""

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any, cast

TARGET = Path(__file__).parent.parent / "src/datelier/artifacts/vega_lite_schema.json.gz"
PREFIX = "#/definitions/"


def plain_names(names: list[str]) -> dict[str, str]:
    """Map every definition to an identifier of its own."""
    taken: dict[str, str] = {}
    for name in names:
        base = plain = re.sub(r"\W+", "_", name).strip("_")
        number = 1
        while plain in taken.values():
            number += 1
            plain = f"{base}_{number}"
        taken[name] = plain
    return taken


def tidy(node: Any, names: dict[str, str]) -> Any:
    """Drop descriptions, rename references."""
    if isinstance(node, list):
        items = cast("list[Any]", node)
        return [tidy(item, names) for item in items]
    if not isinstance(node, dict):
        return node
    cleaned: dict[str, Any] = {}
    for key, value in cast("dict[str, Any]", node).items():
        if key == "$ref":
            cleaned[key] = PREFIX + names[value.removeprefix(PREFIX)]
        elif key == "properties":
            cleaned[key] = {name: tidy(item, names) for name, item in value.items()}
        elif key != "description":
            cleaned[key] = tidy(value, names)
    return cleaned


def main() -> None:
    """Write the schema next to the code that reads it."""
    check = "--check" in sys.argv[1:]
    folders = [argument for argument in sys.argv[1:] if argument != "--check"]
    modules = Path(folders[0] if folders else "web/node_modules")
    package = modules / "vega-lite"
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    source = json.loads((package / "build/vega-lite-schema.json").read_text(encoding="utf-8"))
    names = plain_names(list(source["definitions"]))
    schema = {
        "$schema": source["$schema"],
        "$comment": f"vega-lite {version}",
        "definitions": {
            names[name]: tidy(node, names) for name, node in source["definitions"].items()
        },
    }
    text = json.dumps(schema, separators=(",", ":"), sort_keys=True)
    if check:
        # Not the compressed bytes: they depend on the compressor's version.
        if gzip.decompress(TARGET.read_bytes()).decode() != text:
            sys.exit("The Vega-Lite schema is stale: run `make gen`.")
        print(f"vega-lite {version}: up to date")
        return
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"vega-lite {version}: {len(names)} definitions, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
