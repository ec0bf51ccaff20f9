"""The files that commands write their results to."""

from collections.abc import Iterable
from pathlib import Path

from streams.cli.terminal import fail


def refuse_unwritable(target: Path | None, file: Path) -> None:
    """Fail before minutes of work if a result cannot be written, or would overwrite the file that is read."""
    if target is None:
        return
    if target.exists() and file.exists() and target.samefile(file):
        fail(f"{target} is the file that is read.")
    is_new = not target.exists()
    try:
        target.open("a", encoding="utf-8").close()
        if is_new:
            target.unlink()
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror or error}.")


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines; a lone surrogate becomes its JSON escape. Fails in a sentence."""
    write_text(path, "".join(f"{line}\n" for line in lines))


def write_text(path: Path, text: str) -> None:
    """Write a text as `write_lines` does."""
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}.")
