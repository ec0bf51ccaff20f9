import json

import kubernetes_validate
import pytest

from tests.helm.support.charts import VALUE_SETS, Object, objects

VERSIONS = [f"1.{minor}" for minor in range(30, 37)]
CUSTOM_RESOURCES = {"PodMonitor", "PrometheusRule"}
GATEWAY_RESOURCES = {"HTTPRoute"}


def _distinct_objects() -> list[Object]:
    """Return each object once, though several value sets render it."""
    everything = {json.dumps(one, sort_keys=True) for name in VALUE_SETS for one in objects(name)}
    found = [json.loads(text) for text in sorted(everything)]
    return [one for one in found if one["kind"] not in CUSTOM_RESOURCES | GATEWAY_RESOURCES]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_strictly_valid(version: str) -> None:
    for one in _distinct_objects():
        assert kubernetes_validate.validate(one, version, strict=True) == version


def test_the_validation_would_notice_a_misspelt_key() -> None:
    (deployment, *_) = (one for one in _distinct_objects() if one["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"]["serviceAcountName"] = "rapport"
    with pytest.raises(kubernetes_validate.ValidationError, match="serviceAcountName"):
        kubernetes_validate.validate(deployment, VERSIONS[0], strict=True)


def test_only_custom_resources_of_the_prometheus_operator_are_left_out() -> None:
    kinds = {one["kind"] for one in objects("gpu-monitoring") if "monitoring.coreos.com" in one["apiVersion"]}
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
