"""`rapport dead-letters`: list, show, replay and discard the records that could not be handled."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from sqlmodel import Session

from responders.store import letters as store
from responders.store.actions import OperatorAction
from responders.store.letters import Filters, LetterState
from streams.cli.composition.connections import database, open_broker, read_settings
from streams.cli.letter_options import LetterChoice, chooses_letters
from streams.cli.letter_views import (
    content_lines,
    content_outline,
    exact_content,
    letter_history,
    letter_summary,
    letters_table,
)
from streams.cli.operators import ByOption, CommentOption, actor, audited_filters, stored
from streams.cli.terminal import errors, fail
from streams.operate.dead_letters import Chosen, choose, discard, plan
from streams.operate.replays import Replayed, ReplayOptions, replay

app = typer.Typer(
    help="List, show, replay and discard the inputs that could not be handled.", no_args_is_help=True
)

LimitOption = Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")]
ContentOption = Annotated[
    bool, typer.Option("--value", help="Also print value and headers, which may hold a customer's words.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
@chooses_letters
def list_letters(chosen: LetterChoice, limit: LimitOption = 100, json_lines: JsonOption = False) -> None:
    """List dead letters, newest first, without their content.

    Example: rapport dead-letters list --reason broken_json --state new --since 2h
    """
    filters = chosen.filters((chosen.state,) if chosen.state else ())
    with database(read_settings()) as engine, Session(engine) as session:
        rows = list(store.list_letters(session, filters, limit=limit))
        session.expunge_all()
    if json_lines:
        for row in rows:
            typer.echo(json.dumps(letter_summary(row)))
        return
    Console().print(letters_table(rows))


@app.command()
def show(
    letter_id: Annotated[str, typer.Argument(help="The id, as `list` prints it.")],
    value: ContentOption = False,
    as_object: JsonOption = False,
) -> None:
    """Show where a dead letter comes from and why it is one.

    --value adds its content; with --json key, value and headers are base64, exactly as they were read.

    Example: rapport dead-letters show 5f2a90c1d3b44e6f8a7b6c5d --value
    """
    with database(read_settings()) as engine, Session(engine) as session:
        row = store.get_letter(session, letter_id)
        if row is None:
            fail(f"There is no dead letter {letter_id}.")
        letter = store.to_letter(row)
        summary = letter_summary(row) | letter_history(row, letter)
    if as_object:
        typer.echo(json.dumps(summary | (exact_content(letter) if value else {})))
        return
    for name, text in (summary | content_outline(letter)).items():
        typer.echo(f"{name:12} {text}")
    for line in content_lines(letter) if value else ():
        typer.echo(line)


@app.command("replay")
@chooses_letters
def replay_letters(  # noqa: PLR0913 - typer reads the options from the parameters
    chosen: LetterChoice,
    *,
    limit: LimitOption = 1_000,
    again: Annotated[bool, typer.Option("--again", help="Also letters that were replayed before.")] = False,
    rate: Annotated[float, typer.Option(min=0.01, help="At most this many records a second.")] = 500.0,
    comment: CommentOption = None,
    by: ByOption = None,
    send: Annotated[bool, typer.Option("--send", help="Send them; without this only show them.")] = False,
) -> None:
    """Send dead letters back to the topic they were read from; without --send only show which.

    Takes the oldest letters that match and were not replayed yet. Key, value and headers are sent byte for
    byte, with the header replayed-from, to every group that reads the topic. An event that has had its
    effect meanwhile counts as a duplicate and has no second effect. A usage event whose time bucket is
    closed by now counts as `late`. A record that fails again becomes a new letter. Discarded letters are
    sent only with --state discarded --again.

    Example: rapport dead-letters replay --reason handler_error --since 2h --comment "fixed in 1.4" --send
    """
    filters = chosen.filters_to_change(_replayable_states(chosen.state, again=again))
    details = audited_filters(filters, limit=limit, rate=rate)
    action = OperatorAction("replay", actor(by), comment and stored(comment), details)
    settings = read_settings()
    with database(settings) as engine:
        broker = open_broker(settings)
        planned = plan(engine, broker, filters, limit=_at_least_named(filters, limit))
        if not send:
            _show_plan(planned, f"{planned.records:,} records would be sent again; add --send to do it.")
            return
        options = ReplayOptions(rate_per_second=rate, states=filters.states)
        replayed = replay(engine, broker, planned.ids, action=action, options=options, now=datetime.now(UTC))
    _conclude(replayed, planned)


@app.command("discard")
@chooses_letters
def discard_letters(
    chosen: LetterChoice,
    *,
    limit: LimitOption = 1_000,
    comment: CommentOption = None,
    by: ByOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Discard them; without this only show them.")] = False,
) -> None:
    """Mark dead letters as discarded, so that no replay takes them; without --yes only show which.

    Takes the oldest letters that match and were not replayed; --state replayed takes replayed ones. Nothing
    is erased: discarded letters can still be shown, and still count as dead letters in the ledger.

    Example: rapport dead-letters discard --reason broken_json --since 7d --comment "load test" --yes
    """
    if chosen.state == "discarded":
        fail("Letters that are discarded cannot be discarded again.", code=2)
    filters = chosen.filters_to_change((chosen.state or "new",))
    details = audited_filters(filters, limit=limit)
    action = OperatorAction("discard", actor(by), comment and stored(comment), details)
    with database(read_settings()) as engine:
        planned = choose(engine, filters, limit=_at_least_named(filters, limit))
        if not yes:
            _show_plan(planned, f"{len(planned.rows):,} letters would be discarded; add --yes to do it.")
            return
        now = datetime.now(UTC)
        kept = discard(engine, planned.ids, action=action, states=filters.states, now=now).kept
    count = len(planned.rows) - len(kept)
    errors.print(f"{count:,} letters discarded; their bytes are kept.", highlight=False)
    _tell_kept(planned.kept | kept)


def _replayable_states(state: LetterState | None, *, again: bool) -> tuple[LetterState, ...]:
    """Return the states of letters to replay: `new`, and others only if the person asked for them."""
    if state not in (None, "new") and not again:
        fail(f"Letters that were {state} are sent again only with --again.", code=2)
    if state is not None:
        return (state,)
    return ("new", "replayed") if again else ("new",)


def _at_least_named(filters: Filters, limit: int) -> int:
    """Return how many letters a command may take: a list of ids is its own limit."""
    return max(limit, len(filters.ids))


def _show_plan(planned: Chosen, sentence: str) -> None:
    Console().print(letters_table(planned.rows))
    errors.print(sentence, highlight=False)
    _tell_kept(planned.kept)


def _conclude(replayed: Replayed, planned: Chosen) -> None:
    errors.print(
        f"{replayed.records:,} records sent again, {len(replayed.sent):,} letters marked as replayed.",
        highlight=False,
    )
    _tell_kept(planned.kept | replayed.kept)


def _tell_kept(kept: Mapping[str, str]) -> None:
    """Name each letter that the command left alone, and why; exit code 1 if there is one."""
    for letter_id, reason in kept.items():
        errors.print(f"{letter_id}: {reason}", style="yellow", markup=False, highlight=False)
    if kept:
        raise typer.Exit(1)
