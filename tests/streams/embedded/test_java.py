"""The classes that Java prepares at the first start of a broker, and what happens where it cannot."""

import shutil
from pathlib import Path

import psutil
import pytest

from streams.embedded import EmbeddedKafka
from streams.embedded.java import Java
from streams.embedded.kafka import signature_of


@pytest.fixture
def cache(service_folder: Path, kafka_jars: Path) -> Path:
    """A folder of jars without prepared classes."""
    return Path(
        shutil.copytree(kafka_jars, service_folder / "jars", ignore=shutil.ignore_patterns("*classes-*"))
    )


def prepared(cache: Path) -> list[Path]:
    return sorted(cache.glob("*.aot"))


def options(kafka: EmbeddedKafka) -> list[str]:
    """The options about prepared classes of the broker that runs, and of nothing else."""
    assert kafka.pid is not None
    return [word for word in psutil.Process(kafka.pid).cmdline() if word.startswith("-XX:AOT")]


def test_the_first_start_prepares_classes_that_it_and_later_starts_use(
    service_folder: Path, cache: Path
) -> None:
    first = EmbeddedKafka(service_folder / "kafka", jar_cache=cache)
    first.start()
    (classes,) = prepared(cache)
    assert options(first) == [f"-XX:AOTCache={classes}"]
    first.stop()
    written = classes.stat().st_mtime_ns
    second = EmbeddedKafka(service_folder / "another", jar_cache=cache)
    second.start()
    assert options(second) == [f"-XX:AOTCache={classes}"]
    assert classes.stat().st_mtime_ns == written
    second.stop()
    assert "[aot]" not in (service_folder / "another" / "kafka.log").read_text(encoding="utf-8")
    assert not list(cache.glob(".classes-*"))


def java_of(cache: Path, folder: Path) -> Java:
    return Java(sorted(cache.glob("*.jar")), signature_of(folder), heap_mebibytes=256)


def prepare(java: Java, content: bytes) -> None:
    """Stand in for a program whose classes Java writes."""
    with java.preparing() as (option,):
        Path(option.removeprefix("-XX:AOTCacheOutput=")).write_bytes(content)


def test_altered_classes_are_not_used_and_prepared_again(cache: Path, tmp_path: Path) -> None:
    java = java_of(cache, tmp_path)
    prepare(java, b"classes")
    (classes,) = prepared(cache)
    assert f"-XX:AOTCache={classes}" in java.command("Main")
    classes.write_bytes(b"other classes")
    assert not any("AOT" in word for word in java.command("Main"))
    prepare(java, b"classes again")
    assert f"-XX:AOTCache={classes}" in java.command("Main")


def test_classes_of_other_jars_are_not_used_and_make_room(cache: Path, tmp_path: Path) -> None:
    prepare(java_of(cache, tmp_path), b"classes")
    (old,) = prepared(cache)
    max(cache.glob("*.jar")).write_bytes(b"a newer jar")
    java = java_of(cache, tmp_path)
    assert not any("AOT" in word for word in java.command("Main"))
    prepare(java, b"newer classes")
    (new,) = prepared(cache)
    assert new != old
    assert len(list(cache.glob("*classes-*"))) == 2


def test_a_program_that_writes_no_classes_leaves_nothing(cache: Path, tmp_path: Path) -> None:
    java = java_of(cache, tmp_path)
    with java.preparing() as options_of_program:
        assert len(options_of_program) == 1
    assert not list(cache.glob("*classes-*"))


def test_a_folder_that_cannot_be_written_is_used_as_it_is(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(prefix: str, dir: Path) -> str:
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr("streams.embedded.java.tempfile.mkdtemp", refuse)
    with java_of(cache, tmp_path).preparing() as options_of_program:
        assert list(options_of_program) == []
    assert not prepared(cache)
