"""`rapport queue` prints the head of the queue, with its reasons, from the database alone."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console
from sqlalchemy import Engine, create_engine

from responders.store import migrate
from responders.store.desk.queue import QueueRow
from responders.urgency import Plea, SaidWords
from schemas.churn import Stakes
from streams.cli.queue import queue_cells, queue_table
from tests.responders.support.desk_samples import NOW, account_row, angry, event_row, outreach_row, put
from tests.streams.support.shell import Shell


def row(**fields: object) -> QueueRow:
    said = SaidWords("negative", threat=0.9, words={"threat_to_leave": "we cancel"})
    known: dict[str, object] = {
        "item_id": "T-1",
        "ticket_id": "T-1",
        "draft_id": None,
        "account_id": "acme",
        "account_name": "Acme Robotics",
        "channel": "email",
        "subject": "Export fails",
        "snippet": "It fails.",
        "mood": "negative",
        "mood_known": True,
        "probability_negative": 0.9,
        "frustration": 0.8,
        "tier": 3,
        "draft_state": None,
        "confidence": None,
        "dismissed_reason": None,
        "waiting_since": NOW - timedelta(hours=3),
        "due_at": NOW - timedelta(hours=1),
        "place_at": NOW - timedelta(hours=1),
        "plea": Plea(said, Stakes(), None, NOW - timedelta(hours=3)),
    }
    return QueueRow(**(known | fields))  # type: ignore[arg-type]


def test_a_row_says_by_when_to_answer_whom_and_why() -> None:
    assert queue_cells(row(), now=NOW) == (
        "10 Mar 11:00",
        "T-1: Export fails",
        "Acme Robotics",
        "negative",
        "threatens to leave (“we cancel”); waiting 3 h",
    )


@pytest.mark.parametrize(
    ("fields", "mood"),
    [
        ({"mood": None}, "not sure"),
        ({"mood": None, "mood_known": False}, "not scored"),
        ({"ticket_id": None, "plea": None}, "outreach"),
    ],
)
def test_a_row_without_a_mood_says_so(fields: dict[str, object], mood: str) -> None:
    assert queue_cells(row(**fields), now=NOW)[3] == mood


def test_control_characters_and_markup_of_customers_have_no_effect_on_the_terminal() -> None:
    console = Console(width=200, record=True, file=StringIO())
    console.print(queue_table([row(subject="[red]\x1b[2J\u202e")], now=NOW))
    printed = console.export_text()
    assert "[red]" in printed
    assert "\x1b" not in printed
    assert "\u202e" not in printed


def test_an_empty_queue_is_said_in_words() -> None:
    assert queue_table([], now=NOW).title == "Nobody is waiting"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    migrate.upgrade(database_url)
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def test_the_command_prints_the_most_urgent_rows_first(engine: Engine, database_url: str) -> None:
    put(engine, *(event_row(f"calm-{n}") for n in range(5)), event_row("angry"), outreach_row())
    put(engine, angry("angry", threat=0.9), account_row("acme"))
    shell = Shell("127.0.0.1:1", database_url)
    found = shell("queue", "--top", "3")
    assert found.exit_code == 0, found.stderr
    places = [found.stdout.find(name) for name in ("angry", "outreach", "calm-0")]
    assert -1 < places[0] < places[1] < places[2]
    assert "calm-1" not in found.stdout
    assert "3 rows" in found.stdout
    assert shell("queue", "--top", "0").exit_code == 2
