"""Every command reports an unusable file, disk, device or database in one sentence."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from streams.cli.sentences import SAID_BY_STATE, sentence_of
from streams.process.database import engine_of
from tests.embedded_fixtures import connect
from tests.streams.support.command_errors import CANARY, NOWHERE, call, demand_sentence, process


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_reported_and_no_file_counts_as_written(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    call("schemas", "--out", str(folder))
    for path in folder.iterdir():
        path.unlink()
        path.symlink_to("/dev/full")
    demand_sentence(call("schemas", "--out", str(folder)), "No space left on device")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_standard_output_on_a_full_disk_is_reported(database_url: str) -> None:
    call("migrate", database_url=database_url)
    with Path("/dev/full").open("w") as full_disk:
        ended = process("migrate", "--grants", "app", stdout=full_disk, database_url=database_url)
    assert ended.returncode != 0
    assert "the disk is full." in ended.stderr
    assert "Traceback" not in ended.stderr


INDEX = ("knowledge", "articles", "{articles}")
SCORE = ("evaluate", "sentiment", "{messages}")
FILES: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "schemas where a file is": (("schemas", "--out", "/dev/null/x"), {}),
    "training where a file is": (("train", "sentiment", "--data", "{data}", "--out", "/dev/null/x"), {}),
    "a data folder that is a file": (("up",), {"data_folder": "/dev/null/x"}),
    "missing weights": (SCORE, {"sentiment_weights": "/nowhere"}),
    "damaged weights": (SCORE, {"sentiment_weights": "{weights}"}),
    "an unknown device": (INDEX, {"device": "gpu"}),
    "a missing device": (INDEX, {"device": "cuda:97"}),
}


@pytest.fixture
def places(tmp_path: Path, database_url: str) -> dict[str, str]:
    article = {"article_id": "a", "title": "t", "body": "b", "updated_at": "2026-01-01T00:00:00Z"}
    (tmp_path / "articles.jsonl").write_text(json.dumps(article))
    for name in ("data", "weights"):
        (tmp_path / name).mkdir()
    (tmp_path / "weights" / "mood.json").write_text("{}")
    (tmp_path / "weights" / "mood.safetensors").write_text(CANARY)
    (tmp_path / "messages.csv").write_text("text,label\nIt works.,neutral\n")
    found = {
        "messages": tmp_path / "messages.csv",
        "articles": tmp_path / "articles.jsonl",
        "data": tmp_path / "data",
        "weights": tmp_path / "weights",
    }
    return {name: str(path) for name, path in found.items()}


@pytest.mark.parametrize(("arguments", "environment"), FILES.values(), ids=FILES)
def test_files_and_devices_that_cannot_be_used_are_named(
    places: dict[str, str],
    database_url: str,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
) -> None:
    if "data_folder" not in environment:
        environment = {**environment, "database_url": database_url}
        call("migrate", database_url=database_url)
    filled = {name: value.format(**places) for name, value in environment.items()}
    result = call(*(argument.format(**places) for argument in arguments), **filled)
    demand_sentence(result)


@pytest.fixture
def urls(database_url: str) -> Iterator[tuple[str, str]]:
    """Return the test database's address for the superuser, and for a role whose password is the canary."""
    role = f"r{make_url(database_url).database}"
    with connect(database_url) as server:
        server.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{CANARY}'".encode())
    url = make_url(database_url).set(username=role, password=CANARY)
    yield database_url, url.render_as_string(hide_password=False)
    with connect(database_url) as server:
        server.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}".encode())


@pytest.mark.parametrize(
    "command",
    [("ledger",), ("dead-letters", "list"), ("partitions", "list"), ("knowledge", "accounts", "{accounts}")],
    ids=lambda words: words[0],
)
def test_missing_or_forbidden_tables_are_one_sentence_for_every_command(
    urls: tuple[str, str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    accounts = tmp_path / "accounts.jsonl"
    accounts.write_text('{"account_id": "a", "name": "A"}')
    arguments = [argument.format(accounts=accounts) for argument in command]
    before = call(*arguments, database_url=urls[0], bootstrap_servers=NOWHERE)
    demand_sentence(before, "rapport migrate")
    call("migrate", database_url=urls[0])
    forbidden = call(*arguments, database_url=urls[1], bootstrap_servers=NOWHERE)
    demand_sentence(forbidden, "permission denied for table", "rapport migrate --grants ROLE")


@pytest.mark.parametrize(
    ("command", "migrated", "words"),
    [
        (("worker", "usage"), False, "no tables of Rapport yet; run `rapport migrate`"),
        (("desk",), True, "rapport migrate --grants ROLE"),
    ],
)
def test_a_service_without_tables_or_grants_ends_at_once_with_a_sentence(
    urls: tuple[str, str], command: tuple[str, ...], migrated: bool, words: str
) -> None:
    owners, apps = urls
    if migrated:
        call("migrate", database_url=owners)
    ended = process(*command, database_url=apps, bootstrap_servers=NOWHERE)
    *logged, said = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert words in said
    assert all(json.loads(line) for line in logged)
    assert CANARY not in ended.stderr


def test_migrating_without_rights_or_on_a_replica_is_one_sentence(urls: tuple[str, str]) -> None:
    demand_sentence(call("migrate", database_url=urls[1]), "permission denied for schema public")
    read_only = f"{urls[0]}&options=-cdefault_transaction_read_only%3Don"
    demand_sentence(call("migrate", database_url=read_only), "must name the primary")


def test_the_grants_are_printed_for_a_shell_to_run(database_url: str) -> None:
    call("migrate", database_url=database_url)
    printed = call("migrate", "--grants", 'app"; DROP', database_url=database_url)
    assert printed.exit_code == 0
    assert printed.stdout.splitlines()[0] == 'GRANT USAGE ON SCHEMA "public" TO "app""; DROP";'
    assert all(line.startswith(("GRANT ", "ALTER ")) for line in printed.stdout.splitlines())
    assert all(line.endswith(";") for line in printed.stdout.splitlines())


@pytest.mark.parametrize("state", sorted(SAID_BY_STATE))
def test_each_state_that_a_server_reports_has_its_sentence(database_url: str, state: str) -> None:
    engine = engine_of(database_url)
    with pytest.raises(Exception, match=CANARY) as raised, engine.begin() as connection:
        connection.exec_driver_sql(
            f"DO $$ BEGIN RAISE EXCEPTION '{CANARY}' USING ERRCODE = '{state}'; END $$"
        )
    engine.dispose()
    said = str(sentence_of(raised.value))
    assert said == SAID_BY_STATE[state]
    assert CANARY not in said


def test_a_refused_sign_in_quotes_the_first_line_of_the_server() -> None:
    error = OperationalError("", {}, Exception('FATAL:  password authentication failed for user "u"\nmore'))
    assert sentence_of(error) == (
        'The database did not answer as it should: FATAL:  password authentication failed for user "u".'
    )
