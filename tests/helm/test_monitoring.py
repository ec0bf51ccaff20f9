import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from streams.process.metrics import Metrics
from tests.helm.support.charts import (
    CHART,
    Object,
    alerts,
    dashboard_queries,
    dashboards,
    metric_names_used,
    objects,
    panels,
    sample_names,
)

UNIT_TESTS = Path(__file__).parent / "alerts_test.yaml"
EVERY_PANEL = [
    (name, panel["title"]) for name, dashboard in dashboards().items() for panel in panels(dashboard)
]
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)"
)


def _panel(dashboard: str, title: str) -> Object:
    (panel,) = (found for found in panels(dashboards()[dashboard]) if found["title"] == title)
    found: Object = panel
    return found


def _promtool(*arguments: str) -> str:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_metric_in_dashboards_and_rules_is_declared_by_the_service() -> None:
    assert len(metric_names_used()) > 20
    assert metric_names_used() <= sample_names(Metrics().registry.collect())


def test_names_read_from_a_scrape_are_those_of_the_registry() -> None:
    registry = Metrics().registry
    scraped = text_string_to_metric_families(generate_latest(registry).decode())
    assert metric_names_used() <= sample_names(scraped)


def test_every_alert_has_a_severity_a_description_and_a_runbook() -> None:
    for rule in alerts():
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}, rule
        assert rule["annotations"]["runbook_url"] == f"runbooks/alerts.md#{rule['alert'].lower()}", rule


def test_the_runbook_has_one_section_for_every_alert() -> None:
    text = (CHART / "runbooks" / "alerts.md").read_text(encoding="utf-8")
    sections = re.split(r"(?m)^## ", text)[1:]
    assert sorted(section.split()[0] for section in sections) == sorted(rule["alert"] for rule in alerts())
    assert all("**Means.**" in section and "**Do.**" in section for section in sections)


def test_the_runbook_names_panels_that_exist() -> None:
    text = (CHART / "runbooks" / "alerts.md").read_text(encoding="utf-8")
    titles = {panel["title"] for dashboard in dashboards().values() for panel in panels(dashboard)}
    assert set(re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", text)) <= titles


def test_every_panel_has_a_unit_a_description_and_a_named_data_source() -> None:
    for dashboard, title in EVERY_PANEL:
        panel = _panel(dashboard, title)
        assert panel["fieldConfig"]["defaults"]["unit"], (dashboard, title)
        assert len(panel["description"]) > 20, (dashboard, title)
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, (dashboard, title)
        assert all(target["datasource"] == panel["datasource"] for target in panel["targets"]), (
            dashboard,
            title,
        )


def test_no_panel_shows_a_raw_counter_or_leaves_its_namespace() -> None:
    for dashboard, title in EVERY_PANEL:
        for target in _panel(dashboard, title)["targets"]:
            counters = re.findall(r"\brapport_\w+_(?:total|bucket|sum|count)\b", target["expr"])
            assert len(counters) == len(re.findall(r"\b(?:rate|increase)\(", target["expr"])), (
                dashboard,
                title,
            )
            assert len(re.findall(r"\brapport_\w+", target["expr"])) == target["expr"].count("$namespace"), (
                dashboard,
                title,
            )


def test_panels_do_not_overlap() -> None:
    for dashboard in dashboards().values():
        places = [panel["gridPos"] for panel in dashboard["panels"]]
        cells = [
            (x, y)
            for place in places
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ]
        assert len(cells) == len(set(cells))
        assert max(x for x, _ in cells) < 24
        assert len(panels(dashboard)) <= 30
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(ids) == len(set(ids))


def test_grafana_finds_the_dashboards() -> None:
    (config,) = (
        manifest
        for manifest in objects("gpu-monitoring", "ConfigMap")
        if "-dashboards" in manifest["metadata"]["name"]
    )
    assert config["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert {
        name.removeprefix("rapport-"): json.loads(text) for name, text in config["data"].items()
    } == dashboards()


@needs_promtool
def test_the_rules_are_right_for_prometheus() -> None:
    _promtool("check", "rules", "--lint-fatal", str(CHART / "rules" / "alerts.yaml"))


@needs_promtool
def test_alerts_fire_when_they_should_and_stay_silent_on_a_deploy() -> None:
    _promtool("test", "rules", str(UNIT_TESTS))


def test_every_alert_is_seen_firing_in_the_unit_tests() -> None:
    tests = yaml.safe_load(UNIT_TESTS.read_text(encoding="utf-8"))["tests"]
    samples = [
        sample["labels"]
        for test in tests
        for query in test["promql_expr_test"]
        for sample in query["exp_samples"]
    ]
    assert {re.findall(r'alertname="(\w+)"', labels)[0] for labels in samples} == {
        rule["alert"] for rule in alerts()
    }


@needs_promtool
def test_every_query_of_the_dashboards_is_promql(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:query_{index}", "expr": text} for index, text in enumerate(dashboard_queries())
    ]
    file = tmp_path / "panels.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    assert f"{len(rules)} rules found" in _promtool("check", "rules", str(file))
