"""`rapport dead-letters`: list, show, replay and discard what could not be handled."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlmodel import Session

from responders.store import letters as store
from responders.store.actions import Action
from responders.store.letters import Filters, State
from schemas import DeadLetter
from schemas.tables import DeadLetterRow
from streams.cli.context import database, errors, fail, open_broker, told_plainly
from streams.cli.operators import (
    ByOption,
    CommentOption,
    GroupOption,
    IdsArgument,
    PartitionOption,
    ReasonOption,
    SinceOption,
    TopicOption,
    UntilOption,
    actor,
    as_json,
    shown,
    stored,
    understood,
)
from streams.operate.dead_letters import Chosen, choose, discard, plan, visible
from streams.operate.replays import Options, Replayed, replay
from streams.process.settings import Settings

app = typer.Typer(
    help="List, show, replay and discard the inputs that could not be handled.", no_args_is_help=True
)

Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")]
OnlyState = Annotated[State | None, typer.Option(help="Only letters in this state.")]
Content = Annotated[
    bool, typer.Option("--value", help="Print value and headers too: they may be a customer's words.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_letters(  # noqa: PLR0913 - typer reads the options from the parameters
    letter_ids: IdsArgument = None,
    *,
    reason: ReasonOption = None,
    topic: TopicOption = None,
    group: GroupOption = None,
    partition: PartitionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    state: OnlyState = None,
    limit: Limit = 100,
    json_lines: AsJson = False,
) -> None:
    """List dead letters, newest first, without their content.

    Example: rapport dead-letters list --reason broken_json --state new --since 2h
    """
    given = {"reason": reason, "topic": topic, "group": group, "partition": partition}
    filters = _filters(letter_ids, given, (since, until), (state,) if state else ())
    with told_plainly(), database(Settings()) as engine, Session(engine) as session:
        found = list(store.list_letters(session, filters, limit=limit))
        session.expunge_all()
    if json_lines:
        for row in found:
            typer.echo(json.dumps(_summary(row)))
        return
    Console().print(letters_table(found))


@app.command()
def show(
    letter_id: Annotated[str, typer.Argument(help="The id, as `list` prints it.")],
    value: Content = False,
    as_object: AsJson = False,
) -> None:
    """Show where a dead letter comes from and why it is one.

    --value adds its content; with --json key, value and headers are base64, exactly as they were read.

    Example: rapport dead-letters show 5f2a90c1d3b44e6f8a7b6c5d --value
    """
    with told_plainly(), database(Settings()) as engine, Session(engine) as session:
        row = store.get_letter(session, letter_id)
        if row is None:
            fail(f"There is no dead letter {letter_id}.")
        letter, summary = store.to_letter(row), _summary(row)
        summary |= {"timestamp": _when(letter.timestamp_ms), "build": letter.build, **_closed(row)}
    if as_object:
        typer.echo(json.dumps(summary | (_exact(letter) if value else {})))
        return
    for name, text in (summary | _details(letter)).items():
        typer.echo(f"{name:12} {text}")
    if value:
        _print_content(letter)


@app.command("replay")
def replay_letters(  # noqa: PLR0913 - typer reads the options from the parameters
    letter_ids: IdsArgument = None,
    *,
    reason: ReasonOption = None,
    topic: TopicOption = None,
    group: GroupOption = None,
    partition: PartitionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    state: OnlyState = None,
    limit: Limit = 1_000,
    again: Annotated[bool, typer.Option("--again", help="Also letters that were replayed before.")] = False,
    rate: Annotated[float, typer.Option(min=0.01, help="At most this many records a second.")] = 500.0,
    comment: CommentOption = None,
    by: ByOption = None,
    send: Annotated[bool, typer.Option("--send", help="Do it; without this it is only shown.")] = False,
) -> None:
    """Send dead letters back to the topic they were read from; without --send only show which.

    The oldest letters that match and were not replayed yet. Key, value and headers go out byte for byte,
    with the header replayed-from, to every group that reads the topic: an event that had its effect
    meanwhile counts as a duplicate and has no second one. A usage event whose time bucket is closed by
    now counts as `late`. What fails again becomes a new letter. Discarded letters go out only with
    --state discarded --again.

    Example: rapport dead-letters replay --reason handler_error --since 2h --comment "fixed in 1.4" --send
    """
    given = {"reason": reason, "topic": topic, "group": group, "partition": partition}
    filters = _filters(letter_ids, given, (since, until), _replayable(state, again=again))
    _refuse_everything(filters, state)
    action = Action(
        "replay", actor(by), comment and stored(comment), as_json(filters, limit=limit, rate=rate)
    )
    with told_plainly(), database(Settings()) as engine:
        broker = open_broker(Settings())
        chosen = plan(engine, broker, filters, limit=_room(filters, limit))
        if not send:
            _show_plan(chosen, f"{chosen.records:,} records would be sent again; add --send to do it.")
            return
        options = Options(rate_per_second=rate, states=filters.states)
        replayed = replay(engine, broker, chosen.ids, action=action, options=options, now=datetime.now(UTC))
    _conclude(replayed, chosen)


@app.command("discard")
def discard_letters(  # noqa: PLR0913 - typer reads the options from the parameters
    letter_ids: IdsArgument = None,
    *,
    reason: ReasonOption = None,
    topic: TopicOption = None,
    group: GroupOption = None,
    partition: PartitionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    state: OnlyState = None,
    limit: Limit = 1_000,
    comment: CommentOption = None,
    by: ByOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only shown.")] = False,
) -> None:
    """Mark dead letters as discarded, so that no replay takes them; without --yes only show which.

    The oldest letters that match and were not replayed; --state replayed for those that were. Nothing
    is erased: they can still be shown, and still count as dead letters in the ledger.

    Example: rapport dead-letters discard --reason broken_json --since 7d --comment "load test" --yes
    """
    if state == "discarded":
        fail("Letters that are discarded cannot be discarded again.", code=2)
    given = {"reason": reason, "topic": topic, "group": group, "partition": partition}
    filters = _filters(letter_ids, given, (since, until), (state or "new",))
    _refuse_everything(filters, state)
    action = Action("discard", actor(by), comment and stored(comment), as_json(filters, limit=limit))
    with told_plainly(), database(Settings()) as engine:
        chosen = choose(engine, filters, limit=_room(filters, limit))
        if not yes:
            _show_plan(chosen, f"{len(chosen.rows):,} letters would be discarded; add --yes to do it.")
            return
        left = discard(engine, chosen.ids, action=action, states=filters.states, now=datetime.now(UTC)).kept
    errors.print(
        f"{len(chosen.rows) - len(left):,} letters discarded; their bytes are kept.", highlight=False
    )
    _tell_kept(chosen.kept | left)


def _filters(
    letter_ids: list[str] | None,
    given: Mapping[str, Any],
    between: tuple[str | None, str | None],
    states: tuple[State, ...],
) -> Filters:
    now = datetime.now(UTC)
    since, until = (understood(*one, now) for one in zip(("--since", "--until"), between, strict=True))
    return Filters(**given, ids=tuple(letter_ids or ()), since=since, until=until, states=states)


def _replayable(state: State | None, *, again: bool) -> tuple[State, ...]:
    """Return the states of letters to replay: `new`, and others only where that was asked for."""
    if state not in (None, "new") and not again:
        fail(f"Letters that were {state} go out again only with --again.", code=2)
    if state is not None:
        return (state,)
    return ("new", "replayed") if again else ("new",)


def _refuse_everything(filters: Filters, state: State | None) -> None:
    """End the command where nothing says which letters: all of them is rarely what a person means."""
    if state is None and filters == Filters(states=filters.states):
        fail(
            "Say which letters: ids, --reason, --topic or another filter; --state new is all of them.", code=2
        )


def _room(filters: Filters, limit: int) -> int:
    """Return how many letters may be chosen: who names them has limited them."""
    return max(limit, len(filters.ids))


def _show_plan(chosen: Chosen, sentence: str) -> None:
    Console().print(letters_table(chosen.rows))
    errors.print(sentence, highlight=False)
    _tell_kept(chosen.kept)


def _conclude(replayed: Replayed, chosen: Chosen) -> None:
    errors.print(
        f"{replayed.records:,} records sent again, {len(replayed.sent):,} letters marked as replayed.",
        highlight=False,
    )
    _tell_kept(chosen.kept | replayed.kept)


def _tell_kept(kept: Mapping[str, str]) -> None:
    for letter_id, why in kept.items():
        errors.print(f"{letter_id}: {why}", style="yellow", markup=False, highlight=False)
    if kept:
        raise typer.Exit(1)


def _summary(row: DeadLetterRow) -> dict[str, Any]:
    return {
        "letter_id": row.letter_id,
        "created_at": row.created_at.astimezone(UTC).isoformat(timespec="seconds"),
        "group": row.consumer_group,
        "topic": row.topic,
        "partition": row.partition,
        "offset": row.record_offset,
        "reason": row.reason,
        "error": visible(row.error.encode("utf-8", "replace")),
        "attempts": row.attempts,
        "state": row.state,
    }


def _when(timestamp_ms: int) -> str:
    """Return the record's own time as the broker gave it; far-off numbers as they are."""
    try:
        return datetime.fromtimestamp(timestamp_ms / 1_000, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, OSError, ValueError):
        return f"{timestamp_ms} ms"


def _closed(row: DeadLetterRow) -> dict[str, str]:
    moments = {"replayed_at": row.replayed_at, "discarded_at": row.discarded_at}
    return {
        name: when.astimezone(UTC).isoformat(timespec="seconds")
        for name, when in moments.items()
        if when is not None
    }


def _details(letter: DeadLetter) -> dict[str, str]:
    size = NULL if letter.value is None else f"{len(letter.value):,} bytes"
    names = ", ".join(_name(name) for name, _ in letter.headers) or "none"
    return {"key": _text(letter.key), "value": size, "headers": names}


def _exact(letter: DeadLetter) -> dict[str, Any]:
    headers = [[name, _base64(value)] for name, value in letter.headers]
    return {"key": _base64(letter.key), "value": _base64(letter.value), "headers": headers}


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


NULL = "(null)"


def _text(data: bytes | None) -> str:
    return NULL if data is None else visible(data)


def _name(name: str) -> str:
    return visible(name.encode("utf-8", "replace"))


def _print_content(letter: DeadLetter) -> None:
    for name, value in letter.headers:
        typer.echo(f"{_name(name)}: {_text(value)}")
    typer.echo("")
    typer.echo(_text(letter.value))


def letters_table(rows: list[DeadLetterRow]) -> Table:
    """Return dead letters as a table, one row each, without their content."""
    table = Table(title=f"{len(rows)} dead letters")
    for name in ("id", "when", "group", "read from", "reason", "state"):
        table.add_column(name, overflow="fold")
    for row in rows:
        place = f"{row.topic}/{row.partition}/{row.record_offset}"
        when = row.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        cells = (row.letter_id, when, row.consumer_group, place, row.reason, row.state)
        table.add_row(*(Text(shown(cell)) for cell in cells))
    return table
