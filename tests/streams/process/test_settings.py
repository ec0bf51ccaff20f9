"""Wrong settings of drafts are refused at the start in one sentence, never in a handler."""

import pytest
from pydantic import ValidationError

from responders.drafting import Rules
from streams.process.settings import Settings


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("RAPPORT_DRAFT_SIGNATURE", " ", "at least 1"),
        ("RAPPORT_DRAFT_SIGNATURE", "x" * 201, "at most 200"),
        ("RAPPORT_DRAFT_THRESHOLD", "nan", "finite number"),
        ("RAPPORT_DRAFT_THRESHOLD", "1.5", "less than or equal to 1"),
        ("RAPPORT_LINK_HOSTS", '["https://help.example.com"]', "without https:// and path"),
        ("RAPPORT_LINK_HOSTS", '["help.example.com/x"]', "without https:// and path"),
        ("RAPPORT_LINK_HOSTS", '["*.example.com"]', "must be host names such as"),
        ("RAPPORT_LINK_HOSTS", '[""]', "must be host names such as"),
        ("RAPPORT_METRIC_NAMES", '{"training.failed": " "}', "at least 1"),
        ("RAPPORT_METRIC_NAMES", '{"training.failed": 7}', "valid string"),
        ("RAPPORT_METRIC_NAMES", '{" training failed": "failed runs"}', "must name usage kinds such as"),
        ("RAPPORT_METRIC_NAMES", '{"a": "%s"}' % ("x" * 101), "at most 100"),
    ],
)
def test_an_odd_setting_of_drafts_is_refused_at_the_start(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=said):
        Settings()


def test_accepted_settings_make_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_LINK_HOSTS", '["Help.Example.com", "localhost"]')
    monkeypatch.setenv("RAPPORT_METRIC_NAMES", '{"training.failed": "failed\\n training runs"}')
    monkeypatch.setenv("RAPPORT_DRAFT_SIGNATURE", " Ada\r\nof support ")
    settings = Settings()
    assert settings.link_hosts == ("help.example.com", "localhost")
    assert settings.metric_names == {"training.failed": "failed training runs"}
    rules = Rules(
        threshold=settings.draft_threshold,
        allowed_hosts=frozenset(settings.link_hosts),
        signature=settings.draft_signature,
        metric_names=settings.metric_names,
    )
    assert rules.signature == "Ada of support"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_an_empty_variable_is_the_default(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"RAPPORT_{name.upper()}", "")
    assert getattr(Settings(), name) == Settings.model_fields[name].default


@pytest.mark.parametrize("setting", ["DESK_HOST", "INTAKE_HOST", "METRICS_HOST"])
@pytest.mark.parametrize("host", ["  ", "desk..example", "x" * 64])
def test_a_host_that_cannot_be_listened_on_is_refused_at_the_start(
    setting: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"RAPPORT_{setting}", host)
    with pytest.raises(ValidationError, match="must be an address or a host name"):
        Settings()


@pytest.mark.parametrize("written", ["/rapport", "rapport", "/rapport/", " rapport/ "])
def test_a_path_may_be_written_with_or_without_its_slashes(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_DESK_PATH_PREFIX", written)
    assert Settings().desk_path_prefix == "/rapport"
