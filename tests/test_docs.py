"""The README cannot lie: settings, metrics, topics, commands and make targets are held against the code."""

import re
from pathlib import Path

import pytest
import typer.main
from prometheus_client import CollectorRegistry

from streams.cli import app
from streams.kafka.topics import TOPICS
from streams.process.metrics import Metrics
from streams.process.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def table(heading: str) -> dict[str, list[str]]:
    """Return the rows of the table under a heading by the name in backticks in their first cell."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0].strip("| `"): row[1:] for row in rows}


def shown_default(default: object) -> str:
    if default in (None, (), ""):
        return "–"
    return f"`{default}`"


def test_every_setting_stands_in_the_readme_with_its_default_and_meaning() -> None:
    expected = {
        f"RAPPORT_{name.upper()}": [shown_default(field.default), str(field.description)]
        for name, field in Settings.model_fields.items()
    }
    shown = {name: [cells[0], cells[1].rstrip(" |")] for name, cells in table("Settings").items()}
    assert shown == expected


def test_every_metric_stands_in_the_readme_with_its_meaning() -> None:
    registry = CollectorRegistry()
    Metrics(registry)
    families = {
        family.name + ("_total" if family.type == "counter" else "_info" if family.type == "info" else ""): (
            family.documentation
        )
        for family in registry.collect()
    }
    assert {name: cells[-1].rstrip(" |") for name, cells in table("Metrics").items()} == families


@pytest.mark.parametrize("topic", [spec.name for spec in TOPICS])
def test_every_topic_is_named(topic: str) -> None:
    assert f"`{topic}`" in README


def test_every_command_is_named_and_every_named_command_exists() -> None:
    group = typer.main.get_command(app)
    commands = set(group.commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"`?rapport ([a-z][a-z-]*)", README))
    assert commands <= named
    assert named <= commands


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`make ([a-z-]+)`", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_continuous_integration_calls_the_readmes_test_command() -> None:
    last = (ROOT / ".ci" / "run").read_text().strip().splitlines()[-1]
    assert last == "make test"
    assert "`make test`" in README
