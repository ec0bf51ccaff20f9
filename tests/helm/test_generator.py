"""The language model of drafts in the chart: only the drafting pods get its key and its way out."""

from tests.helm.support.charts import Object, chart, render, value_set

SERVER: Object = {
    "settings": {"generator": "server", "generatorUrl": "http://llm:8000/v1", "generatorModel": "qwen"},
    "generatorKey": {"existingSecret": "llm", "key": "token"},
    "networkPolicy": {
        "generator": {"ports": [8000], "to": [{"podSelector": {"matchLabels": {"app": "llm"}}}]}
    },
}


def rendered(values: Object) -> list[Object]:
    return render(chart().merge_values({**value_set("minimal"), **values}))


def pods_with_the_key(objects: list[Object]) -> set[str]:
    return {
        found["metadata"]["name"]
        for found in objects
        if found["kind"] in {"StatefulSet", "Deployment", "Job"}
        for container in found["spec"]["template"]["spec"]["containers"]
        for variable in container.get("env", [])
        if variable["name"] == "RAPPORT_GENERATOR_KEY"
        and variable["valueFrom"]["secretKeyRef"] == {"name": "llm", "key": "token"}
    }


def test_only_the_drafting_pods_get_the_key_of_the_server() -> None:
    assert pods_with_the_key(rendered(SERVER)) == {"rapport-drafting"}
    assert pods_with_the_key(rendered({})) == set()


def test_only_the_drafting_pods_get_out_to_the_server_and_only_if_one_is_set() -> None:
    def policies(objects: list[Object]) -> list[Object]:
        found = [one for one in objects if one["kind"] == "NetworkPolicy"]
        return [one["spec"] for one in found if one["metadata"]["name"] == "rapport-generator"]

    (spec,) = policies(rendered(SERVER))
    assert spec["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "drafting"
    (rule,) = spec["egress"]
    assert rule["ports"] == [{"port": 8000, "protocol": "TCP"}]
    assert rule["to"] == [{"podSelector": {"matchLabels": {"app": "llm"}}}]
    assert policies(rendered({})) == []
