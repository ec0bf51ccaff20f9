"""The options by which `list`, `replay` and `discard` choose dead letters, declared once."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from responders.store.letters import Filters, LetterState
from streams.cli.operators import (
    GroupOption,
    IdsArgument,
    PartitionOption,
    ReasonOption,
    SinceOption,
    TopicOption,
    UntilOption,
    parsed_moment,
)
from streams.cli.terminal import fail

StateOption = Annotated[LetterState | None, typer.Option(help="Only letters in this state.")]


@dataclass(frozen=True)
class LetterChoice:
    """The letters that a person chose on the command line; a field is None if its option was not given."""

    letter_ids: IdsArgument = None
    reason: ReasonOption = None
    topic: TopicOption = None
    group: GroupOption = None
    partition: PartitionOption = None
    since: SinceOption = None
    until: UntilOption = None
    state: StateOption = None

    def filters(self, states: tuple[LetterState, ...]) -> Filters:
        """Return the filters for the store, with these states; end the command if a time makes no sense."""
        now = datetime.now(UTC)
        return Filters(
            ids=tuple(self.letter_ids or ()),
            reason=self.reason,
            topic=self.topic,
            group=self.group,
            partition=self.partition,
            since=parsed_moment("--since", self.since, now),
            until=parsed_moment("--until", self.until, now),
            states=states,
        )

    def filters_to_change(self, states: tuple[LetterState, ...]) -> Filters:
        """Return the filters of a command that changes letters.

        Ends the command if no option says which letters, because a person rarely means all of them.
        """
        filters = self.filters(states)
        if self.state is None and filters == Filters(states=states):
            fail(
                "Say which letters: ids, --reason, --topic or another filter; --state new is all of them.",
                code=2,
            )
        return filters


def chooses_letters(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command for typer with the options of `LetterChoice` in place of its first parameter.

    That parameter gets the `LetterChoice` made of them.
    """
    choice = list(inspect.signature(LetterChoice).parameters.values())
    _, *others = inspect.signature(command).parameters.values()
    by_keyword = [option.replace(kind=inspect.Parameter.KEYWORD_ONLY) for option in (*choice[1:], *others)]
    names = [field.name for field in fields(LetterChoice)]

    def called_by_typer(**options: Any) -> None:
        chosen = LetterChoice(**{name: options.pop(name) for name in names})
        command(chosen, **options)

    called_by_typer.__name__ = command.__name__
    called_by_typer.__doc__ = command.__doc__
    called_by_typer.__signature__ = inspect.Signature([choice[0], *by_keyword])  # type: ignore[attr-defined]
    return called_by_typer
