"""Only the user who started the embedded services can read the texts of customers."""

import logging
import os
import subprocess
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from streams.embedded import (
    EmbeddedError,
    EmbeddedKafka,
    Endpoints,
    embedded,
    own_data_folder,
    running_endpoints,
)
from streams.embedded.folders import private_files
from streams.embedded.jars import ensure_jars
from streams.embedded.kafka import broker_at, default_jar_cache
from streams.embedded.postgres_programs import own_private
from streams.embedded.processes import silent
from streams.kafka.brokers import Broker, create_topics
from tests.embedded_fixtures import connect

_NOBODY = 65_534


@pytest.fixture
def folder(service_folder: Path) -> Path:
    return service_folder


def _lets_in(broker: Broker) -> bool:
    limits = {"request_timeout_ms": 3_000, "bootstrap_timeout_ms": 3_000}
    try:
        admin = KafkaAdminClient(**broker.client_settings(), **limits)
    except KafkaError:
        return False
    admin.close()
    return True


def _open_to_others(folder: Path) -> list[Path]:
    """Return the paths that another user of this machine could read, write or list."""
    if folder.stat().st_mode & 0o077 == 0:
        return []
    return [folder, *(path for path in folder.rglob("*") if path.lstat().st_mode & 0o077)]


def test_folders_and_files_are_for_their_user_alone(folder: Path, kafka_jars: Path) -> None:
    data = folder / "data"
    data.mkdir(mode=0o755)
    with embedded(data) as endpoints:
        create_topics(endpoints.broker, partitions=1, replication=1)
        assert data.stat().st_mode & 0o777 == 0o700
        assert _open_to_others(data / "kafka") == _open_to_others(data / "postgres") == []
        (data / "made-meanwhile").write_text("a customer's words")
        for path in (
            data / "lock",
            data / "endpoints.json",
            data / "kafka" / "server.properties",
            data / "made-meanwhile",
        ):
            assert path.stat().st_mode & 0o777 == 0o600, path
        segments = list((data / "kafka" / "log").rglob("*.log"))
        assert segments
        assert all(path.stat().st_mode & 0o077 == 0 for path in segments)
        with connect(endpoints.database_url) as database:
            assert database.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look as another user")
def test_another_user_sees_neither_the_folder_nor_the_password(folder: Path, kafka_jars: Path) -> None:
    own_private(folder)
    (folder / "password").write_text("secret")
    for path in (folder, folder / "password"):
        look = ["/usr/bin/test", "-r", str(path)]
        assert subprocess.run(look, check=False).returncode == 0
        assert subprocess.run(look, user=_NOBODY, group=_NOBODY, extra_groups=[], check=False).returncode == 1


def test_the_broker_asks_for_its_password(folder: Path, kafka_jars: Path) -> None:
    with embedded(folder) as endpoints:
        assert endpoints.kafka_password is not None
        assert endpoints.kafka_password not in repr(endpoints)
        assert _lets_in(endpoints.broker)
        assert not _lets_in(Broker(endpoints.bootstrap_servers))
        assert not _lets_in(broker_at(endpoints.bootstrap_servers, "guessed"))
        for_java = (folder / "kafka" / "client.properties").read_text()
        assert f'password="{endpoints.kafka_password}"' in for_java
        assert f"bootstrap.servers={endpoints.bootstrap_servers}" in for_java
        words = (folder / "kafka" / "kafka.log").read_text()
    assert endpoints.kafka_password not in words
    with embedded(folder) as again:
        assert again.kafka_password == endpoints.kafka_password


def test_a_folder_of_a_build_without_passwords_works_with_a_password(folder: Path, kafka_jars: Path) -> None:
    older = EmbeddedKafka(folder / "kafka")
    create_topics(Broker(older.start()), partitions=1, replication=1)
    older.stop()
    with embedded(folder) as endpoints:
        assert create_topics(endpoints.broker, partitions=1, replication=1) == []


def test_the_addresses_of_a_running_service_contain_the_password(folder: Path, kafka_jars: Path) -> None:
    with embedded(folder) as endpoints:
        assert running_endpoints(folder) == endpoints
        assert isinstance(endpoints, Endpoints)


@pytest.mark.parametrize("name", ["Documents", ".bashrc", "endpoints.json.bak"])
def test_a_folder_with_other_files_is_refused_and_left_as_it_is(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    (home / name).write_text("")
    before = home.stat()
    with pytest.raises(EmbeddedError, match="RAPPORT_DATA_FOLDER needs a folder of its own"):
        own_data_folder(home)
    with pytest.raises(EmbeddedError, match=name), embedded(home):
        raise AssertionError
    after = home.stat()
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)


def test_an_older_data_folder_that_others_could_read_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    for name in ("kafka", "postgres", "logs", "demo", "lock", "endpoints.json", "desk-link"):
        (folder / name).mkdir()
    own_data_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_other_files_in_a_private_folder_are_accepted(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    own_data_folder(folder)
    (folder / "notes.txt").write_text("")
    own_data_folder(folder)


def test_files_are_private_only_inside_the_block(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with private_files():
            (tmp_path / "inside").write_text("")
        (tmp_path / "outside").write_text("")
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"inside": 0o600, "outside": 0o644}


def test_the_error_of_an_unwritable_cache_names_the_variable_that_moves_it() -> None:
    with pytest.raises(EmbeddedError, match=r"cannot be .*XDG_CACHE_HOME may name another"):
        ensure_jars(Path("/proc/rapport/jars"), progress=silent)


def test_the_error_without_a_home_folder_names_the_variable_to_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(EmbeddedError, match="set XDG_CACHE_HOME to a folder that can be written"):
        default_jar_cache()


def test_only_a_password_that_leaves_this_machine_in_clear_text_makes_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("kafka.net.sasl.plain")
    _remove_filters(logger)
    # A command that another test ran in this process lets Kafka's client log errors only.
    caplog.set_level(logging.WARNING, logger=logger.name)
    logger.warning("Sending username and password in the clear")
    assert len(caplog.records) == 1
    broker_at("kafka.example.com:9092,127.0.0.1:9092", "secret").client_settings()
    logger.warning("Sending username and password in the clear")
    assert len(caplog.records) == 2
    try:
        broker_at("127.0.0.1:9092,localhost:9093", "secret").client_settings()
        logger.warning("Sending username and password in the clear")
        assert len(caplog.records) == 2
    finally:
        _remove_filters(logger)


def _remove_filters(logger: logging.Logger) -> None:
    for known in list(logger.filters):
        logger.removeFilter(known)
