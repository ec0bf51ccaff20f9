"""Renders the chart and reads its dashboards and rules, for this folder and the test of the live scrape."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import yaml
from prometheus_client.metrics_core import Metric

ROOT = Path(__file__).parents[3]
CHART = ROOT / "helm" / "rapport"
VALUES = Path(__file__).parents[1] / "values"
VALUE_SETS = ("minimal", "gpu-monitoring", "high-availability", "exposed")
GROUPS = ("sentiment", "usage", "churn", "drafting")
PROCESSES = (*GROUPS, "relay", "desk")
Object = dict[str, Any]

_SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("", "_sum", "_count"),
    "info": ("_info",),
}


@cache
def chart() -> helm_python.Chart:
    """Return the loaded chart."""
    return helm_python.Chart.load(CHART)


def value_set(name: str) -> Object:
    """Return a fresh copy of one of the value sets."""
    values: Object = yaml.safe_load((VALUES / f"{name}.yaml").read_text(encoding="utf-8"))
    return values


def render(values: Object) -> list[Object]:
    """Return the objects of release `rapport` in namespace `support`, in the order of their files."""
    files = chart().render(values, name="rapport", namespace="support")
    texts = (text for path, text in sorted(files.items()) if path.endswith(".yaml"))
    return [manifest for text in texts for manifest in yaml.safe_load_all(text) if manifest]


@cache
def _rendered(name: str) -> str:
    return json.dumps(render(value_set(name)))


def objects(name: str, *kinds: str) -> list[Object]:
    """Return the objects of a value set, of these kinds or all."""
    found: list[Object] = json.loads(_rendered(name))
    return [manifest for manifest in found if not kinds or manifest["kind"] in kinds]


def find(name: str, kind: str, object_name: str) -> Object:
    """Return the one object of this kind and name."""
    (found,) = (manifest for manifest in objects(name, kind) if manifest["metadata"]["name"] == object_name)
    return found


def pods(name: str) -> dict[str, Object]:
    """Return the pod specification of every workload and job of a value set, by object name."""
    workloads = objects(name, "StatefulSet", "Deployment", "Job")
    return {manifest["metadata"]["name"]: manifest["spec"]["template"]["spec"] for manifest in workloads}


def container(pod: Object) -> Object:
    """Return the one container of a pod."""
    (only,) = pod["containers"]
    found: Object = only
    return found


def plain_environment(name: str, pod: Object) -> dict[str, str]:
    """Return the variables of a pod with plain values, those of its ConfigMap first."""
    settings: dict[str, str] = {}
    for source in container(pod).get("envFrom", []):
        settings |= find(name, "ConfigMap", source["configMapRef"]["name"])["data"]
    return settings | {
        variable["name"]: variable["value"] for variable in container(pod)["env"] if "value" in variable
    }


def secret_environment(pod: Object) -> dict[str, tuple[str, str]]:
    """Return the variables of a pod that come from a secret: name -> (secret, key)."""
    sources = {
        variable["name"]: variable.get("valueFrom", {}).get("secretKeyRef")
        for variable in container(pod)["env"]
    }
    return {name: (source["name"], source["key"]) for name, source in sources.items() if source}


def alerts() -> list[Object]:
    """Return the alert rules of the chart."""
    text = (CHART / "rules" / "alerts.yaml").read_text(encoding="utf-8")
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def dashboards() -> dict[str, Object]:
    """Return the dashboards of the chart, by file name."""
    files = sorted((CHART / "dashboards").glob("*.json"))
    return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in files}


def panels(dashboard: Object) -> list[Object]:
    """Return the panels of a dashboard without its row titles."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def dashboard_queries() -> Iterator[str]:
    """Yield the PromQL of every panel, with text that Prometheus can parse for Grafana's variables."""
    for dashboard in dashboards().values():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                yield re.sub(r"\$\w+", ".*", target["expr"].replace("$__rate_interval", "5m"))


def _variable_queries() -> Iterator[str]:
    for dashboard in dashboards().values():
        for variable in dashboard["templating"]["list"]:
            yield variable.get("definition", "")


def metric_names_used() -> set[str]:
    """Return every metric that dashboards and rules name, as sample names (`…_total`, `…_bucket`)."""
    texts = [*dashboard_queries(), *_variable_queries(), *(rule["expr"] for rule in alerts())]
    return {name for text in texts for name in re.findall(r"\brapport_\w+", text)}


def sample_names(families: Iterable[Metric]) -> set[str]:
    """Return the sample names that these families have or would have with their first observation.

    Takes what `registry.collect()` or `text_string_to_metric_families(scrape)` yields.
    """
    return {family.name + suffix for family in families for suffix in _SUFFIXES.get(family.type, ("",))}
