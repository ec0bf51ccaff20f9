"""The names of all commands, each imported only when it is needed: a process starts with its own part."""

from importlib import import_module
from typing import Any, Final

import typer
import typer.main

from streams.cli.terminal import PlainGroup

COMMANDS: Final = {
    "demo": "demo:demo",
    "up": "up:up",
    "worker": "run:worker",
    "relay": "run:relay",
    "desk": "run:desk",
    "intake": "run:intake",
    "migrate": "migrate:migrate",
    "ledger": "ledger:show_ledger",
    "queue": "queue:show_queue",
    "schemas": "schemas:schemas",
    "ingest": "ingest:ingest",
    "backtest": "backtest:backtest",
    "recommend": "backtest:recommend",
    "topics": "topics:app",
    "knowledge": "knowledge:app",
    "dead-letters": "letters:app",
    "partitions": "partitions:app",
    "sentiment": "desk_moods:app",
    "train": "train:app",
    "evaluate": "evaluate:app",
}
"""The module of this folder and the name in it: a function, or the application of a group of commands."""


class CommandsGroup(PlainGroup):
    """The group of all commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name, or None; a misspelt name is compared with all of them."""
        needed = [cmd_name] if cmd_name in COMMANDS else list(COMMANDS)
        for name in needed:
            if name not in self.commands:
                self.add_command(_built(name), name)
        return super().get_command(ctx, cmd_name)


def _built(name: str) -> Any:
    module, _, attribute = COMMANDS[name].partition(":")
    found = getattr(import_module(f"streams.cli.{module}"), attribute)
    alone = typer.Typer(callback=lambda: None)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name)(found)
    return typer.main.get_group(alone).commands[name]
