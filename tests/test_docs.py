"""The documentation cannot lie: its commands, settings, figures, topics and links equal the code."""

import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from streams.cli.commands import COMMANDS
from streams.kafka.topics import TOPICS
from streams.process.settings import Settings
from tests import reference
from tests.faults.rows import find_rows

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATION = (ROOT / "helm" / "rapport" / "README.md").read_text(encoding="utf-8")
PAGES = ["README.md", "helm/rapport/README.md", "tests/faults/RESULTS.md", "tests/benchmarks/RESULTS.md"]
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")


@pytest.mark.parametrize("page", reference.PAGES)
def test_the_reference_equals_the_code(page: str) -> None:
    written = (ROOT / page).read_text(encoding="utf-8")
    assert written == reference.PAGES[page](), "run python -m tests.reference"


def test_every_setting_has_a_default_and_a_meaning_to_show() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.default is not PydanticUndefined, name


def test_the_readme_is_short_and_narrow() -> None:
    lines = README.splitlines()
    assert len(lines) <= 200
    assert [number for number, line in enumerate(lines, 1) if len(line) > 120] == []


@pytest.mark.parametrize("topic", [spec.name for spec in TOPICS])
def test_every_topic_is_named(topic: str) -> None:
    assert f"`{topic}`" in README


@pytest.mark.parametrize("text", [README, OPERATION], ids=["README", "operation"])
def test_every_named_command_exists(text: str) -> None:
    named = set(re.findall(r"(?:^|[`/ ])rapport ([a-z][a-z-]*)", text, re.MULTILINE))
    assert named
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("text", [README, OPERATION], ids=["README", "operation"])
def test_every_named_setting_exists(text: str) -> None:
    named = {name.lower() for name in re.findall(r"RAPPORT_([A-Z_]+[A-Z])", text)}
    assert named
    assert named <= set(Settings.model_fields)


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`make ([a-z-]+)`", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page: str) -> None:
    folder = (ROOT / page).parent
    links = [link for link in LINK.findall((ROOT / page).read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (folder / link).exists()] == []


def test_every_program_that_is_named_exists() -> None:
    for page in PAGES:
        for name in re.findall(r"python -m (tests(?:\.\w+)+)", (ROOT / page).read_text(encoding="utf-8")):
            place = ROOT.joinpath(*name.split("."))
            assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), name


def test_the_readmes_rows_of_faults_exist_and_its_numbers_are_those_of_the_results() -> None:
    results = (ROOT / "tests" / "faults" / "RESULTS.md").read_text(encoding="utf-8")
    results = results.split("<!-- matrix -->", 1)[1].split("<!-- /matrix -->", 1)[0]
    section = README.split("`python -m tests.faults` |\n", 1)[1].split("\n\n", 1)[0]
    rows = re.findall(r"^\| .+ \| (.+) \| `--rows (\d+)` \|$", section, re.MULTILINE)
    assert len(rows) == 8
    for claim, number in rows:
        assert int(number) in find_rows()
        (shown,) = re.findall(rf"^\| {number} \| .*$", results, re.MULTILINE)
        for figure in re.findall(r"\d[\d,.]*\d", claim):
            assert figure in shown, (number, figure)


def test_the_total_of_the_fault_matrix_is_that_of_the_results() -> None:
    results = (ROOT / "tests" / "faults" / "RESULTS.md").read_text(encoding="utf-8")
    (total,) = re.findall(r"^\|\s*\| all \| .*?([\d,]{5,}) \| (\d+) \| (\d+) \|", results, re.MULTILINE)
    assert f"sent {total[0]} inputs: {total[1]} lost, {total[2]} doubled" in " ".join(README.split())


def test_the_continuous_integration_calls_the_readmes_test_command() -> None:
    last = (ROOT / ".ci" / "run").read_text().strip().splitlines()[-1]
    assert last == "make test"
    assert re.search(r"^make test ", README, re.MULTILINE)
