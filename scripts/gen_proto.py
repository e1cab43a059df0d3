"""Generate `src/datelier/wire/v1` from `proto/`; `--check` fails when the committed code differs."""

import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
SOURCE = "datelier/wire/v1/worker.proto"
TARGET = ROOT / "src" / "datelier" / "wire" / "v1"


def generate(out: Path) -> list[Path]:
    """Run protoc into `out`; the package path of the proto makes every import absolute and safe."""
    builtin = str(files("grpc_tools") / "_proto")
    arguments = ["protoc", f"-I{ROOT / 'proto'}", f"-I{builtin}"]
    arguments += [f"--{kind}_out={out}" for kind in ("python", "pyi", "grpc_python")]
    if protoc.main([*arguments, SOURCE]) != 0:
        sys.exit("protoc failed")
    return sorted((out / Path(SOURCE).parent).iterdir())


def main() -> None:
    """Write the generated files, or only compare them."""
    check = "--check" in sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        stale: list[str] = []
        for made in generate(Path(folder)):
            committed = TARGET / made.name
            if committed.exists() and committed.read_bytes() == made.read_bytes():
                continue
            stale.append(made.name)
            if not check:
                committed.write_bytes(made.read_bytes())
    if check and stale:
        sys.exit(f"Generated code is stale ({', '.join(stale)}): run `make gen`.")
    print("wire:", ", ".join(stale) + " written" if stale else "up to date")


if __name__ == "__main__":
    main()
