"""The commands by name: each process imports its own, and all of them exist."""

import subprocess
import sys

import pytest
import typer
import typer.main
from typer.testing import CliRunner

from streams.cli import app
from streams.cli.commands import COMMANDS

NOT_NEEDED = (
    "responders.drafting",
    "responders.desk",
    "streams.backtest",
    "streams.demo",
    "sklearn",
    "torch",
)
"""Modules of other commands and of libraries that take long to import."""


def test_the_help_lists_every_command_in_order() -> None:
    group = typer.main.get_command(app)
    context = typer.Context(group)
    assert group.list_commands(context) == list(COMMANDS)  # type: ignore[attr-defined]
    found = [group.get_command(context, name) for name in COMMANDS]  # type: ignore[attr-defined]
    assert [command.name for command in found] == list(COMMANDS)


def test_a_misspelt_command_is_refused_with_the_name_that_was_meant() -> None:
    refused = CliRunner().invoke(app, ["ledgr"])
    assert refused.exit_code == 2
    assert "Did you mean 'ledger'?" in refused.output


@pytest.mark.parametrize("command", ["worker", "relay", "ledger", "topics"])
def test_a_process_does_not_import_what_only_other_commands_need(command: str) -> None:
    script = (
        "import sys, typer.main; from streams.cli import app; import streams.cli.composition.groups;"
        "import streams.cli.composition.services; group = typer.main.get_command(app);"
        f"group.get_command(None, {command!r}); sys.exit(any(name in sys.modules for name in {NOT_NEEDED}))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
