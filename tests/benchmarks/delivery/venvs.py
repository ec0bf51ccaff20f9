"""One virtual environment per peer, in the user's cache folder, from a file of hashes in `locks/`.

`python -m tests.benchmarks.delivery lock` writes these files again from the exact versions named here.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

LOCKS = Path(__file__).with_name("locks")
LOADER = "confluent-kafka"
"""The environment of the load generator, for all systems."""

COMMON = (
    "msgspec==0.22.0",
    "numpy==2.4.6",
    "psycopg[binary]==3.3.9",
    "pydantic>=2.13",
    "river==0.26.1",
)
"""Packages of the job itself, the same in every environment; versions of our own lock if a peer allows."""

ENVIRONMENTS = {
    "aiokafka": ("aiokafka==0.14.0",),
    "bytewax": ("bytewax[kafka]==0.21.1",),
    "confluent-kafka": ("confluent-kafka==2.16.1",),
    "faust-streaming": ("faust-streaming==0.15.3", "aiokafka==0.14.0"),
    "quixstreams": ("quixstreams==3.28.1",),
}

INSTALL_SECONDS = 600


class InstallError(Exception):
    """An environment could not be installed; the message is the last line of the installer's output."""


@dataclass(frozen=True)
class Environment:
    """A peer's environment: its name, version and folder."""

    name: str
    version: str
    folder: Path

    @property
    def python(self) -> Path:
        """Return its interpreter."""
        return self.folder / "bin" / "python"


def environment_of(name: str, *, cache: Path) -> Environment:
    """Return the environment of a peer, installed or not."""
    version = ENVIRONMENTS[name][0].partition("==")[2]
    return Environment(name, version, cache / f"{name}-{version}")


def default_cache() -> Path:
    """Return the folder of the environments under the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "rapport" / "peers"


def ensure(environment: Environment, tell: Callable[[str], None]) -> None:
    """Install the environment unless it exists with this lock. Raises InstallError."""
    lock = LOCKS / f"{environment.name}.txt"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    ready = environment.folder / ".ready"
    if environment.python.exists() and ready.exists() and ready.read_text() == digest:
        return
    tell(f"Installing {environment.name} {environment.version}")
    environment.folder.parent.mkdir(parents=True, exist_ok=True)
    _uv("venv", "--clear", "--python", sys.executable, str(environment.folder))
    arguments = ("--require-hashes", "--compile-bytecode", "--python", str(environment.python))
    _uv("pip", "sync", *arguments, str(lock))
    ready.write_text(digest)


def ensure_all(
    names: Iterable[str], *, cache: Path, tell: Callable[[str], None]
) -> tuple[dict[str, Environment], dict[str, str]]:
    """Return the installed environments by name, and the reason of each failure by name."""
    made: dict[str, Environment] = {}
    failed: dict[str, str] = {}
    for name in sorted(set(names)):
        environment = environment_of(name, cache=cache)
        try:
            ensure(environment, tell)
        except InstallError as error:
            failed[name] = str(error)
            tell(f"{name} cannot be installed: {error}")
        else:
            made[name] = environment
    return made, failed


def lock(name: str) -> Path:
    """Write the file of hashes of one environment and return it. Raises InstallError."""
    target = LOCKS / f"{name}.txt"
    wanted = "\n".join((*ENVIRONMENTS[name], *COMMON)) + "\n"
    options = ("--generate-hashes", "--universal", "--python-version", "3.11", "--no-header", "--quiet")
    _uv("pip", "compile", *options, "-", "-o", str(target), stdin=wanted)
    return target


def _uv(*arguments: str, stdin: str | None = None) -> None:
    command = [str(Path(sys.executable).with_name("uv")), *arguments]
    try:
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InstallError(f"uv: {type(error).__name__}") from error
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise InstallError(lines[-1][:300] if lines else f"uv ended with exit code {done.returncode}")
