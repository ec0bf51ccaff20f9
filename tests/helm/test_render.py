import tomllib
from pathlib import Path

import helm_python
import pytest

from streams.kafka.topics import GROUPS as GROUP_TOPICS
from tests.helm.support.charts import (
    CHART,
    GROUPS,
    PROCESSES,
    ROOT,
    VALUE_SETS,
    chart,
    container,
    find,
    objects,
    pods,
    render,
    value_set,
)

COMMANDS = {group: ["worker", group] for group in GROUPS} | {
    "relay": ["relay"],
    "desk": ["desk"],
    "intake": ["intake"],
    "migrate": ["migrate"],
    "topics": ["topics", "create"],
}


def test_the_chart_lints_without_warnings() -> None:
    for name in VALUE_SETS:
        report = helm_python.lint(CHART, value_set(name), strict=True)
        assert report["errors"] == [], name
        assert [message for message in report["messages"] if message["severity"] > 1] == [], name


def test_kinds_and_names_equal_the_agreed_list() -> None:
    for name in VALUE_SETS:
        agreed = (Path(__file__).parent / "values" / f"{name}.objects.txt").read_text(encoding="utf-8")
        assert (
            sorted(f"{manifest['kind']} {manifest['metadata']['name']}" for manifest in objects(name))
            == agreed.splitlines()
        ), name


def test_the_chart_has_the_version_of_the_service() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert chart().metadata["appVersion"] == project["version"]
    assert container(pods("minimal")["rapport-relay"])["image"] == f"rapport:{project['version']}"


def test_there_is_one_workload_for_every_consumer_group() -> None:
    assert set(GROUPS) == set(GROUP_TOPICS)
    names = {manifest["metadata"]["name"] for manifest in objects("minimal", "StatefulSet")}
    assert names == {f"rapport-{group}" for group in GROUP_TOPICS}


def test_every_pod_runs_its_command_of_the_console_script() -> None:
    for name in VALUE_SETS:
        found = {pod_name.removeprefix("rapport-"): container(pod) for pod_name, pod in pods(name).items()}
        assert {component: entry["args"] for component, entry in found.items()} == {
            component: args for component, args in COMMANDS.items() if component in found
        }, name
        assert not any("command" in entry for entry in found.values()), name


def test_a_worker_takes_the_name_of_its_pod_as_its_member_id() -> None:
    for group in GROUPS:
        workload = find("minimal", "StatefulSet", f"rapport-{group}")
        assert workload["spec"]["podManagementPolicy"] == "Parallel", group
        variable = {
            "name": "RAPPORT_GROUP_INSTANCE_ID",
            "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}},
        }
        assert variable in container(pods("minimal")[f"rapport-{group}"])["env"], group
        assert find("minimal", "Service", workload["spec"]["serviceName"])["spec"]["clusterIP"] == "None", (
            group
        )


def test_selectors_find_exactly_their_own_pods() -> None:
    for name in VALUE_SETS:
        labels = {
            manifest["metadata"]["name"]: manifest["spec"]["template"]["metadata"]["labels"].items()
            for manifest in objects(name, "StatefulSet", "Deployment")
        }
        for manifest in objects(name, "StatefulSet", "Deployment", "PodDisruptionBudget"):
            wanted = manifest["spec"]["selector"]["matchLabels"].items()
            assert [pod for pod, has in labels.items() if wanted <= has] == [manifest["metadata"]["name"]], (
                name
            )


def test_probes_ask_the_metrics_port_and_tell_life_from_readiness() -> None:
    for name in VALUE_SETS:
        for component in PROCESSES:
            entry = container(pods(name)[f"rapport-{component}"])
            metrics_port = 9200 if name == "exposed" else 9100
            assert {"name": "metrics", "containerPort": metrics_port} in entry["ports"], name
            probes = {kind: entry[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")}
            assert {probe["port"] for probe in probes.values()} == {"metrics"}, name
            assert [probe["path"] for probe in probes.values()] == ["/healthz", "/readyz", "/healthz"], name


def test_migration_and_topics_run_before_anything_else_and_need_no_other_object() -> None:
    for name in VALUE_SETS:
        own = {manifest["metadata"]["name"] for manifest in objects(name, "ConfigMap", "ServiceAccount")}
        for job in objects(name, "Job"):
            annotations = job["metadata"]["annotations"]
            assert annotations["helm.sh/hook"] == "pre-install,pre-upgrade", name
            assert annotations["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded", name
            pod = job["spec"]["template"]["spec"]
            assert "envFrom" not in container(pod), name
            assert pod.get("serviceAccountName") not in own, name


def test_the_grace_period_outlasts_the_shutdown_of_the_service() -> None:
    assert pods("minimal")["rapport-usage"]["terminationGracePeriodSeconds"] == 40
    values = value_set("minimal") | {"settings": {"shutdownSeconds": 40}}
    with pytest.raises(helm_python.HelmRenderError, match="must be longer than"):
        render(values)


def test_more_replicas_than_partitions_are_refused() -> None:
    values = value_set("minimal") | {"groups": {"usage": {"replicas": 9}}}
    with pytest.raises(helm_python.HelmRenderError, match="the rest would idle"):
        render(values)


def test_a_card_is_asked_for_only_where_wanted_and_the_rest_runs_on_the_cpu() -> None:
    found = pods("gpu-monitoring")
    cards = {
        name: container(pod)["resources"]["limits"].get("nvidia.com/gpu", 0) for name, pod in found.items()
    }
    assert {name: count for name, count in cards.items() if count} == {
        "rapport-sentiment": 1,
        "rapport-drafting": 2,
    }
    pod = found["rapport-sentiment"]
    assert pod["runtimeClassName"] == "nvidia"
    assert {"name": "RAPPORT_DEVICE", "value": "cuda"} in container(pod)["env"]
    assert any(volume.get("emptyDir", {}).get("medium") == "Memory" for volume in pod["volumes"])
    assert len(found["rapport-drafting"]["tolerations"]) == 2


def test_a_changed_setting_restarts_the_pods_and_a_changed_replica_count_does_not() -> None:
    def checksum(change: dict[str, object]) -> str:
        rendered = render(value_set("minimal") | change)
        (relay,) = (
            manifest
            for manifest in rendered
            if manifest["metadata"]["name"] == "rapport-relay" and manifest["kind"] == "Deployment"
        )
        text: str = relay["spec"]["template"]["metadata"]["annotations"]["checksum/settings"]
        return text

    assert checksum({}) == checksum({"relay": {"replicas": 2}})
    assert checksum({}) != checksum({"settings": {"logLevel": "DEBUG"}})


def test_the_notes_say_how_to_open_the_desk() -> None:
    files = chart().render(value_set("minimal"), name="rapport", namespace="support")
    notes = files.get("rapport/templates/NOTES.txt", "")
    assert "--namespace support port-forward service/rapport-desk 8765:80" in notes
    assert "networkPolicy.deskFrom" in notes


def test_the_intake_runs_only_where_it_is_wanted_and_the_notes_say_where_it_is() -> None:
    assert "rapport-intake" not in pods("minimal")
    pod = container(pods("high-availability")["rapport-intake"])
    assert {"name": "intake", "containerPort": 8767} in pod["ports"]
    assert pod["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "metrics"}
    (port,) = find("high-availability", "Service", "rapport-intake")["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (80, "intake")
    files = chart().render(value_set("high-availability"), name="rapport", namespace="support")
    assert "http://rapport-intake.support:80/v1/tickets" in files["rapport/templates/NOTES.txt"]


def test_long_release_names_still_give_valid_names() -> None:
    files = chart().render(value_set("minimal"), name="r" * 53, namespace="support")
    names = [line for text in files.values() for line in text.splitlines() if line.startswith("  name: ")]
    assert max(len(line.removeprefix("  name: ")) for line in names) <= 52
