"""The jars of Apache Kafka: fetched once from a Maven repository, checked at every start.

``jars.sha256`` lists them as ``SHA-256  group:artifact:version``. The list is the result of jgo 3.2.0 for
`COORDINATES`, which must name `kafka-clients`: another POM's dependency management would choose 3.8.0.
To renew it: ``jgo.build("+".join(COORDINATES)).all_jars``, then hash each file.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.embedded.folders import EmbeddedError, folder_error, folder_errors, prepare_folder
from streams.embedded.processes import Progress, extra

COORDINATES = (
    "org.apache.kafka:kafka_2.13:4.3.0",
    "org.apache.kafka:kafka-clients:4.3.0",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3",
    "org.apache.logging.log4j:log4j-core:2.24.3",
)
_LIST = Path(__file__).with_name("jars.sha256")
_DOWNLOADS_AT_ONCE = 4
"""Threads that download or hash at the same time. Chosen by hand."""

_ATTEMPTS = 2
"""Downloads of a jar before its bytes are refused. Chosen by hand."""

_NEEDED_MEBIBYTES = 100
"""Free disk space needed for a download: more than twice the 42 MiB of all jars. Chosen by hand."""


@dataclass(frozen=True)
class Jar:
    """One jar that we accept: its Maven coordinates and the SHA-256 of its bytes."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """File name, as in a Maven repository."""
        return f"{self.artifact}-{self.version}.jar"

    def is_intact(self, folder: Path) -> bool:
        """Return whether `folder` holds this jar with exactly the listed bytes."""
        path = folder / self.name
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


def parse_list(text: str) -> tuple[Jar, ...]:
    """Read a list of jars, one ``SHA-256  group:artifact:version`` per line.

    >>> parse_list("ab12  org.slf4j:slf4j-api:1.7.36")[0].name
    'slf4j-api-1.7.36.jar'
    """
    return tuple(_parse_line(line) for line in text.splitlines())


def _parse_line(line: str) -> Jar:
    digest, coordinates = line.split()
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, digest)


def listed_jars() -> tuple[Jar, ...]:
    """Return the jars of the committed list, in class path order."""
    return parse_list(_LIST.read_text(encoding="utf-8"))


def ensure_jars(cache: Path, *, progress: Progress, repository: str | None = None) -> list[Path]:
    """Return the paths of all listed jars in `cache`; fetch missing and altered jars.

    Every call hashes every jar (42 MiB). A jar is moved into `cache` by a rename and only after its hash is
    checked, so an incomplete download is never used. `repository` is the address of a Maven repository to use
    instead of jgo's default.

    Raises
    ------
    EmbeddedError
        If the repository cannot be reached or sends wrong bytes twice, or `cache` cannot be written.
    """
    jars = listed_jars()
    with folder_errors(cache):
        wanting = _wanting(jars, cache)
    if wanting:
        _prepare(cache)
        _fetch(wanting, cache, progress=progress, repository=repository)
    return [cache / jar.name for jar in jars]


def _prepare(cache: Path) -> None:
    try:
        prepare_folder(cache, min_free_mebibytes=_NEEDED_MEBIBYTES)
    except EmbeddedError as error:
        raise EmbeddedError(
            f"{error} The folder keeps Kafka's jars; XDG_CACHE_HOME may name another cache folder."
        ) from error


def _wanting(jars: Sequence[Jar], folder: Path) -> list[Jar]:
    with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
        intact = list(pool.map(lambda jar: jar.is_intact(folder), jars))
    return [jar for jar, good in zip(jars, intact, strict=True) if not good]


def _fetch(jars: list[Jar], cache: Path, *, progress: Progress, repository: str | None) -> None:
    total = len(jars)
    progress(f"Apache Kafka 4.3.0: fetching {total} jars")
    for _ in range(_ATTEMPTS):
        with _staging(cache) as staging:
            _download(jars, staging, progress=progress, repository=repository)
            jars = _move_intact(jars, staging, cache)
        if not jars:
            progress(f"Apache Kafka 4.3.0: {total} jars fetched and checked")
            return
        progress(f"{len(jars)} jars differ from the committed SHA-256 list")
    raise EmbeddedError(
        f"The download of {jars[0].name} does not match its committed SHA-256 sum and is refused;"
        " something between here and the Maven repository changes it."
    )


@contextmanager
def _staging(cache: Path) -> Iterator[Path]:
    """Yield a folder for unchecked downloads, on the same disk as `cache`; remove it at the end."""
    with folder_errors(cache):
        folder = Path(tempfile.mkdtemp(prefix=".staging-", dir=cache))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _download(jars: Sequence[Jar], staging: Path, *, progress: Progress, repository: str | None) -> None:
    maven = extra("jgo.maven").MavenContext(
        repo_cache=staging / "maven",
        local_repos=[],
        remote_repos=None if repository is None else {"central": repository},
    )
    with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
        fetched = pool.map(lambda jar: _download_one(jar, maven, staging), jars)
        for done, jar in enumerate(fetched, start=1):
            progress(f"Apache Kafka 4.3.0: {done} of {len(jars)} jars, {jar.name}")


def _download_one(jar: Jar, maven: Any, staging: Path) -> Jar:
    artifact = maven.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    try:
        artifact.resolve().replace(staging / jar.name)
    except _network_errors() as error:
        raise EmbeddedError(
            f"The jar {jar.name} of Apache Kafka could not be downloaded: the Maven repository"
            " does not answer or does not have the jar; the first start needs the network once."
        ) from error
    except OSError as error:
        raise folder_error(staging.parent, error) from error
    return jar


def _network_errors() -> tuple[type[Exception], ...]:
    """Return the errors of jgo: those of `requests`, and RuntimeError if no repository has the file."""
    return (extra("requests").RequestException, RuntimeError)


def _move_intact(jars: Sequence[Jar], staging: Path, cache: Path) -> list[Jar]:
    """Move the jars with the listed hash into the cache; return the other jars."""
    refused = _wanting(jars, staging)
    with folder_errors(cache):
        for jar in jars:
            if jar not in refused:
                (staging / jar.name).replace(cache / jar.name)
    return refused
