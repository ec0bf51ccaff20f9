"""The operator's commands, on a broker and database of their own, because topic names are constants."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlmodel import Session
from typer.testing import CliRunner

from responders.store import letters as store
from responders.store import migrate as migrations
from streams.cli.composition.connections import open_broker, open_engine
from streams.cli.sentences import NotConfiguredError
from streams.embedded import embedded
from streams.kafka.brokers import Broker, held_offsets
from streams.kafka.topics import TICKETS, TOPICS, USAGE_EVENTS
from streams.process.settings import Settings
from tests.streams.support.letter_samples import letter
from tests.streams.support.shell import Shell, build_app


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], str]:
    def write_text(text: str) -> str:
        path = tmp_path / "rows.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write_text


def test_topics_are_created_once_and_another_partition_count_is_refused_in_one_sentence(shell: Shell) -> None:
    again = shell("topics", "create")
    assert (again.exit_code, again.stderr) == (0, "All 7 topics are there.\n")
    refused = shell("topics", "create", "--partitions", "3")
    assert refused.exit_code == 1
    assert "Topic support.tickets has 2 partitions" in refused.stderr
    assert shell("topics", "check").exit_code == 0
    listed = shell("topics", "list")
    assert all(spec.name in listed.stdout for spec in TOPICS)


def test_missing_topics_are_named(own_kafka: str, database_url: str) -> None:
    missing = Shell(own_kafka, database_url)("topics", "check")
    assert missing.exit_code == 1
    assert "Topic support.tickets does not exist; create it with `rapport topics create`." in missing.stderr


def test_migrate_prints_the_revision_and_refuses_a_database_of_a_newer_build(shell: Shell) -> None:
    assert f"revision {migrations.head()}" in shell("migrate").stderr
    engine = create_engine(shell.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    refused = shell("migrate")
    assert refused.exit_code == 1
    assert "newer build" in refused.stderr


def test_ingested_rows_show_in_the_ledger_and_wrong_ones_in_the_rejects(
    shell: Shell, write: Callable[[str], str], tmp_path: Path
) -> None:
    rows = write("account_id,body,occurred_at\na,hello,2026-01-01\n,nobody,2026-01-01\nb,again,2026-01-02\n")
    rejects = tmp_path / "rejects.jsonl"
    sent = shell("ingest", "tickets", rows, "--rejects", str(rejects))
    assert sent.exit_code == 3
    assert "line 3: account_id: missing" in sent.stderr
    assert "2 records acknowledged" in sent.stderr
    assert "3 rows read: 2 sent, 1 refused." in sent.stderr
    assert json.loads(rejects.read_text()) == {
        "line": 3,
        "reason": "account_id: missing",
        "row": {"account_id": "", "body": "nobody", "occurred_at": "2026-01-01"},
    }

    shown = shell("ledger", "--json")
    assert shown.exit_code == 0
    books = json.loads(shown.stdout)
    fresh = {"inputs": 2, "effects": 0, "dead_letters": 0, "dropped": 0, "in_flight": 2, "gap": 0, "holes": 0}
    assert {name: books[TICKETS][name] for name in fresh} == fresh
    assert books[TICKETS]["groups"] == {"sentiment": fresh, "drafting": fresh}
    assert set(books) == {spec.name for spec in TOPICS}
    assert shell("ledger", "--wait", "0.1").exit_code == 1


def test_a_gap_makes_the_ledger_fail(shell: Shell) -> None:
    engine = create_engine(shell.database_url)
    with Session(engine) as session, session.begin():
        store.save_letters(session, [letter(TICKETS)])
    engine.dispose()
    shown = shell("ledger")
    assert shown.exit_code == 1
    assert "gap" in shown.stdout


def test_unsorted_usage_is_sorted_and_the_command_says_so(shell: Shell, write: Callable[[str], str]) -> None:
    rows = write("who,kind,day\na,x,9\na,x,2\n")
    options = ("--column", "account_id=who", "--column", "occurred_at=day", "--start", "2026-01-01")
    sent = shell("ingest", "usage", rows, *options)
    assert sent.exit_code == 0
    assert "not in time order" in sent.stderr
    held = held_offsets(Broker(shell.bootstrap), [USAGE_EVENTS])
    assert sum(at.end for at in held.values()) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--speed", "fast"), "--speed fast is neither a number above 0 nor max."),
        (("--speed", "-1"), "--speed -1 is neither a number above 0 nor max."),
        (("--timezone", "Mars/Base"), "--time-zone Mars/Base is not known"),
        (("--start", "soon"), "--start soon is not a date"),
        (("--column", "colour=red"), "--column colour=red is not understood"),
        (("--delimiter", ""), "--delimiter '' is not understood"),
        (("--delimiter", "ab"), "--delimiter 'ab' is not understood"),
        (("--encoding", "klingon"), "--encoding klingon is not known"),
        (("--time-format", "%Q"), "--time-format %Q is not understood"),
        (("--map", "channel=chat"), "--map channel=chat is not understood"),
        (("--rejects", "/no/such/folder/x"), "--rejects /no/such/folder/x cannot be written: No such file"),
        (("--topic", "nowhere"), "Topic nowhere does not exist"),
    ],
)
def test_options_that_make_no_sense_are_one_sentence(
    shell: Shell, write: Callable[[str], str], arguments: tuple[str, ...], sentence: str
) -> None:
    rows = write("account_id,body,occurred_at\na,hello,2026-01-01\n")
    refused = shell("ingest", "tickets", rows, *arguments)
    assert refused.exit_code == 1
    assert sentence in refused.stderr


@pytest.mark.parametrize("delimiter", ["\\t", "tab"])
def test_a_tab_can_be_named_as_delimiter(write: Callable[[str], str], delimiter: str) -> None:
    rows = write("account_id\tbody\toccurred_at\na\thello\t2026-01-01\n")
    checked = CliRunner().invoke(
        build_app(), ["ingest", "tickets", rows, "--check", "--delimiter", delimiter]
    )
    assert (checked.exit_code, "1 good" in checked.stderr) == (0, True)


def test_rejects_that_do_not_fit_on_the_disk_are_one_sentence_and_nothing_is_sent(
    write: Callable[[str], str],
) -> None:
    rows = write("account_id,body,occurred_at\na,hello,2026-01-01\n,nobody,2026-01-01\n")
    environment = {"RAPPORT_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    arguments = ["ingest", "tickets", rows, "--rejects", "/dev/full"]
    refused = CliRunner().invoke(build_app(), arguments, env=environment)
    assert refused.exit_code == 1
    assert (
        "--rejects /dev/full cannot be written: No space left on device. Nothing was sent." in refused.stderr
    )
    refused = CliRunner().invoke(build_app(), [*arguments[:-1], rows], env=environment)
    assert "is the file that is read" in refused.stderr
    assert "nobody" in Path(rows).read_text()


def test_an_export_is_sent_and_left_out_rows_are_counted(shell: Shell, tmp_path: Path) -> None:
    comment = {
        "id": 1,
        "author_id": 5,
        "public": True,
        "body": "It fails.",
        "created_at": "2026-01-05T09:00:00Z",
    }
    ticket = {"id": 1, "requester_id": 5, "organization": {"name": "ACME"}, "status": "closed"}
    notes = [comment, {**comment, "id": 2, "public": False, "body": "a note"}]
    path = tmp_path / "export.json"
    times = {"created_at": "2026-01-05T09:00:00Z", "updated_at": "2026-01-06T09:00:00Z"}
    more = [{**ticket, **times, "comments": notes, "via": {"channel": word}} for word in ("email", "pigeon")]
    path.write_text(json.dumps({"tickets": more}))
    options = ("--format", "zendesk", "--column", "account_id=organization.name")
    sent = shell("ingest", "tickets", str(path), *options)
    assert sent.exit_code == 3
    assert "Words that name no channel: pigeon." in sent.stderr
    assert "2 tickets hold 4 rows; left out: 2 private notes." in sent.stderr
    assert "4 rows read: 2 sent, 2 refused." in sent.stderr
    mapped = shell("ingest", "tickets", str(path), *options, "--map", "channel:Pigeon=email")
    assert (mapped.exit_code, "4 rows read: 4 sent, 0 refused." in mapped.stderr) == (0, True)


def test_a_file_can_be_checked_without_a_broker(write: Callable[[str], str]) -> None:
    rows = write("account_id,body,occurred_at\na,hello,2026-01-01\n")
    checked = CliRunner().invoke(build_app(), ["ingest", "tickets", rows, "--check"])
    assert checked.exit_code == 0
    assert "1 row read: 1 good, nothing was sent, 0 refused." in checked.stderr


def test_without_a_broker_or_a_database_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    settings = Settings(data_folder=tmp_path)
    with pytest.raises(NotConfiguredError, match=r"No broker is configured and none runs in .*`rapport up`"):
        open_broker(settings)
    with pytest.raises(NotConfiguredError, match="RAPPORT_DATABASE_URL"):
        open_engine(settings)
    environment = {"RAPPORT_DATA_FOLDER": str(tmp_path)}
    for command in (
        ["ledger"],
        ["migrate"],
        ["topics", "check"],
        ["dead-letters", "list"],
        ["partitions", "list"],
    ):
        result = CliRunner().invoke(build_app(), command, env=environment)
        assert result.exit_code == 1
        assert "none runs in" in result.stderr


def test_a_broker_or_a_database_that_does_not_answer_is_one_sentence() -> None:
    away = Shell("127.0.0.1:1", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    result = away("migrate")
    assert result.exit_code == 1
    assert result.stderr.startswith("The database did not answer as it should: ")
    assert result.stderr.count("\n") == 1


def test_the_embedded_services_that_run_are_found_by_their_folder(service_folder: Path) -> None:
    with embedded(service_folder) as endpoints:
        settings = Settings(data_folder=service_folder)
        assert open_broker(settings) == endpoints.broker
        engine = open_engine(settings)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW statement_timeout").scalar_one() == "10s"
        engine.dispose()


@pytest.mark.parametrize(
    "command",
    [
        ["ingest"],
        ["ledger"],
        ["migrate"],
        ["schemas"],
        ["topics", "create"],
        ["topics", "list"],
        ["topics", "check"],
        ["dead-letters", "list"],
        ["dead-letters", "show"],
        ["dead-letters", "replay"],
        ["dead-letters", "discard"],
        ["partitions", "list"],
        ["partitions", "resume"],
        ["train", "sentiment"],
    ],
)
def test_every_help_teaches_with_an_example(command: list[str]) -> None:
    result = CliRunner().invoke(build_app(), [*command, "--help"], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    assert "Example: " in result.stdout


def test_no_command_but_training_imports_torch() -> None:
    modules = (
        "composition.connections",
        "composition.groups",
        "composition.local",
        "composition.services",
        "ingest",
        "ledger",
        "letters",
        "migrate",
        "partitions",
        "schemas",
        "topics",
        "train",
    )
    imports = "; ".join(f"import streams.cli.{name}" for name in modules)
    script = f"import sys; {imports}; sys.exit('torch' in sys.modules or 'faust' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_folder_that_cannot_be_trained_on_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("joy\n")
    result = CliRunner().invoke(
        build_app(), ["train", "sentiment", "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 1
    assert "cannot be trained on" in result.stderr
