"""A wrong setting or address gives one sentence, without a traceback or a part of a secret."""

import errno
import logging
import os
import signal
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from kafka.errors import (
    GroupAuthorizationFailedError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
)
from pydantic import ValidationError
from starlette.applications import Starlette

from responders.web import BoundedServer
from streams.cli.composition.connections import broker_of
from streams.cli.composition.start import run_server
from streams.cli.sentences import FILE_ERRNOS, FULL_DISK_ERRNOS, sentence_of
from streams.gpu import DeviceLostError
from streams.process.ports import NoFreePortError
from streams.process.settings import Settings
from tests.streams.support.command_errors import CANARY, NOWHERE, call, demand_sentence


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Restore log handlers and signal handlers, which a service replaces when it starts."""
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level, stopped = (
        root.level,
        [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)],
    )
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for number, handler in stopped:
        signal.signal(number, handler)


ADDRESSES = {
    "another driver": f"postgresql+psycopg2://u:{CANARY}@db/x",
    "an asynchronous driver": f"postgresql+asyncpg://u:{CANARY}@db/x",
    "another product": f"mysql://u:{CANARY}@db/x",
    "no scheme": f"u:{CANARY}@db/x",
    "words": f"the database of {CANARY}",
    "a port in words": f"postgresql://u:{CANARY}@db:five/x",
    "a port too large": f"postgresql://u:{CANARY}@db:65536/x",
    "an unescaped @": f"postgresql://u:p@{CANARY}@db/x",
    "an unescaped @ and #": f"postgresql://u:p@{CANARY}#w@db/x",
    "an unescaped @ and /": f"postgresql://u:p@ss/{CANARY}@db:5432/x",
    "an unescaped @ and :": f"postgresql://u:p@ss:{CANARY}@db:5432/x",
    "an unescaped @ and ?": f"postgresql://u:p@ss?{CANARY}@db/x",
    "a forgotten @": f"postgresql://u:{CANARY}/x",
    "a bracket in the host": f"postgresql://u:{CANARY}@[db/x",
}


@pytest.mark.parametrize("url", ADDRESSES.values(), ids=ADDRESSES)
@pytest.mark.parametrize("command", [("migrate",), ("ledger",), ("worker", "usage")], ids=" ".join)
def test_a_wrong_address_of_the_database_is_named_without_its_password(
    url: str, command: tuple[str, ...]
) -> None:
    result = call(*command, database_url=url, bootstrap_servers=NOWHERE)
    demand_sentence(result, "RAPPORT_DATABASE_URL")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_scheme_of_an_address_is_understood(scheme: str) -> None:
    unreached = call("migrate", database_url=f"{scheme}://u:{CANARY}@127.0.0.1:1/x")
    demand_sentence(unreached, "The database did not answer as it should", "Connection refused")


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_address_counts_as_not_set(empty: str, tmp_path: Path) -> None:
    result = call("migrate", database_url=empty, data_folder=str(tmp_path))
    demand_sentence(result, "No database is configured", "RAPPORT_DATABASE_URL")


WRONG_SETTINGS = {
    "desk_port": ("abc", "valid integer"),
    "metrics_port": ("70000", "less than or equal to 65535"),
    "security_protocol": ("tls", "'SASL_SSL'"),
    "sasl_mechanism": ("digest", "'SCRAM-SHA-512'"),
    "log_level": ("loud", "'WARNING'"),
    "desk_allowed_hosts": ('["one", ', "JSON list"),
    "link_hosts": ('{"one": 1}', "JSON list"),
    "metric_names": ("training=runs", "JSON object"),
    "draft_threshold": ("high", "valid number"),
    "topic_partitions": ("0", "greater than or equal to 1"),
    "desk_host": ("desk..example", "such as 127.0.0.1"),
    "desk_path_prefix": ("/a b", "a path such as /rapport"),
    "trusted_proxies": ('"10.0.0.7"', "JSON list"),
}


@pytest.mark.parametrize(("name", "wrong"), WRONG_SETTINGS.items(), ids=WRONG_SETTINGS)
def test_a_wrong_setting_is_named_with_what_it_must_be(name: str, wrong: tuple[str, str]) -> None:
    value, demand = wrong
    url = f"postgresql://u:{CANARY}@db/x"
    for command in (("migrate",), ("worker", "churn"), ("up",)):
        result = call(*command, **{name: value, "database_url": url, "sasl_password": CANARY})
        demand_sentence(result, f"RAPPORT_{name.upper()} must be", demand)
        assert value not in result.stderr.replace(demand, "")


def test_a_secret_that_is_too_short_is_refused_without_its_length() -> None:
    result = call("migrate", desk_token=CANARY)
    demand_sentence(result, "RAPPORT_DESK_TOKEN must have at least 16 characters.")
    assert str(len(CANARY)) not in result.stderr


@pytest.mark.parametrize("host", ["nobody.invalid", "192.0.2.1", "no host"])
@pytest.mark.parametrize("what", ["desk", "intake"])
def test_a_server_that_cannot_listen_says_which_settings_and_why(
    what: str, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server = BoundedServer(Starlette(), host=host, port=0, grace_seconds=1)
    with pytest.raises(typer.Exit):
        run_server(server.run, what, 0)
    name = what.upper()
    begins = f"RAPPORT_{name}_HOST and RAPPORT_{name}_PORT (0) cannot be listened on: "
    assert capsys.readouterr().err.splitlines()[-1].startswith(begins)


def test_a_server_whose_port_is_taken_names_the_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = BoundedServer(Starlette(), host="127.0.0.1", port=port, grace_seconds=1)
        with pytest.raises(typer.Exit):
            run_server(server.run, "desk", port)
    said = f"Port {port} for the desk is taken; set RAPPORT_DESK_PORT to another."
    assert capsys.readouterr().err.splitlines()[-1] == said


def test_several_wrong_settings_are_named_together() -> None:
    demand_sentence(call("migrate", desk_port="x", log_level="y"), "RAPPORT_DESK_PORT", "RAPPORT_LOG_LEVEL")


@pytest.mark.parametrize(
    ("name", "written", "read"),
    [
        ("log_level", "info", "INFO"),
        ("log_level", " Warning ", "WARNING"),
        ("security_protocol", "sasl_ssl", "SASL_SSL"),
        ("sasl_mechanism", "scram-sha-256", "SCRAM-SHA-256"),
        ("desk_allowed_hosts", "desk.example.test", ("desk.example.test",)),
        ("desk_allowed_hosts", "one.test, two.test,", ("one.test", "two.test")),
        ("desk_allowed_hosts", '["one.test", "two.test"]', ("one.test", "two.test")),
        ("link_hosts", "", ()),
        ("metric_names", '{"a.b": "c"}', {"a.b": "c"}),
        ("database_url", "", None),
        ("sentiment_weights", "", None),
        ("sentiment_model", "", None),
    ],
)
def test_settings_are_read_as_people_write_them(
    monkeypatch: pytest.MonkeyPatch, name: str, written: str, read: object
) -> None:
    monkeypatch.setenv(f"RAPPORT_{name.upper()}", written)
    assert getattr(Settings(), name) == read


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_any_text_in_a_list_setting_is_a_list_or_a_sentence(text: str) -> None:
    read = link_hosts_of(text)
    assert read != ""
    assert isinstance(read, str) or all(isinstance(host, str) for host in read)


def link_hosts_of(text: str) -> tuple[str, ...] | str:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAPPORT_LINK_HOSTS", text)
        try:
            return Settings().link_hosts
        except ValidationError as error:
            return str(sentence_of(error) or "")


BROKERS = {
    "a port in words": {"bootstrap_servers": "localhost:abc"},
    "a scheme": {"bootstrap_servers": "http://localhost:9092"},
    "a port too large": {"bootstrap_servers": "localhost:99999"},
    "port 0": {"bootstrap_servers": "localhost:0"},
    "only commas": {"bootstrap_servers": " , ,"},
    "an IPv6 address without brackets": {"bootstrap_servers": "::1"},
    "a blank between": {"bootstrap_servers": "one:9092 two:9092"},
    "no user": {"bootstrap_servers": NOWHERE, "security_protocol": "sasl_ssl"},
    "no such certificates": {
        "bootstrap_servers": NOWHERE,
        "security_protocol": "ssl",
        "ssl_ca_file": "/nowhere/ca.pem",
    },
    "no certificates inside": {
        "bootstrap_servers": NOWHERE,
        "security_protocol": "SSL",
        "ssl_ca_file": __file__,
    },
}


@pytest.mark.parametrize("environment", BROKERS.values(), ids=BROKERS)
@pytest.mark.parametrize("command", [("topics", "check"), ("worker", "usage"), ("intake",)], ids=" ".join)
def test_a_wrong_address_of_the_broker_is_named(
    environment: Mapping[str, str], command: tuple[str, ...]
) -> None:
    url = f"postgresql://u:{CANARY}@127.0.0.1:1/x"
    result = call(*command, **environment, sasl_password=CANARY, database_url=url)
    demand_sentence(result, "RAPPORT_")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("kafka", "kafka:9092"),
        ("one:9092, two:9093", "one:9092,two:9093"),
        (" one:9092,", "one:9092"),
        ("[::1]", "[::1]:9092"),
    ],
)
def test_every_usual_way_to_write_brokers_is_understood(written: str, read: str) -> None:
    assert broker_of(Settings(bootstrap_servers=written)).bootstrap_servers == read


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SaslAuthenticationFailedError(), "RAPPORT_SASL_USERNAME"),
        (TopicAuthorizationFailedError(), "needs more rights"),
        (GroupAuthorizationFailedError(), "needs more rights"),
        (KafkaTimeoutError(), "RAPPORT_BOOTSTRAP_SERVERS"),
    ],
)
def test_errors_of_the_broker_say_where_to_look(error: Exception, words: str) -> None:
    assert words in str(sentence_of(error))


@pytest.mark.parametrize("number", sorted(FILE_ERRNOS | FULL_DISK_ERRNOS), ids=errno.errorcode.get)
def test_an_error_of_a_file_names_the_file(number: int) -> None:
    said = str(sentence_of(OSError(number, os.strerror(number), "folder/file.jsonl")))
    assert said.startswith("folder/file.jsonl cannot be ")
    assert sentence_of(OSError(number, os.strerror(number))) is not None


@pytest.mark.parametrize(
    "error",
    [KeyError("x"), TypeError("x"), AssertionError(), RuntimeError("x"), OSError("x"), ValueError()],
)
def test_our_own_bugs_keep_their_traceback(error: Exception) -> None:
    assert sentence_of(error) is None


def test_a_lost_device_says_what_to_do() -> None:
    assert "RAPPORT_DEVICE=cpu" in str(sentence_of(DeviceLostError("CUDA error: unspecified launch failure")))


def test_a_machine_without_a_free_port_is_told_in_one_sentence() -> None:
    """`rapport up` gives each process a port for its metrics."""
    assert sentence_of(NoFreePortError("No free port was found.")) == "No free port was found."
