import json
from functools import cache

import kubernetes_validate
import kubernetes_validate.utils
import pytest

from tests.helm.support.charts import VALUE_SETS, Object, objects

VERSIONS = [f"1.{minor}" for minor in range(30, 37)]
CUSTOM_RESOURCES = {"PodMonitor", "PrometheusRule"}
GATEWAY_RESOURCES = {"HTTPRoute"}


def _distinct_objects() -> list[Object]:
    """Return each object once, though several value sets render it."""
    everything = {json.dumps(manifest, sort_keys=True) for name in VALUE_SETS for manifest in objects(name)}
    found = [json.loads(text) for text in sorted(everything)]
    return [manifest for manifest in found if manifest["kind"] not in CUSTOM_RESOURCES | GATEWAY_RESOURCES]


def test_every_object_is_strictly_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    # The package reads its definitions from the disk for each object.
    read_once = cache(kubernetes_validate.utils.schema_contents)
    monkeypatch.setattr(kubernetes_validate.utils, "schema_contents", read_once)
    for version in VERSIONS:
        for manifest in _distinct_objects():
            assert kubernetes_validate.validate(manifest, version, strict=True) == version, version


def test_the_validation_would_notice_a_misspelt_key() -> None:
    (deployment, *_) = (manifest for manifest in _distinct_objects() if manifest["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"]["serviceAcountName"] = "rapport"
    with pytest.raises(kubernetes_validate.ValidationError, match="serviceAcountName"):
        kubernetes_validate.validate(deployment, VERSIONS[0], strict=True)


def test_only_custom_resources_of_the_prometheus_operator_are_left_out() -> None:
    kinds = {
        manifest["kind"]
        for manifest in objects("gpu-monitoring")
        if "monitoring.coreos.com" in manifest["apiVersion"]
    }
    assert kinds == CUSTOM_RESOURCES


def test_a_pod_monitor_selects_the_pods_and_their_metrics_port() -> None:
    (monitor,) = objects("gpu-monitoring", "PodMonitor")
    assert set(monitor["spec"]) == {"selector", "podTargetLabels", "podMetricsEndpoints"}
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint == {"port": "metrics", "path": "/metrics", "interval": "15s"}
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    for workload in objects("gpu-monitoring", "StatefulSet", "Deployment"):
        assert wanted <= workload["spec"]["template"]["metadata"]["labels"].items()
    assert monitor["metadata"]["labels"]["release"] == "prometheus"


def test_a_prometheus_rule_carries_the_rules_and_where_its_runbooks_are_served() -> None:
    (resource,) = objects("gpu-monitoring", "PrometheusRule")
    assert set(resource["spec"]) == {"groups"}
    rules = [rule for group in resource["spec"]["groups"] for rule in group["rules"]]
    assert all(set(group) == {"name", "rules"} for group in resource["spec"]["groups"])
    assert all(
        set(rule) <= {"alert", "expr", "for", "keep_firing_for", "labels", "annotations"} for rule in rules
    )
    urls = {rule["annotations"]["runbook_url"] for rule in rules}
    assert all(url.startswith("https://runbooks.example.com/rapport/alerts.md#") for url in urls)
