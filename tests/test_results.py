"""A program writes its own section of a RESULTS.md, and says where the figures come from."""

import re
from pathlib import Path

from rich.table import Table

from tests.results import markdown, write_section


def test_a_section_is_replaced_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    file.write_text("# Results\n\n<!-- one -->\nold\n<!-- /one -->\n\n<!-- two -->\nkept\n<!-- /two -->\n")
    write_section(file, "one", "python -m tests.faults", "| a |")
    text = file.read_text()
    assert text.startswith("# Results\n\n<!-- one -->\n`python -m tests.faults`, commit ")
    assert "| a |\n<!-- /one -->" in text
    assert text.endswith("<!-- two -->\nkept\n<!-- /two -->\n")
    assert "old" not in text


def test_a_new_section_says_commit_day_and_machine(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    write_section(file, "one", "python -m tests.faults", "| a |")
    line = file.read_text().splitlines()[1]
    assert re.search(r"commit [0-9a-f]{7,}.*, \d{4}-\d\d-\d\d, \d+ cores, \d+ GiB, \w+, Python 3\.\d+", line)


def test_a_body_with_backslashes_is_written_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    for _ in range(2):
        write_section(file, "one", "x", r"a \1 \g<0>")
    assert file.read_text().count(r"a \1 \g<0>") == 1


def test_a_table_without_head_or_with_marks_becomes_markdown() -> None:
    table = Table(show_header=False)
    table.add_column()
    table.add_column()
    table.add_row("[bold]a|b[/]", "1")
    assert markdown(table).splitlines() == ["|  |  |", "|---|---|", "| a\\|b | 1 |"]
