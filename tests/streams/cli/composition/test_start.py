"""How a process of the service ends when it is told to while it still starts."""

import os
import subprocess
import sys

_TOLD_INSIDE_A_CALLBACK = """
import signal, weakref
from streams.cli.composition.start import begin

class Module: ...

begin("relay")
module = Module()
watch = weakref.ref(module, lambda _: signal.raise_signal(signal.SIGTERM))
del module
print("works")
"""
"""Imports run such callbacks all the time, and Python ignores every exception that leaves one."""


def test_sigterm_inside_a_callback_of_an_import_ends_a_starting_process_with_zero() -> None:
    settings = {"RAPPORT_DATABASE_URL": "postgresql://nobody@localhost/none"}
    command = [sys.executable, "-c", _TOLD_INSIDE_A_CALLBACK]
    done = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
