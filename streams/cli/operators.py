"""Options and texts of the commands that change data: who acts, why, and which dead letters are meant."""

import getpass
import os
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer

from responders.store.letters import Filters
from streams.cli.terminal import fail
from streams.operate.dead_letters import AUDITED_IDS

ByOption = Annotated[
    str | None, typer.Option(help="Who does it, for the audit row; your login name by default.")
]
CommentOption = Annotated[str | None, typer.Option(help="Why, for the audit row.")]
IdsArgument = Annotated[list[str] | None, typer.Argument(help="Ids; or choose by the options.")]
ReasonOption = Annotated[str | None, typer.Option(help="Only this reason, such as broken_json.")]
TopicOption = Annotated[str | None, typer.Option(help="Only records of this topic.")]
GroupOption = Annotated[str | None, typer.Option(help="Only records that this consumer group read.")]
PartitionOption = Annotated[int | None, typer.Option(min=0, help="Only this partition.")]
SinceOption = Annotated[
    str | None,
    typer.Option(help="Only letters written since then: ISO time (UTC without a zone) or 30m, 2h, 7d ago."),
]
UntilOption = Annotated[str | None, typer.Option(help="Only letters written before then, in the same forms.")]

UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
"""Letters that a person writes for a unit of time, and the argument of `timedelta` for each."""

MAX_NAME_CHARACTERS: Final = 200
"""Length to which the name of an actor is cut in the audit row."""


def actor(by: str | None) -> str:
    """Return who acts: the given name, else the login name, else the number of the user."""
    if by is not None:
        return stored(by)[:MAX_NAME_CHARACTERS]
    try:
        return stored(getpass.getuser())
    except (KeyError, OSError):  # the user of a container may have no name
        return f"uid {os.getuid()}"


def stored(text: str) -> str:
    r"""Return text of the command line in a form that a database takes: bytes that are not UTF-8 become `?`.

    >>> stored("caf\udce9")
    'caf?'
    """
    return text.encode("utf-8", "replace").decode()


def to_seconds(moment: datetime) -> str:
    """Return an instant as ISO time in UTC, to the second.

    >>> to_seconds(datetime(2026, 3, 2, 7, 30, tzinfo=UTC))
    '2026-03-02T07:30:00+00:00'
    """
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def instant_text(moment: datetime | None) -> str | None:
    """Return an instant as `to_seconds` does; None stays None."""
    return None if moment is None else to_seconds(moment)


def shown(text: str) -> str:
    r"""Return text for a cell of a table: each unprintable character becomes `·`, so lines stay whole.

    >>> shown("a\r\nb\x1b[31m")
    'a··b·[31m'
    """
    return "".join(character if character.isprintable() else "·" for character in text)


def moment(text: str, now: datetime) -> datetime:
    """Return the time that a person means: an ISO time, UTC if it names no zone, or how long ago.

    Raises ValueError or OverflowError for any other text.

    >>> now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> moment("2h", now).isoformat(), moment("2026-02-28", now).isoformat()
    ('2026-03-01T10:00:00+00:00', '2026-02-28T00:00:00+00:00')
    """
    ago = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text)
    if ago:
        return now - timedelta(**{UNITS[ago[2]]: float(ago[1])})
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def parsed_moment(option: str, text: str | None, now: datetime) -> datetime | None:
    """Return the time that an option names, None if it was not given; end the command if it is wrong."""
    if text is None:
        return None
    try:
        return moment(text, now)
    except (ValueError, OverflowError):
        fail(f"{option} {text} is neither an ISO time nor a time ago such as 30m, 2h or 7d.", code=2)


def audited_filters(filters: Filters, **limits: Any) -> Mapping[str, Any]:
    """Return the given filters and other limits of a command as the audit row keeps them, ready for JSON.

    At most `AUDITED_IDS` ids are kept.

    >>> audited_filters(Filters(reason="broken_json", partition=0), limit=5)
    {'reason': 'broken_json', 'partition': 0, 'limit': 5}
    """
    given = {name: value for name, value in asdict(filters).items() if value not in (None, ())}
    for name in {"since", "until"} & given.keys():
        given[name] = given[name].isoformat()
    if "ids" in given:
        given["ids"] = given["ids"][:AUDITED_IDS]
    return given | limits
