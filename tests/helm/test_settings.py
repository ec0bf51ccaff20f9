import re
from pathlib import Path

import pytest
import yaml

from streams.settings import Settings
from tests.helm.charts import (
    CHART,
    PROCESSES,
    VALUE_SETS,
    Object,
    objects,
    plain_environment,
    pods,
    secret_environment,
)

SECRETS = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
ON_PURPOSE_NOT_THE_DEFAULT = {"session_timeout_seconds"}


def _settings(name: str, pod: Object, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for variable, value in plain_environment(name, pod).items():
        monkeypatch.setenv(variable, value)
    for variable in secret_environment(pod):
        monkeypatch.setenv(variable, f"from the secret of {variable}")
    return Settings()


def _field(variable: str) -> str:
    return variable.removeprefix("RAPPORT_").lower()


@pytest.mark.parametrize("name", VALUE_SETS)
def test_every_variable_is_a_setting_of_the_service(name: str) -> None:
    for pod in pods(name).values():
        for variable in plain_environment(name, pod) | secret_environment(pod):
            assert variable.startswith("RAPPORT_")
            assert _field(variable) in Settings.model_fields


@pytest.mark.parametrize("name", VALUE_SETS)
def test_the_service_accepts_the_environment_of_every_pod(name: str) -> None:
    for pod in pods(name).values():
        with pytest.MonkeyPatch.context() as monkeypatch:
            settings = _settings(name, pod, monkeypatch)
        assert settings.bootstrap_servers is not None
        assert (settings.metrics_host, settings.metrics_port) == ("0.0.0.0", 9100)
        assert (settings.desk_host, settings.desk_port) == ("0.0.0.0", 8765)
        assert settings.data_folder == Path("/tmp/rapport")


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
    others = {name: secret_environment(one) for name, one in pods("high-availability").items() if one != pod}
    assert not [name for name, secrets in others.items() if "RAPPORT_INTAKE_TOKENS" in secrets]


def test_a_job_gets_only_the_secret_it_needs() -> None:
    assert set(secret_environment(pods("minimal")["rapport-migrate"])) == {"RAPPORT_DATABASE_URL"}
    assert set(secret_environment(pods("high-availability")["rapport-migrate"])) == {"RAPPORT_DATABASE_URL"}
    assert secret_environment(pods("minimal")["rapport-topics"]) == {}


def test_the_migration_runs_as_the_owner_of_the_tables_where_that_is_another_role() -> None:
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
    (volume,) = (one for one in pod["volumes"] if one["name"] == "kafka-ca")
    assert volume["secret"]["secretName"] == "kafka-ca"


def test_defaults_of_the_chart_are_those_of_the_service() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    for key, value in values["settings"].items():
        field = re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower()
        if field not in ON_PURPOSE_NOT_THE_DEFAULT:
            assert Settings.model_fields[field].default == value, key


@pytest.mark.parametrize("name", VALUE_SETS)
def test_no_secret_is_ever_rendered(name: str) -> None:
    assert {"database_url", "sasl_password"} <= SECRETS
    assert objects(name, "Secret") == []
    written = [one["data"] for one in objects(name, "ConfigMap")]
    written += [plain_environment(name, pod) for pod in pods(name).values()]
    for data in written:
        assert not SECRETS & {_field(variable) for variable in data}
        assert not any("://" in value and "@" in value for value in data.values())
