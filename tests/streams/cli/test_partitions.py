"""`rapport partitions` shows who reads which partition, and resumes paused partitions."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, create_engine
from sqlmodel import Session

from responders.store import migrate, progress
from responders.store.progress import Place
from streams.kafka.topics import TICKETS
from tests.streams.support.letter_samples import audit
from tests.streams.support.shell import Shell

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLACES = [Place("drafting", TICKETS, 1), Place("sentiment", TICKETS, 0), Place("sentiment", TICKETS, 1)]
REASON = "20 records in a row failed: handler_error"


@pytest.fixture
def shell(database_url: str) -> Shell:
    """Commands that must not need a broker."""
    migrate.upgrade(database_url)
    return Shell("127.0.0.1:1", database_url)


@pytest.fixture
def engine(shell: Shell) -> Iterator[Engine]:
    engine = create_engine(shell.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def paused(engine: Engine) -> None:
    """Create three partitions and pause two of them."""
    with Session(engine) as session, session.begin():
        for place in PLACES:
            progress.claim(session, place, first_offset=40, owner="pod-0", now=NOW)
        for place in (PLACES[0], PLACES[2]):
            progress.pause(session, place, epoch=1, reason=REASON, now=NOW)


def left(engine: Engine) -> set[tuple[str, int]]:
    with Session(engine) as session:
        return {
            (group, partition)
            for group in ("drafting", "sentiment")
            for partition in progress.paused_places(session, group, TICKETS)
        }


@pytest.mark.usefixtures("paused")
def test_partitions_are_listed_with_owner_offset_and_why_they_are_paused(shell: Shell) -> None:
    shown = shell("partitions", "list", "--json")
    assert shown.exit_code == 0
    rows = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [(row["group"], row["partition"], row["reason"]) for row in rows] == [
        ("drafting", 1, REASON),
        ("sentiment", 0, None),
        ("sentiment", 1, REASON),
    ]
    assert rows[0] == {
        "group": "drafting",
        "topic": TICKETS,
        "partition": 1,
        "owner": "pod-0",
        "next_offset": 40,
        "paused_since": "2026-03-01T00:00:00+00:00",
        "reason": REASON,
    }
    table = shell("partitions", "list").stdout
    assert "3 partitions" in table
    assert "pod-0" in table
    assert "2 partitions" in shell("partitions", "list", "--paused").stdout


@pytest.mark.usefixtures("paused")
def test_a_paused_partition_is_resumed_with_an_audit_row(shell: Shell, engine: Engine) -> None:
    options = ("--topic", TICKETS, "--partition", "1", "--comment", "rolled back", "--by", "maria")
    resumed = shell("partitions", "resume", "sentiment", *options)
    assert (resumed.exit_code, resumed.stdout) == (0, f"sentiment resumes {TICKETS}/1.\n")
    assert left(engine) == {("drafting", 1)}
    filters = {"group": "sentiment", "topic": TICKETS, "partition": 1}
    details = {"partitions": [f"sentiment/{TICKETS}/1"]}
    assert audit(engine) == [("resume", "maria", "rolled back", filters, 1, details)]


@pytest.mark.usefixtures("paused")
def test_without_a_filter_every_paused_partition_resumes(shell: Shell, engine: Engine) -> None:
    assert shell("partitions", "resume").exit_code == 0
    assert left(engine) == set()
    assert [row[4] for row in audit(engine)] == [2]


@pytest.mark.usefixtures("paused")
def test_one_sentence_says_that_nothing_was_paused(shell: Shell, engine: Engine) -> None:
    nothing = shell("partitions", "resume", "churn")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert nothing.stderr == "No matching partition was paused; nothing was changed.\n"
    assert (len(left(engine)), audit(engine)) == (2, [])


def test_an_empty_list_is_an_empty_table(shell: Shell) -> None:
    assert "0 partitions" in shell("partitions", "list").stdout
