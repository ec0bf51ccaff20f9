"""Write what a program measured into its RESULTS.md, between markers, with command, commit and machine.

A section begins with `<!-- NAME -->` and ends with `<!-- /NAME -->`; a program replaces its own section only.
"""

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.table import Table
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]


def write_section(file: Path, name: str, command: str, body: str) -> None:
    """Replace a section of a file by a body, with the provenance above it.

    A file without the section gets it at its end; a missing file is created.
    """
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(replaced(text, name, f"{provenance(command)}\n\n{body.strip()}"), encoding="utf-8")


def replaced(text: str, name: str, body: str) -> str:
    r"""Return the text with the section `name` replaced, or added at the end.

    >>> replaced("# Results\n\n<!-- a -->\nold\n<!-- /a -->\n", "a", "new")
    '# Results\n\n<!-- a -->\nnew\n<!-- /a -->\n'
    >>> replaced("# Results\n", "a", "new")
    '# Results\n\n<!-- a -->\nnew\n<!-- /a -->\n'
    """
    section = f"<!-- {name} -->\n{body}\n<!-- /{name} -->"
    pattern = rf"<!-- {re.escape(name)} -->\n.*?<!-- /{re.escape(name)} -->"
    changed, count = re.subn(pattern, lambda _: section, text, flags=re.DOTALL)
    if count:
        return changed
    return f"{text.rstrip()}\n\n{section}\n".lstrip()


def provenance(command: str) -> str:
    """Return one line: the command, the commit, the day and the machine."""
    return f"`{command}`, {commit()}, {datetime.now(UTC):%Y-%m-%d}, {machine()}."


def commit() -> str:
    """Return `commit <hash>`, and say so if files differ from it; raise CalledProcessError outside Git."""
    number = _git("rev-parse", "--short", "HEAD")
    return f"commit {number}" + (" with local changes" if _git("status", "--porcelain") else "")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def machine() -> str:
    """Return cores, memory, processor and Python."""
    gibibytes = psutil.virtual_memory().total / 2**30
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {gibibytes:.0f} GiB, {platform.machine()}, Python {python}"


def markdown(table: Table) -> str:
    """Return a table of rich as Markdown; numbers stay at the right.

    >>> shown = Table("fault", title="Matrix")
    >>> shown.add_column("lost", justify="right")
    >>> shown.add_row("kill -9", "0")
    >>> print(markdown(shown))
    | fault | lost |
    |---|--:|
    | kill -9 | 0 |
    """
    head = [str(column.header) for column in table.columns]
    rule = ["--:" if column.justify == "right" else "---" for column in table.columns]
    rows = zip(*([_plain(cell) for cell in column.cells] for column in table.columns), strict=True)
    return "\n".join([_line(head), f"|{'|'.join(rule)}|", *(_line(row) for row in rows)])


def _plain(cell: object) -> str:
    return Text.from_markup(str(cell)).plain.replace("|", "\\|")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
