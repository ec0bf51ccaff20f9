"""The command line: the `rapport` command and the composition root of the service.

This folder may import all of `streams`; no other folder imports it. `app` is the typer application of all
commands, `main` runs it. A command's module is imported when the command runs or shows its help.
"""

import os

import typer

from streams.cli.commands import CommandsGroup

__all__ = ["app", "main"]

app = typer.Typer(
    cls=CommandsGroup,
    callback=lambda: None,
    help="Streaming customer-support intelligence: scores, drafts and churn alerts from Kafka.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)


def main() -> None:
    """Run the command line; models are loaded from their packages, never from a hub."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    app()
