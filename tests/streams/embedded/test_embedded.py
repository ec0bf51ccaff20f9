"""The embedded Kafka and PostgreSQL lose no data, whichever process dies."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from streams.embedded import (
    EmbeddedError,
    EmbeddedKafka,
    EmbeddedPostgres,
    Endpoints,
    embedded,
    running_endpoints,
)
from streams.embedded import kafka as kafka_module
from streams.kafka.brokers import Broker
from streams.process.ports import free_port
from tests.embedded_fixtures import connect, kill_services, service_pids

_ROOT = Path(__file__).parents[3]

_PARENT = """
import sys, time
from pathlib import Path
from streams.embedded import embedded
with embedded(Path(sys.argv[1])) as endpoints:
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder(service_folder: Path) -> Path:
    return service_folder


def _write(endpoints: Endpoints) -> None:
    admin = KafkaAdminClient(**endpoints.broker.client_settings())
    admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    admin.close()
    _produce(endpoints.broker, range(100))
    with connect(endpoints.database_url) as database:
        database.execute("CREATE TABLE kept (number int, place vector(3))")
        database.execute("INSERT INTO kept SELECT n, '[1,2,3]' FROM generate_series(1, 100) n")


def _produce(broker: Broker, numbers: range) -> None:
    producer = KafkaProducer(**broker.client_settings(), acks="all")
    sent = [producer.send("kept", str(number).encode()) for number in numbers]
    for future in sent:
        future.get(timeout=20)
    producer.close()


def _consume(broker: Broker) -> list[int]:
    consumer = KafkaConsumer(**broker.client_settings(), consumer_timeout_ms=20_000)
    partition = TopicPartition("kept", 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    numbers: list[int] = []
    while len(numbers) < end:
        numbers.append(int(next(consumer).value))
    consumer.close()
    return numbers


def _assert_kept(endpoints: Endpoints) -> None:
    assert _consume(endpoints.broker) == list(range(100))
    with connect(endpoints.database_url) as database:
        assert database.execute("SELECT count(*), min(place::text) FROM kept").fetchone() == (100, "[1,2,3]")


def _start_parent(folder: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    return parent


def _kill(parent: "subprocess.Popen[str]") -> None:
    parent.kill()
    parent.wait()
    assert parent.stdout is not None
    parent.stdout.close()


def test_data_survive_a_clean_restart_and_the_cluster_stays_the_same(folder: Path, kafka_jars: Path) -> None:
    told: list[str] = []
    with embedded(folder, progress=told.append) as endpoints:
        assert running_endpoints(folder) == endpoints
        assert {"kafka_pid", "postgres_pid"} < json.loads((folder / "endpoints.json").read_text()).keys()
        _write(endpoints)
        meta = (folder / "kafka" / "log" / "meta.properties").read_bytes()
    assert service_pids(folder) == ([], [])
    assert running_endpoints(folder) is None
    assert any("Apache Kafka is ready" in message for message in told)
    with embedded(folder) as again:
        _assert_kept(again)
        assert (folder / "kafka" / "log" / "meta.properties").read_bytes() == meta
        assert again.bootstrap_servers == endpoints.bootstrap_servers


def test_services_of_a_killed_parent_are_adopted_and_run_once(folder: Path, kafka_jars: Path) -> None:
    parent = _start_parent(folder)
    endpoints = running_endpoints(folder)
    assert endpoints is not None
    _write(endpoints)
    before = service_pids(folder)
    _kill(parent)
    with embedded(folder) as adopted:
        assert adopted == endpoints
        assert service_pids(folder) == before
        _assert_kept(adopted)
    assert service_pids(folder) == ([], [])


def test_killing_every_process_loses_nothing(folder: Path, kafka_jars: Path) -> None:
    parent = _start_parent(folder)
    endpoints = running_endpoints(folder)
    assert endpoints is not None
    _write(endpoints)
    # The parent is killed first, because it restarts a service that dies.
    _kill(parent)
    kill_services(folder)
    assert running_endpoints(folder) is None
    with embedded(folder) as again:
        _assert_kept(again)


def test_a_second_start_on_the_same_folder_is_refused(folder: Path, kafka_jars: Path) -> None:
    with embedded(folder) as endpoints:
        before = service_pids(folder)
        with pytest.raises(EmbeddedError, match="in use by another running rapport"), embedded(folder):
            pass
        for service in (EmbeddedKafka(folder / "kafka"), EmbeddedPostgres(folder / "postgres")):
            with pytest.raises(EmbeddedError, match="in use by another running rapport"):
                service.start()
        assert service_pids(folder) == before
        assert running_endpoints(folder) == endpoints


def test_a_service_that_dies_comes_back_at_the_same_address(folder: Path, kafka_jars: Path) -> None:
    with embedded(folder) as endpoints:
        _write(endpoints)
        before = service_pids(folder)
        for (pid,) in before:
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 60
        # A killed process may be visible for a moment longer: wait for other processes in its place.
        while _pids(folder) & {*before[0], *before[1]} or running_endpoints(folder) is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert running_endpoints(folder) == endpoints
        assert all(
            len(now) == 1 and now != then for now, then in zip(service_pids(folder), before, strict=True)
        )
        _assert_kept(endpoints)


def _pids(folder: Path) -> set[int]:
    kafka, postgres = service_pids(folder)
    return {*kafka, *postgres}


def test_a_broker_left_on_another_port_is_replaced(folder: Path, kafka_jars: Path) -> None:
    parent = _start_parent(folder)
    endpoints = running_endpoints(folder)
    assert endpoints is not None
    _write(endpoints)
    (left,), _ = service_pids(folder)
    _kill(parent)
    port = free_port()
    with embedded(folder, kafka_port=port) as replaced:
        assert replaced.bootstrap_servers == f"127.0.0.1:{port}"
        (now,), _ = service_pids(folder)
        assert now != left
        _assert_kept(replaced)


def test_a_process_of_another_program_never_counts_as_ours(folder: Path) -> None:
    marker = kafka_module.signature_of(folder / "kafka").first_argument
    shell = subprocess.Popen(["sh", "-c", "sleep 60; exit", marker])
    try:
        assert service_pids(folder) == ([], [])
        assert not kafka_module.signature_of(folder / "kafka").is_running(shell.pid)
    finally:
        shell.kill()
        shell.wait()


def test_endpoints_of_dead_processes_are_not_reported(folder: Path) -> None:
    state = {"bootstrap_servers": "127.0.0.1:1", "database_url": "x", "kafka_pid": 1, "postgres_pid": 1}
    (folder / "endpoints.json").write_text(json.dumps(state))
    assert running_endpoints(folder) is None
    (folder / "endpoints.json").write_text(json.dumps({**state, "kafka_pid": -1}))
    assert running_endpoints(folder) is None
    (folder / "endpoints.json").write_text("{")
    assert running_endpoints(folder) is None


def test_ctrl_c_in_the_terminal_does_not_reach_the_children(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    assert server.pid is not None
    assert os.getsid(server.pid) == server.pid != os.getsid(0)
    server.stop()
    assert server.pid is None
    assert not server.is_running()
