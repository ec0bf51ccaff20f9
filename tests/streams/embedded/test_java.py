"""The classes that Java prepares at the first start of a broker, and what happens where it cannot."""

import os
import shutil
import subprocess
from pathlib import Path

import psutil
import pytest

from streams.embedded import EmbeddedKafka
from streams.embedded.java import Java, Preparation
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


def uses_classes(java: Java) -> bool:
    return any(word.startswith("-XX:AOTCache=") for word in java.command("Main"))


def prepare(java: Java) -> None:
    """Let Java write the classes that it needs to tell its version."""
    with java.preparation() as preparation:
        assert preparation is not None
        subprocess.run(java.command("-version", options=preparation.options), check=True, capture_output=True)
        preparation.keep()


@pytest.fixture
def small(kafka_jars: Path, tmp_path: Path) -> Path:
    """A folder with a jar, and with the classes of a small program that needs it."""
    shutil.copy2(min(kafka_jars.glob("*.jar")), tmp_path)
    prepare(java_of(tmp_path, tmp_path))
    return tmp_path


def test_altered_classes_are_not_used_and_prepared_again(small: Path) -> None:
    assert uses_classes(java_of(small, small))
    (classes,) = prepared(small)
    classes.write_bytes(classes.read_bytes()[:-1])
    assert not uses_classes(java_of(small, small))
    prepare(java_of(small, small))
    assert uses_classes(java_of(small, small))


def test_classes_that_others_may_write_are_not_used(small: Path) -> None:
    (classes,) = prepared(small)
    classes.chmod(0o666)
    assert not uses_classes(java_of(small, small))


def test_classes_of_other_jars_are_not_used(small: Path) -> None:
    (jar,) = small.glob("*.jar")
    os.utime(jar, (1, 1))
    assert not uses_classes(java_of(small, small))


def test_what_java_does_not_take_is_not_kept(small: Path) -> None:
    (classes,) = prepared(small)
    classes.unlink()
    with java_of(small, small).preparation() as preparation:
        assert preparation is not None
        preparation.written.write_bytes(b"cut")
        preparation.keep()
    assert not prepared(small)
    assert not list(small.glob(".classes-*"))


def test_old_classes_and_abandoned_preparations_are_removed_and_the_newest_stay(small: Path) -> None:
    (own,) = prepared(small)
    for number in range(4):
        (small / f"classes-{number:016}.{number:064}.aot").write_bytes(b"old")
        os.utime(small / f"classes-{number:016}.{number:064}.aot", (number, number))
    (small / ".classes-killed").mkdir()
    os.utime(small / ".classes-killed", (1, 1))
    own.unlink()
    prepare(java_of(small, small))
    assert len(prepared(small)) == 3
    assert uses_classes(java_of(small, small))
    assert not list(small.glob(".classes-*"))


def test_a_folder_that_cannot_be_written_is_used_as_it_is(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(prefix: str, dir: Path) -> str:
        raise PermissionError(13, "Permission denied", str(dir))

    prepared(small)[0].unlink()
    monkeypatch.setattr("streams.embedded.java.tempfile.mkdtemp", refuse)
    with java_of(small, small).preparation() as preparation:
        assert preparation is None


def test_a_start_succeeds_where_the_classes_cannot_be_written(
    service_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Preparation, "options", property(lambda self: ["-XX:AOTCacheOutput=x", "-XX:NoSuchOption"])
    )
    kafka = EmbeddedKafka(service_folder / "kafka", jar_cache=cache)
    kafka.start()
    assert options(kafka) == []
    assert not prepared(cache)
    kafka.stop()
