"""How commands talk to the person at the terminal: messages on standard error, errors in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from rich.console import Console
from typer.core import TyperGroup

from streams.cli.sentences import sentence_of
from streams.operate.dead_letters import printable


class PlainConsole(Console):
    """A console that writes control characters visibly, because ids and words come out of people's files."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print the objects; each control character of a text becomes a visible escape."""
        shown = (printable(item) if isinstance(item, str) else item for item in objects)
        super().print(*shown, **options)


errors = PlainConsole(stderr=True)
"""The console for messages to people; standard output holds only output that other programs read."""


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens; a link is never wrapped."""
    errors.print(sentence, style="dim", markup=False, highlight=False, soft_wrap=True)


def tell(sentence: str) -> None:
    """Print a sentence with an address on standard output; the address is never wrapped."""
    Console().print(sentence, markup=False, highlight=False, soft_wrap=True)


def fail(sentence: str, *, code: int = 1) -> NoReturn:
    """End the command with one sentence for a person and this exit code."""
    errors.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn an error that is not our own bug into one sentence and exit code 1; re-raise any other."""
    try:
        yield
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        fail(sentence)


class PlainGroup(TyperGroup):
    """The group of all commands: it tells the errors of every command plainly."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        with told_plainly():
            return super().invoke(ctx)
