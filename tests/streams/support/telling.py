"""Running commands with wrong settings, and what a person must be told then."""

import os
import subprocess
import sys
from typing import IO

from typer.testing import CliRunner, Result

from streams.cli import app

CANARY = "c4n4ry-word"
"""Stands in every password: no part of one may come out again."""

NOWHERE = "127.0.0.1:1"


def variables(settings: dict[str, str]) -> dict[str, str]:
    return {f"RAPPORT_{name.upper()}": value for name, value in settings.items()}


def call(*arguments: str, **settings: str) -> Result:
    """Run a command in this process with settings, named without their prefix."""
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", **variables(settings)})


def process(
    *arguments: str, stdout: IO[str] | int = subprocess.PIPE, **settings: str
) -> "subprocess.CompletedProcess[str]":
    """Run a command in a process of its own: a service leaves threads and connections to its end."""
    return subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        env={**os.environ, **variables(settings)},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def demand_sentence(result: Result, *words: str) -> None:
    """One line, exit code 1, the words, and nothing of the secret nor of Python."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.rstrip().endswith(".")
    for word in words:
        assert word in result.stderr
    assert CANARY not in result.output
    assert "Traceback" not in result.output
