"""Run commands with wrong settings, and check the sentence that a person gets."""

import os
import subprocess
import sys
from typing import IO

from typer.testing import CliRunner, Result

from streams.cli import app
from streams.process.ports import free_port

CANARY = "c4n4ry-word"
"""Part of every password in these tests; no output may contain it."""

NOWHERE = "127.0.0.1:1"


def variables(settings: dict[str, str]) -> dict[str, str]:
    return {f"RAPPORT_{name.upper()}": value for name, value in settings.items()}


def call(*arguments: str, **settings: str) -> Result:
    """Run a command in this process with settings, which are named without their prefix."""
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", **variables(settings)})


def process(
    *arguments: str, stdout: IO[str] | int = subprocess.PIPE, **settings: str
) -> "subprocess.CompletedProcess[str]":
    """Run a command in a process of its own, because a service keeps threads until its end.

    Its metrics have a free port, because other tests run services at the same time.
    """
    own = {"metrics_port": str(free_port()), **settings}
    return subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        env={**os.environ, **variables(own)},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def demand_sentence(result: Result, *words: str) -> None:
    """Assert exit code 1 and one line with the words, without the secret and without a traceback."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.rstrip().endswith(".")
    for word in words:
        assert word in result.stderr
    assert CANARY not in result.output
    assert "Traceback" not in result.output
