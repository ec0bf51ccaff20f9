import json
from collections.abc import Iterator
from typing import Any

import helm_python
import yaml

from tests.helm.support.charts import CHART, Object, chart, render, value_set

WRONG: list[tuple[str, Any]] = [
    ("kafka.bootstrapServers", ""),
    ("kafka.bootstrapServers", "kafka"),
    ("kafka.bootstrapServers", "http://kafka:9092"),
    ("kafka.securityProtocol", "SASL"),
    ("kafka.sasl.mechanism", "GSSAPI"),
    ("kafka.sasl.password", "secret"),
    ("kafka.topics.partitions", 0),
    ("kafka.topics.replication", "three"),
    ("database.existingSecret", ""),
    ("database.url", "postgresql+psycopg://user:password@host/name"),
    ("image.digest", "sha256:short"),
    ("image.tag", "a tag"),
    ("image.pullPolicy", "Sometimes"),
    ("image.pullSecrets", ["Not A Name"]),
    ("groups.sentiment.replicas", -1),
    ("groups.sentiment.replicas", 1.5),
    ("groups.sentiment.resources.limits.memory", "lots"),
    ("groups.sentiment.resources.limits.gpu", 1),
    ("groups.sentiment.gpu.count", 0),
    ("groups.usage.gpu", {"enabled": True}),
    ("groups.forecast", {"replicas": 1}),
    ("relay.gpu", {"enabled": True}),
    ("desk.service.type", "ExternalName"),
    ("desk.service.port", 70_000),
    ("intake.token", "secret"),
    ("intake.tokens.existingSecret", "Not A Name"),
    ("intake.service.port", 0),
    ("networkPolicy.intakeFrom", [{}]),
    ("settings.intakeAckSeconds", 0),
    ("settings.maxWaitSeconds", -0.1),
    ("settings.maxBatchRecord", 10),
    ("settings.databaseUrl", "postgresql://"),
    ("settings.logLevel", "debug"),
    ("settings.deskAllowedHosts", "desk.example.com"),
    ("settings.linkHosts", ["https://help.example.com"]),
    ("settings.metricNames", {"login": 1}),
    ("settings.draftSignature", ""),
    ("settings.alertsPerMonth", 0),
    ("settings.alertScore", 2),
    ("settings.draftThreshold", 1.5),
    ("settings.draftHoldout", 2),
    ("settings.generator", "gpt"),
    ("settings.generatorUrl", "llm:8000"),
    ("settings.generatorShare", 2),
    ("settings.generatorKey", "sk-secret"),
    ("settings.sentimentWeights", "weights"),
    ("settings.sentimentModel", "model"),
    ("settings.deskPathPrefix", "rapport/"),
    ("settings.trustedProxies", ["proxy"]),
    ("desk.token.value", "secret"),
    ("settings.metricsPort", 80),
    ("desk.ingress.hosts", ["desk.example.com/path"]),
    ("desk.httpRoute.parentRefs", [{"namespace": "gateways"}]),
    ("pods.extraEnv", [{"value": "without a name"}]),
    ("pods.extraVolumes", [{"name": "node", "hostPath": {"path": "/"}}]),
    ("relay.extraVolumeMounts", [{"name": "data", "mountPath": "data"}]),
    ("settings.shutdownSeconds", "25s"),
    ("pods.runAsUser", 0),
    ("pods.topologySpread.whenUnsatisfiable", "Never"),
    ("podDisruptionBudgets.maxUnavailable", "50%"),
    ("networkPolicy.deskFrom", [{}]),
    ("networkPolicy.deskFrom", [{"ipBlock": {"cidr": "everyone"}}]),
    ("networkPolicy.kafka", {"ports": []}),
    ("monitoring.prometheusRule.runbookBaseUrl", "runbooks.example.com"),
    ("monitoring.podMonitor.interval", "often"),
    ("commonLabels.team", 7),
]
FREE = {
    "annotations",
    "labels",
    "commonLabels",
    "podAnnotations",
    "nodeSelector",
    "matchLabels",
    "metricNames",
}


def _changed(path: str, value: object) -> Object:
    values = value_set("minimal")
    *folders, last = path.split(".")
    place = values
    for folder in folders:
        place = place.setdefault(folder, {})
    place[last] = value
    return values


def _objects_within(schema: object, path: str = "") -> Iterator[tuple[str, Object]]:
    if isinstance(schema, list):
        for index, part in enumerate(schema):
            yield from _objects_within(part, f"{path}/{index}")
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield path, schema
        for key, part in schema.items():
            yield from _objects_within(part, f"{path}/{key}")


def _schema() -> Object:
    schema: Object = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    return schema


def _folders(values: Object, path: str = "") -> Iterator[str]:
    yield path
    for key, value in values.items():
        if isinstance(value, dict) and key not in FREE:
            yield from _folders(value, f"{path}.{key}".lstrip("."))


def _defaults() -> Object:
    values: Object = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    return values


def _refusal(path: str, value: object) -> str:
    """Return why a changed value is refused; empty if it is taken."""
    try:
        render(_changed(path, value))
    except helm_python.HelmValuesError as error:
        return str(error)
    return ""


def _at(path: str) -> str:
    return f"at '/{path.replace('.', '/')}"


def test_a_wrong_value_is_refused() -> None:
    for path, value in WRONG:
        folder, _, key = path.rpartition(".")
        refusal = _refusal(path, value)
        unknown = f"{_at(folder)}': additional properties '{key}'"
        assert _at(path) in refusal or unknown in refusal, (path, value)


def test_sasl_without_a_secret_is_refused() -> None:
    for protocol in ("SASL_PLAINTEXT", "SASL_SSL"):
        refusal = _refusal("kafka.securityProtocol", protocol)
        assert "at '/kafka/sasl/existingSecret'" in refusal, protocol


def test_the_intake_without_tokens_is_refused() -> None:
    assert "at '/intake/tokens/existingSecret'" in _refusal("intake.enabled", True)


def test_an_entry_from_outside_without_a_host_is_refused() -> None:
    for entry in ("desk.ingress", "desk.httpRoute", "intake.ingress", "intake.httpRoute"):
        assert f"{_at(entry)}/host" in _refusal(f"{entry}.enabled", True), entry


def test_an_unknown_key_is_refused_at_every_level() -> None:
    for folder in sorted(set(_folders(_defaults()))):
        refusal = _refusal(f"{folder}.unknownKey".lstrip("."), "x")
        assert "additional properties 'unknownKey' not allowed" in refusal, folder


def test_every_object_of_the_schema_is_closed_or_a_map_of_texts() -> None:
    for path, schema in _objects_within(_schema()):
        if path == "/properties/global":
            continue
        rest = schema["additionalProperties"]
        assert rest is False or (rest["type"] == "string" and "properties" not in schema), path


def test_schema_and_defaults_have_the_same_keys() -> None:
    schema = _schema()

    def compare(part: Object, values: Object, path: str) -> None:
        part = schema["$defs"][part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part
        if "properties" not in part or path.endswith(("requests", "limits")):
            return
        assert set(part["properties"]) - {"global"} == set(values), path
        for key, value in values.items():
            if isinstance(value, dict):
                compare(part["properties"][key], value, f"{path}.{key}")

    compare(schema, _defaults(), "values")


def test_every_property_is_described() -> None:
    schema = _schema()
    for path, part in _objects_within(schema):
        for key, value in part.get("properties", {}).items():
            assert "description" in value or "$ref" in value, f"{path}/{key}"


def test_a_right_value_is_taken() -> None:
    chart().validate_schema(chart().merge_values(value_set("high-availability")))
