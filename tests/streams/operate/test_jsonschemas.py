"""The committed schemas, and which changes of a schema are backward compatible."""

import copy
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import typer
from typer.testing import CliRunner

from schemas import DeadLetter, Draft, Sentiment, Ticket
from streams.cli.schemas import schemas
from streams.kafka.topics import DEAD_LETTERS, REPLY_DRAFTS, SIGNALS, TICKETS, TOPICS, USAGE_EVENTS
from streams.operate.jsonschemas import (
    incompatibilities,
    released_incompatibilities,
    stale_topics,
    topic_schemas,
    write_schemas,
)

COMMITTED = Path(__file__).parents[3] / "schemas" / "json"
NOW = datetime(2026, 3, 1, tzinfo=UTC)

Change = Callable[[dict[str, Any]], None]


def test_every_topic_has_a_schema() -> None:
    assert set(topic_schemas()) == {spec.name for spec in TOPICS}


def test_the_committed_files_are_current() -> None:
    assert stale_topics(COMMITTED) == []


def test_the_record_types_are_compatible_with_every_released_schema() -> None:
    assert {path.stem for path in (COMMITTED / "released").glob("*.json")} == set(topic_schemas())
    assert released_incompatibilities(COMMITTED) == []


@pytest.mark.parametrize("topic", sorted(topic_schemas()))
def test_a_schema_is_valid_and_compatible_with_itself(topic: str) -> None:
    schema = topic_schemas()[topic]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert incompatibilities(schema, schema) == []


def test_our_records_are_valid_under_the_schema_of_their_topic() -> None:
    ticket = Ticket(event_id="e", ticket_id="t", account_id="a", body="hi", occurred_at=NOW)
    mood = Sentiment(
        event_id="e",
        ticket_id="t",
        account_id="a",
        label="negative",
        probabilities=(0.8, 0.1, 0.1),
        score=-0.7,
        model="m",
        occurred_at=NOW,
        scored_at=NOW,
    )
    draft = Draft(
        draft_id="d",
        ticket_id=None,
        account_id="a",
        based_on="e",
        channel="web",
        state="ready",
        model="m",
        created_at=NOW,
    )
    letter = DeadLetter(
        letter_id="l",
        consumer_group="g",
        topic="t",
        partition=0,
        offset=0,
        timestamp_ms=0,
        key=None,
        value=b"\xff\x00",
        reason="broken_json",
        error="no",
        attempts=1,
        build="b",
        created_at=NOW,
    )
    written = {TICKETS: ticket, SIGNALS: mood, REPLY_DRAFTS: draft, DEAD_LETTERS: letter}
    for topic, record in written.items():
        jsonschema.validate(json.loads(record.to_bytes()), topic_schemas()[topic])


def remove_property(schema: dict[str, Any]) -> None:
    del schema["properties"]["subject"]


def require(schema: dict[str, Any]) -> None:
    schema["required"].append("subject")


def require_new(schema: dict[str, Any]) -> None:
    schema["properties"]["priority"] = {"type": "string"}
    schema["required"].append("priority")


def narrow_length(schema: dict[str, Any]) -> None:
    schema["properties"]["body"]["maxLength"] = 10


def raise_minimum(schema: dict[str, Any]) -> None:
    schema["properties"]["body"]["minLength"] = 1


def narrow_enum(schema: dict[str, Any]) -> None:
    schema["properties"]["channel"]["enum"].remove("forum")


def change_default(schema: dict[str, Any]) -> None:
    schema["properties"]["channel"]["default"] = "email"


def change_type(schema: dict[str, Any]) -> None:
    schema["properties"]["ticket_id"]["type"] = "integer"


def drop_null(schema: dict[str, Any]) -> None:
    schema["properties"]["requester_name"]["anyOf"] = [
        kind for kind in schema["properties"]["requester_name"]["anyOf"] if kind.get("type") != "null"
    ]


def raise_version(schema: dict[str, Any]) -> None:
    schema["properties"]["schema_version"]["const"] = 2
    schema["properties"]["schema_version"]["default"] = 2


def refuse_unknown(schema: dict[str, Any]) -> None:
    schema["additionalProperties"] = False


def add_pattern(schema: dict[str, Any]) -> None:
    schema["properties"]["account_id"]["pattern"] = "^[a-z]+$"


def change_format(schema: dict[str, Any]) -> None:
    schema["properties"]["occurred_at"]["format"] = "date"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (remove_property, "subject: was removed"),
        (require, "subject: became required"),
        (require_new, "priority: became required"),
        (narrow_length, "body: maxLength 10 is narrower than 200000"),
        (raise_minimum, "body: minLength 1 is narrower than none"),
        (narrow_enum, 'channel: the value "forum" is no longer accepted'),
        (change_default, 'channel: the default changed from "web" to "email"'),
        (change_type, "ticket_id: string is no longer accepted"),
        (drop_null, "requester_name: null is no longer accepted (no alternative accepts it)"),
        (raise_version, "schema_version: the value 1 is no longer accepted"),
        (refuse_unknown, "other properties are refused now"),
        (add_pattern, "account_id: pattern changed"),
        (change_format, "occurred_at: format changed"),
    ],
)
def test_a_change_that_breaks_released_records_is_named(change: Change, reason: str) -> None:
    old = topic_schemas()[TICKETS]
    new = copy.deepcopy(old)
    change(new)
    assert reason in incompatibilities(old, new)


def add_optional(schema: dict[str, Any]) -> None:
    schema["properties"]["priority"] = {"type": "string", "default": "normal"}


def widen_length(schema: dict[str, Any]) -> None:
    schema["properties"]["body"]["maxLength"] = 10**6


def drop_limit(schema: dict[str, Any]) -> None:
    del schema["properties"]["body"]["maxLength"]


def widen_enum(schema: dict[str, Any]) -> None:
    schema["properties"]["channel"]["enum"].append("phone")


def make_optional(schema: dict[str, Any]) -> None:
    schema["required"].remove("ticket_id")
    schema["properties"]["body"]["default"] = ""


def allow_null(schema: dict[str, Any]) -> None:
    schema["properties"]["body"] = {"anyOf": [schema["properties"]["body"], {"type": "null"}]}


def reword(schema: dict[str, Any]) -> None:
    schema["title"], schema["description"] = "Another", "words"


@pytest.mark.parametrize(
    "change", [add_optional, widen_length, drop_limit, widen_enum, make_optional, allow_null, reword]
)
def test_a_change_that_accepts_every_released_record_passes(change: Change) -> None:
    old = topic_schemas()[TICKETS]
    new = copy.deepcopy(old)
    change(new)
    assert incompatibilities(old, new) == []


def test_a_change_inside_a_referenced_type_or_an_alternative_is_found() -> None:
    old = topic_schemas()[SIGNALS]
    new = copy.deepcopy(old)
    del new["$defs"]["ChartPoint"]["properties"]["low"]
    assert any("chart[].low: was removed" in reason for reason in incompatibilities(old, new))
    new = copy.deepcopy(old)
    new["$defs"]["Sentiment"]["properties"]["score"]["anyOf"][0]["maximum"] = 0.5
    assert any("score: maximum 0.5" in reason for reason in incompatibilities(old, new))
    new = copy.deepcopy(old)
    new["oneOf"] = new["oneOf"][:1]
    assert incompatibilities(old, new) != []


def test_a_tuple_that_changes_its_length_is_refused() -> None:
    old = topic_schemas()[SIGNALS]
    new = copy.deepcopy(old)
    tuple_schema = new["$defs"]["Sentiment"]["properties"]["probabilities"]["anyOf"][0]
    tuple_schema["prefixItems"] = tuple_schema["prefixItems"][:2]
    assert incompatibilities(old, new) != []


def test_an_integer_may_become_a_number_and_not_the_other_way_round() -> None:
    assert incompatibilities({"type": "integer"}, {"type": "number"}) == []
    assert incompatibilities({"type": "number"}, {"type": "integer"}) != []


def test_the_comparison_of_a_type_that_refers_to_itself_ends() -> None:
    tree = {
        "$ref": "#/$defs/Node",
        "$defs": {"Node": {"properties": {"next": {"$ref": "#/$defs/Node"}, "x": {"type": "string"}}}},
    }
    narrower = copy.deepcopy(tree)
    narrower["$defs"]["Node"]["properties"]["x"]["type"] = "null"  # type: ignore[index]
    assert incompatibilities(tree, tree) == []
    assert incompatibilities(tree, narrower) == ["x: string is no longer accepted"]


def test_the_command_writes_checks_and_refuses(tmp_path: Path) -> None:
    runner, app = CliRunner(), typer.Typer()
    app.command("schemas")(schemas)
    app.command("other")(lambda: None)
    assert runner.invoke(app, ["schemas", "--out", str(tmp_path)]).exit_code == 0
    assert runner.invoke(app, ["schemas", "--out", str(tmp_path), "--check"]).exit_code == 0

    (tmp_path / f"{USAGE_EVENTS}.json").write_text("{}")
    stale = runner.invoke(app, ["schemas", "--out", str(tmp_path), "--check"])
    assert stale.exit_code == 1
    assert USAGE_EVENTS in stale.stderr

    shutil.copytree(COMMITTED / "released", tmp_path / "released")
    released = tmp_path / "released" / f"{TICKETS}.json"
    schema = json.loads(released.read_text())
    schema["properties"]["mood_ring"] = {"type": "string"}
    released.write_text(json.dumps(schema))
    refused = runner.invoke(app, ["schemas", "--out", str(tmp_path)])
    assert refused.exit_code == 1
    assert "mood_ring: was removed" in refused.stderr
    assert (tmp_path / f"{USAGE_EVENTS}.json").read_text() == "{}"


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    assert len(write_schemas(tmp_path)) == len(TOPICS)
    assert write_schemas(tmp_path) == []
