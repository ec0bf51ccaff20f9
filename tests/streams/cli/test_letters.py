"""`rapport dead-letters` as operators use it, on a broker and a database of their own."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlmodel import Session

from responders.store import letters as store
from streams.cli.operators import actor, moment, stored
from streams.kafka.brokers import Broker, held_offsets
from streams.kafka.topics import TICKETS
from tests.streams.support.letter_samples import audit, letter, save, states
from tests.streams.support.shell import Shell

WORDS = b"my secret words\x1b[31m"


@pytest.fixture
def engine(shell: Shell) -> Iterator[Engine]:
    engine = create_engine(shell.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def letter_id(engine: Engine) -> str:
    headers = (("trace", b"header words"), ("none", None))
    unread = letter(TICKETS, letter_id="abc", reason="broken_json", value=WORDS, headers=headers)
    return save(engine, unread)[0]


def on_broker(shell: Shell) -> int:
    return sum(at.end for at in held_offsets(Broker(shell.bootstrap), [TICKETS]).values())


def listed(shell: Shell, *options: str) -> list[str]:
    found = shell("dead-letters", "list", "--json", *options)
    assert found.exit_code == 0
    return [json.loads(line)["letter_id"] for line in found.stdout.splitlines()]


def test_a_dead_letter_is_listed_and_shown_without_the_customers_words(shell: Shell, letter_id: str) -> None:
    table = shell("dead-letters", "list", "--reason", "broken_json", "--topic", TICKETS, "--state", "new")
    shown = shell("dead-letters", "show", letter_id)
    exact = shell("dead-letters", "show", letter_id, "--json")
    assert "abc" in table.stdout
    assert "words" not in table.stdout + shown.stdout + exact.stdout
    content = shell("dead-letters", "show", letter_id, "--value").stdout
    assert "trace: header words\nnone: (null)\n" in content
    assert "my secret words\\x1b[31m" in content
    assert shell("dead-letters", "show", "nonsense").exit_code == 1


def test_every_field_of_a_letter_is_shown_to_the_byte(shell: Shell, letter_id: str) -> None:
    shown = json.loads(shell("dead-letters", "show", letter_id, "--json", "--value").stdout)
    assert {name: shown[name] for name in ("topic", "partition", "offset", "timestamp")} == {
        "topic": TICKETS,
        "partition": 1,
        "offset": 0,
        "timestamp": "1970-01-01T00:00:00.005+00:00",
    }
    assert (shown["reason"], shown["attempts"], shown["build"]) == ("broken_json", 2, "test")
    assert (shown["error"], shown["state"]) == ("ValueError in the sentiment handler", "new")
    assert base64.b64decode(shown["key"]) == b"acc\xff"
    assert base64.b64decode(shown["value"]) == WORDS
    assert shown["headers"] == [["trace", base64.b64encode(b"header words").decode()], ["none", None]]
    text = shell("dead-letters", "show", letter_id).stdout
    assert all(f"{name} " in text for name in ("timestamp", "attempts", "build", "key", "value", "headers"))


def test_a_null_key_and_an_empty_one_look_different(shell: Shell, engine: Engine) -> None:
    save(
        engine, letter(TICKETS, 1, key=None, letter_id="null"), letter(TICKETS, 2, key=b"", letter_id="empty")
    )
    null, empty = (shell("dead-letters", "show", name).stdout for name in ("null", "empty"))
    assert f"{'key':12} (null)\n" in null
    assert f"{'key':12} \n" in empty
    assert json.loads(shell("dead-letters", "show", "empty", "--json", "--value").stdout)["key"] == ""


def test_letters_are_found_by_every_filter(shell: Shell, engine: Engine) -> None:
    now = datetime.now(UTC)
    save(
        engine,
        letter(TICKETS, 1, letter_id="old", created_at=now - timedelta(days=3)),
        letter(TICKETS, 2, letter_id="new", created_at=now - timedelta(minutes=1), consumer_group="drafting"),
        letter("other", 3, letter_id="far", created_at=now - timedelta(hours=5), partition=7),
    )
    assert listed(shell) == ["new", "far", "old"]
    assert listed(shell, "--limit", "1") == ["new"]
    assert listed(shell, "--since", "6h") == ["new", "far"]
    assert listed(shell, "--since", "6h", "--until", "2h") == ["far"]
    assert listed(shell, "--until", (now - timedelta(days=1)).isoformat()) == ["old"]
    assert listed(shell, "--group", "drafting") == ["new"]
    assert listed(shell, "--partition", "7") == ["far"]
    assert listed(shell, "old", "far", "--topic", "other") == ["far"]
    assert listed(shell, "--state", "discarded") == []


def test_a_replay_without_send_only_shows_its_plan(shell: Shell, engine: Engine, letter_id: str) -> None:
    planned = shell("dead-letters", "replay", letter_id)
    assert planned.exit_code == 0
    assert "1 records would be sent again" in planned.stderr
    assert (on_broker(shell), audit(engine)) == (0, [])

    why = ("--comment", "fixed", "--by", "maria")
    sent = shell("dead-letters", "replay", "--reason", "broken_json", "--send", *why)
    assert sent.exit_code == 0
    assert "1 records sent again, 1 letters marked as replayed." in sent.stderr
    assert on_broker(shell) == 1
    filters = {"states": ["new"], "reason": "broken_json", "limit": 1000, "rate": 500.0}
    details = {"records": 1, "letter_ids": ["abc"], "kept": 0}
    assert audit(engine) == [("replay", "maria", "fixed", filters, 1, details)]

    refused = shell("dead-letters", "replay", letter_id, "--send")
    assert (refused.exit_code, on_broker(shell)) == (1, 1)
    assert "abc: replayed before" in refused.stderr
    again = shell("dead-letters", "replay", letter_id, "--again", "--send")
    assert (again.exit_code, on_broker(shell)) == (0, 2)
    assert [row[1] for row in audit(engine)] == ["maria", actor(None)]
    assert "replayed_at" in shell("dead-letters", "show", letter_id).stdout


def test_letters_that_cannot_be_sent_are_named_in_the_plan_and_after_the_replay(
    shell: Shell, engine: Engine
) -> None:
    stuck = letter(TICKETS, 1, partition=9, letter_id="stuck")
    large = letter(TICKETS, 2, value=b"x" * 2_000_000, letter_id="large")
    save(engine, stuck, large, letter(TICKETS, 3, letter_id="fine"))
    planned = shell("dead-letters", "replay", "--topic", TICKETS)
    assert planned.exit_code == 1
    assert f"stuck: {TICKETS} no longer has partition 9" in planned.stderr
    assert "2 records would be sent again" in planned.stderr
    sent = shell("dead-letters", "replay", "--topic", TICKETS, "--send")
    assert sent.exit_code == 1
    assert "1 records sent again" in sent.stderr
    assert "large: MessageSizeTooLargeError" in sent.stderr
    assert "stuck: " in sent.stderr
    assert states(engine) == {"stuck": "new", "large": "new", "fine": "replayed"}


def test_discarding_shows_first_then_marks_with_an_audit_row_and_keeps_the_bytes(
    shell: Shell, engine: Engine, letter_id: str
) -> None:
    planned = shell("dead-letters", "discard", "--group", "sentiment")
    assert (planned.exit_code, states(engine)) == (0, {"abc": "new"})
    assert "1 letters would be discarded; add --yes to do it." in planned.stderr
    done = shell("dead-letters", "discard", "--group", "sentiment", "--yes", "--by", "maria")
    assert done.exit_code == 0
    assert "1 letters discarded; their bytes are kept." in done.stderr
    filters = {"states": ["new"], "group": "sentiment", "limit": 1000}
    assert audit(engine) == [("discard", "maria", None, filters, 1, {"letter_ids": ["abc"]})]
    assert listed(shell, "--state", "discarded") == ["abc"]
    assert "my secret words" in shell("dead-letters", "show", "abc", "--value").stdout
    assert "abc: discarded before" in shell("dead-letters", "replay", "abc", "--again", "--send").stderr
    assert on_broker(shell) == 0
    assert shell("dead-letters", "replay", "abc", "--state", "discarded", "--again", "--send").exit_code == 0
    assert on_broker(shell) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("replay",), "Say which letters: ids, --reason, --topic"),
        (("discard",), "Say which letters: ids, --reason, --topic"),
        (("replay", "--since", "soon"), "--since soon is neither an ISO time nor a time ago"),
        (("list", "--until", "99999999999d"), "--until 99999999999d is neither"),
        (("replay", "--state", "replayed"), "are sent again only with --again"),
        (("discard", "--state", "discarded"), "cannot be discarded again"),
        (("replay", "x", "--rate", "0"), "rate"),
        (("list", "--state", "lost"), "state"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_a_sentence(
    shell: Shell, arguments: tuple[str, ...], sentence: str
) -> None:
    refused = shell("dead-letters", *arguments)
    assert refused.exit_code == 2
    assert sentence in refused.stderr


def test_all_new_letters_are_taken_only_if_the_state_is_given(
    shell: Shell, engine: Engine, letter_id: str
) -> None:
    assert shell("dead-letters", "discard", "--state", "new", "--yes").exit_code == 0
    assert states(engine) == {letter_id: "discarded"}


def test_a_limit_takes_the_oldest(shell: Shell, engine: Engine) -> None:
    when = datetime(2026, 3, 1, tzinfo=UTC)
    changes: list[dict[str, Any]] = [{"created_at": when + timedelta(minutes=5 - n)} for n in range(3)]
    save(engine, *(letter(TICKETS, n, letter_id=f"l{n}", **change) for n, change in enumerate(changes)))
    shell("dead-letters", "replay", "--topic", TICKETS, "--limit", "2", "--send")
    assert states(engine) == {"l0": "new", "l1": "replayed", "l2": "replayed"}
    with Session(engine) as session:
        assert store.states_of(session, ["l0", "unknown"]) == {"l0": "new"}


def test_times_are_read_as_people_write_them() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert moment("90s", now) == now - timedelta(seconds=90)
    assert moment("1.5h", now) == now - timedelta(minutes=90)
    assert moment("7d", now) == now - timedelta(days=7)
    assert moment("2026-03-01T10:00:00+02:00", now) == now - timedelta(hours=4)
    assert moment("2026-03-01T10:00Z", now) == moment("2026-03-01T10:00", now) == now - timedelta(hours=2)


def test_the_actor_is_the_given_or_the_login_name_and_always_storable() -> None:
    assert actor("caf\udce9") == "caf?"
    assert len(actor("x" * 1_000)) == 200
    assert actor(None)
    assert stored("plain") == "plain"
