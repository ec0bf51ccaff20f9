import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.process.settings import Settings
from tests.helm.support.charts import (
    CHART,
    PROCESSES,
    VALUE_SETS,
    Object,
    chart,
    objects,
    plain_environment,
    pods,
    render,
    secret_environment,
    value_set,
)

SASL: Object = {
    "kafka": {
        "securityProtocol": "SASL_SSL",
        "sasl": {
            "mechanism": "PLAIN",
            "existingSecret": "kafka-user",
            "usernameKey": "name",
            "passwordKey": "word",
        },
    }
}
SECRETS = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
ON_PURPOSE_NOT_THE_DEFAULT = {
    "session_timeout_seconds",
    # Other pods must reach the service, on known ports.
    "data_folder",
    "desk_host",
    "intake_host",
    "metrics_host",
    "metrics_port",
}

BY_ANOTHER_VALUE: dict[str, tuple[Object, str]] = {
    "bootstrap_servers": ({"kafka": {"bootstrapServers": "other:9094"}}, "other:9094"),
    "security_protocol": ({"kafka": {"securityProtocol": "SSL"}}, "SSL"),
    "sasl_mechanism": (SASL, "PLAIN"),
    "sasl_username": (SASL, "kafka-user/name"),
    "sasl_password": (SASL, "kafka-user/word"),
    "ssl_ca_file": ({"kafka": {"tls": {"caSecret": "ca"}}}, "/etc/rapport/kafka-ca/ca.crt"),
    "database_url": ({"database": {"existingSecret": "other", "urlKey": "dsn"}}, "other/dsn"),
    "topic_partitions": ({"kafka": {"topics": {"partitions": 12}}}, "12"),
    "topic_replication": ({"kafka": {"topics": {"replication": 2}}}, "2"),
    "intake_tokens": ({"intake": {"enabled": True, "tokens": {"existingSecret": "taken"}}}, "taken/tokens"),
    "desk_token": ({"desk": {"token": {"existingSecret": "link"}}}, "link/token"),
    "generator_key": ({"generatorKey": {"existingSecret": "llm"}}, "llm/key"),
    "device": ({"groups": {"sentiment": {"gpu": {"enabled": True}}}}, "cuda"),
    # The pod's own name, by the field `metadata.name`: another value would break the membership.
    "group_instance_id": ({}, "metadata.name"),
}
"""The settings outside `settings:`: the chart values that set them, and the resulting variable."""

SAMPLES: dict[str, Any] = {
    "sentiment_weights": "/weights",
    "sentiment_model": "/model",
    "draft_signature": "Ada",
    "draft_holdout": 0.1,
    "generator": "server",
    "generator_share": 0.5,
    "generator_shadow": True,
    "generator_url": "http://llm:8000/v1",
    "generator_model": "qwen",
    "generator_format": "text",
    "generator_folder": "/model",
    "generator_price_prompt": 0.5,
    "generator_price_answer": 1.5,
    "link_hosts": ["help.example.com"],
    "metric_names": {"login": "sign-ins"},
    "desk_allowed_hosts": ["desk.example.com"],
    "data_folder": "/data",
    "desk_path_prefix": "/rapport",
    "trusted_proxies": ["10.1.0.0/16"],
    "desk_host": "127.0.0.2",
    "intake_host": "127.0.0.2",
    "metrics_host": "127.0.0.2",
    "log_level": "DEBUG",
    "metrics_port": 9101,
}
"""A value for each setting that is not a number, or whose default is out of bounds in a pod."""

EXTRA = {"HTTPS_PROXY", "TZ", "PGOPTIONS"}
"""The variables that the value set `exposed` adds by extraEnv."""


def _settings(name: str, pod: Object, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for variable, value in plain_environment(name, pod).items():
        monkeypatch.setenv(variable, value)
    for variable in secret_environment(pod):
        monkeypatch.setenv(variable, f"from the secret of {variable}")
    return Settings()


def _field(variable: str) -> str:
    return variable.removeprefix("RAPPORT_").lower()


def test_every_variable_is_a_setting_of_the_service() -> None:
    for name in VALUE_SETS:
        for pod in pods(name).values():
            for variable in (plain_environment(name, pod) | secret_environment(pod)).keys() - EXTRA:
                assert variable.startswith("RAPPORT_"), name
                assert _field(variable) in Settings.model_fields, name


def test_the_service_accepts_the_environment_of_every_pod() -> None:
    for name in VALUE_SETS:
        for pod in pods(name).values():
            with pytest.MonkeyPatch.context() as monkeypatch:
                settings = _settings(name, pod, monkeypatch)
            assert settings.bootstrap_servers is not None, name
            metrics_port, desk_port = (9200, 9765) if name == "exposed" else (9100, 8765)
            assert (settings.metrics_host, settings.metrics_port) == ("0.0.0.0", metrics_port), name
            assert (settings.desk_host, settings.desk_port) == ("0.0.0.0", desk_port), name
            assert settings.data_folder == Path("/tmp/rapport"), name


def test_every_long_running_process_knows_the_database() -> None:
    for component in PROCESSES:
        found = secret_environment(pods("high-availability")[f"rapport-{component}"])
        assert found["RAPPORT_DATABASE_URL"] == ("rapport-database", "dsn")
        assert found["RAPPORT_SASL_USERNAME"] == ("rapport-kafka", "user")
        assert found["RAPPORT_SASL_PASSWORD"] == ("rapport-kafka", "password")


def test_the_intake_has_its_tokens_and_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    pod = pods("high-availability")["rapport-intake"]
    found = secret_environment(pod)
    assert found["RAPPORT_INTAKE_TOKENS"] == ("rapport-intake", "bearer")
    assert set(found) == {"RAPPORT_INTAKE_TOKENS", "RAPPORT_SASL_USERNAME", "RAPPORT_SASL_PASSWORD"}
    settings = _settings("high-availability", pod, monkeypatch)
    assert (settings.intake_host, settings.intake_port) == ("0.0.0.0", 8767)
    others = {
        name: secret_environment(other) for name, other in pods("high-availability").items() if other != pod
    }
    assert not [name for name, secrets in others.items() if "RAPPORT_INTAKE_TOKENS" in secrets]


def test_a_job_gets_only_the_secret_it_needs() -> None:
    assert set(secret_environment(pods("minimal")["rapport-migrate"])) == {"RAPPORT_DATABASE_URL"}
    assert set(secret_environment(pods("high-availability")["rapport-migrate"])) == {"RAPPORT_DATABASE_URL"}
    assert secret_environment(pods("minimal")["rapport-topics"]) == {}


def test_the_migration_runs_as_the_owner_of_the_tables_if_another_role_owns_them() -> None:
    owner = secret_environment(pods("high-availability")["rapport-migrate"])
    assert owner["RAPPORT_DATABASE_URL"] == ("rapport-owner", "dsn")
    own = secret_environment(pods("minimal")["rapport-migrate"])
    assert own == secret_environment(pods("minimal")["rapport-relay"])


def test_large_numbers_arrive_as_they_were_written(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings("gpu-monitoring", pods("gpu-monitoring")["rapport-sentiment"], monkeypatch)
    assert (settings.max_tokens, settings.max_record_bytes) == (1_000_000, 1_000_000)
    assert (settings.max_wait_seconds, settings.device) == (0.2, "cuda")


def test_tls_and_sasl_reach_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    pod = pods("high-availability")["rapport-usage"]
    settings = _settings("high-availability", pod, monkeypatch)
    assert (settings.security_protocol, settings.sasl_mechanism) == ("SASL_SSL", "SCRAM-SHA-256")
    assert settings.ssl_ca_file == Path("/etc/rapport/kafka-ca/ca.crt")
    (volume,) = (volume for volume in pod["volumes"] if volume["name"] == "kafka-ca")
    assert volume["secret"]["secretName"] == "kafka-ca"


def test_defaults_of_the_chart_are_those_of_the_service() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    for key, value in values["settings"].items():
        field = re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower()
        if field not in ON_PURPOSE_NOT_THE_DEFAULT:
            default = Settings.model_fields[field].default
            assert (
                list(default) if isinstance(default, tuple) else default or ""
            ) == value or default == value, key


def test_every_setting_is_set_by_a_value_of_the_chart() -> None:
    for field in sorted(Settings.model_fields):
        values, wanted = _sample(field)
        found = _variables(render(chart().merge_values(_joined(value_set("minimal"), values))))
        assert wanted in found[f"RAPPORT_{field.upper()}"], field


def _sample(field: str) -> tuple[Object, Any]:
    """Return chart values that set a setting, and the resulting value of its variable."""
    if field in BY_ANOTHER_VALUE:
        return BY_ANOTHER_VALUE[field]
    default = Settings.model_fields[field].default
    sample = SAMPLES[field] if field in SAMPLES else _another_number(default)
    text = sample if isinstance(sample, str) else json.dumps(sample, separators=(",", ":"))
    return {"settings": {_key(field): sample}}, text


def _another_number(default: float) -> float:
    """Return a number near the default: most settings have bounds."""
    return default + 1 if isinstance(default, int) else default * 1.0625


def _key(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _joined(values: Object, more: Object) -> Object:
    for key, value in more.items():
        nested = isinstance(value, dict) and isinstance(values.get(key), dict)
        values[key] = _joined(values[key], value) if nested else value
    return values


def _variables(rendered: list[Object]) -> dict[str, set[str]]:
    """Return each variable's values in all manifests: a text, `secret/key`, or the path of a pod's field."""
    found: dict[str, set[str]] = defaultdict(set)
    for manifest in rendered:
        if manifest["kind"] == "ConfigMap":
            for name, value in manifest["data"].items():
                found[name].add(value)
        for variable in _containers_variables(manifest):
            source = variable.get("valueFrom", {})
            secret = source.get("secretKeyRef")
            field = source.get("fieldRef", {}).get("fieldPath")
            text = f"{secret['name']}/{secret['key']}" if secret else field
            found[variable["name"]].add(variable.get("value", text))
    return found


def _containers_variables(manifest: Object) -> list[Object]:
    pod = manifest["spec"].get("template", {}).get("spec", {}) if "spec" in manifest else {}
    return [variable for container in pod.get("containers", []) for variable in container.get("env", [])]


def test_the_hosts_of_ingress_and_route_are_allowed_hosts_of_the_desk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = _settings("exposed", pods("exposed")["rapport-desk"], monkeypatch)
    assert settings.desk_allowed_hosts == (
        "desk.internal.example.com",
        "desk.example.com",
        "support.example.com",
    )
    assert settings.draft_signature == 'Ada & the "support" team'
    assert settings.metric_names == {"task.labelled": "labelled tasks"}


def test_an_empty_text_leaves_a_setting_at_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _settings("minimal", pods("minimal")["rapport-usage"], monkeypatch).sentiment_weights is None


def test_no_secret_is_ever_rendered() -> None:
    for name in VALUE_SETS:
        assert {"database_url", "sasl_password"} <= SECRETS, name
        assert objects(name, "Secret") == [], name
        written = [manifest["data"] for manifest in objects(name, "ConfigMap")]
        written += [plain_environment(name, pod) for pod in pods(name).values()]
        for data in written:
            assert not SECRETS & {_field(variable) for variable in data}, name
            assert not any("://" in value and "@" in value for value in data.values()), name
