"""The lock of a data folder, and the processes that work in a folder."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from streams.embedded.folders import EmbeddedError, FolderLock
from streams.embedded.processes import is_working_folder, wait_until

_HOLDER = """
import sys, time
from pathlib import Path
from streams.embedded.folders import FolderLock
lock = FolderLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(600)
"""


def test_a_lock_has_one_holder_and_any_thread_may_release_it(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(first.acquire).result()
    first.acquire()
    with pytest.raises(EmbeddedError, match="in use by another running rapport"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_a_lock_ends_with_the_process_that_holds_it(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    lock = FolderLock(tmp_path)
    with holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(EmbeddedError):
                lock.acquire()
        finally:
            holder.kill()
    lock.acquire()
    lock.release()


def test_a_process_that_works_in_a_folder_is_found(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    assert not is_working_folder(folder)
    process = subprocess.Popen(["sleep", "60"], cwd=folder)
    try:
        assert wait_until(lambda: is_working_folder(folder), 10.0)
    finally:
        process.kill()
        process.wait()
    assert not is_working_folder(folder)
