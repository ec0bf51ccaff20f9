"""The composition root is the only code that reads the settings and builds the parts of the service."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.cli.composition.groups import _BUILDERS
from streams.kafka.topics import GROUPS

ROOT = Path(__file__).resolve().parents[4]
STREAMS = ROOT / "streams"
COMPOSITION = STREAMS / "cli" / "composition"

BUILT_ONLY_THERE = frozenset(
    {"Settings", "Metrics", "engine_of", "HealthServer", "Supervisor"}
    | {"SentimentModel", "GpuRunner", "DeviceEmbedder", "DeviceScorer", "Drafter", "SqlKnowledge", "Composer"}
    | {"ModelGenerator", "SharedGenerator", "ServerModel", "CausalModel", "BatchedModel", "GuardedModel"}
    | {"SentimentHandler", "UsageHandler", "ChurnHandler", "DraftingHandler", "OutreachHandler"}
    | {"Pipeline", "build_app", "Relay", "create_desk", "DeskServer"}
    | {"BrokerLink", "Judge", "Intake", "create_intake", "IntakeServer"}
)
"""Classes and functions that make a part of a running service."""

BROKERS = {"streams/cli/composition/connections.py", "streams/embedded/kafka.py"}
"""Files that make a `Broker`: from settings, and for the embedded broker that they started."""


def called(path: Path) -> Iterator[str]:
    """Yield the name of each function or class, or of its constructor method, that a file calls."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        target = node.func
        if isinstance(target, ast.Attribute) and target.attr == "load":
            target = target.value
        if isinstance(target, ast.Name):
            yield target.id
        elif isinstance(target, ast.Attribute):
            yield target.attr


def callers(names: frozenset[str], folder: Path) -> dict[str, set[str]]:
    """Return the files of a folder that call one of the names, each with the names it calls."""
    found = {str(path.relative_to(ROOT)): set(called(path)) & names for path in sorted(folder.rglob("*.py"))}
    return {path: used for path, used in found.items() if used}


def test_only_the_composition_root_builds_the_parts_of_the_service() -> None:
    everywhere = callers(BUILT_ONLY_THERE, STREAMS)
    outside = {
        path: used for path, used in everywhere.items() if not path.startswith("streams/cli/composition/")
    }
    assert outside == {}
    assert set(callers(frozenset({"Broker"}), STREAMS)) == BROKERS


def test_the_rule_names_what_the_composition_root_really_builds() -> None:
    built = set().union(*callers(BUILT_ONLY_THERE, COMPOSITION).values())
    assert built == BUILT_ONLY_THERE


@pytest.mark.parametrize("source", ["Settings()", "settings.Settings()", "SentimentModel.load(x)"])
def test_the_rule_finds_each_way_to_build_a_part(tmp_path: Path, source: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert BUILT_ONLY_THERE & set(called(path))


def test_every_consumer_group_has_a_builder() -> None:
    assert set(_BUILDERS) == set(GROUPS)
