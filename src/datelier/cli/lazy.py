"""Groups whose commands are imported on use, so that `--help` stays quick."""

import difflib
import importlib
from collections.abc import Iterable
from typing import Any

import click
from typing_extensions import override


class LazyGroup(click.Group):
    """A group that knows its commands' names and one-line helps without importing them.

    Args:
        commands_table: name → (``module:attribute``, short help).
    """

    def __init__(
        self, *args: Any, commands_table: dict[str, tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._table = commands_table

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._table)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self._table.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry[0].partition(":")
        return getattr(importlib.import_module(module), attribute)

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        _require_known(ctx, args, self._table)
        return super().resolve_command(ctx, args)

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in self._table.items()])


class NounGroup(click.Group):
    """A group of verbs that says what a mistyped one may have meant."""

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        _require_known(ctx, args, self.commands)
        return super().resolve_command(ctx, args)


def _require_known(ctx: click.Context, args: list[str], names: Iterable[str]) -> None:
    known = list(names)
    if args and args[0] not in known and not args[0].startswith("-"):
        close = difflib.get_close_matches(args[0], known, n=1)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        ctx.fail(f"No such command '{args[0]}'.{hint}")


class DefaultGroup(click.Group):
    """A group that runs one command when the first word is none of its commands."""

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._default = default

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = [self._default, *args]
        return super().parse_args(ctx, args)
