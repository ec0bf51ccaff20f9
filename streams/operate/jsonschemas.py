"""The JSON Schema of every topic, made from the record types, and which changes of a schema are safe.

A schema describes the records that a reader of this build accepts. A change is backward compatible if
records written by the released build are still accepted with the same meaning.
"""

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from schemas.base import SCHEMA_VERSION
from schemas.churn import SIGNAL, ChurnAlert
from schemas.letters import DeadLetter
from schemas.redrafts import Redraft
from schemas.tickets import Draft, Ticket
from schemas.usage import UsageEvent
from streams.kafka.topics import (
    CHURN_ALERTS,
    DEAD_LETTERS,
    REDRAFTS,
    REPLY_DRAFTS,
    SIGNALS,
    TICKETS,
    USAGE_EVENTS,
)

Schema = Mapping[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
RELEASED: Final = "released"
"""The subfolder that keeps the schemas of the last release."""

LOWER_LIMITS: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_LIMITS: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
ANNOTATIONS: Final = frozenset(
    {"title", "description", "examples", "$schema", "$id", "$defs", "discriminator"}
)
COMPARED: Final = frozenset(
    {"$ref", "type", "enum", "const", "anyOf", "oneOf", "properties", "required", "items", "prefixItems"}
    | {"additionalProperties", "default", *LOWER_LIMITS, *UPPER_LIMITS}
)


def topic_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each topic's records, by topic."""
    made = {
        TICKETS: Ticket.model_json_schema(),
        USAGE_EVENTS: _usage_schema(),
        SIGNALS: SIGNAL.json_schema(),
        CHURN_ALERTS: ChurnAlert.model_json_schema(),
        REPLY_DRAFTS: Draft.model_json_schema(),
        REDRAFTS: Redraft.model_json_schema(),
        DEAD_LETTERS: DeadLetter.model_json_schema(),
    }
    return {topic: {**_heading(topic), **schema} for topic, schema in made.items()}


def _usage_schema() -> dict[str, Any]:
    schema = msgspec.json.schema(UsageEvent)
    body: dict[str, Any] = schema["$defs"]["UsageEvent"]
    body["description"] = inspect.cleandoc(body["description"])
    return body


def _heading(topic: str) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": f"urn:rapport:{topic}:{SCHEMA_VERSION}"}


def schema_text(schema: Schema) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> list[str]:
    """Write the schema of every topic to `<folder>/<topic>.json`; return the topics whose file changed."""
    changed = stale_topics(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for topic, schema in topic_schemas().items():
        (folder / f"{topic}.json").write_text(schema_text(schema), encoding="utf-8")
    return changed


def stale_topics(folder: Path) -> list[str]:
    """Return the topics whose file is missing or differs from the record types."""
    return [
        topic
        for topic, schema in topic_schemas().items()
        if not _has_text(folder / f"{topic}.json", schema_text(schema))
    ]


def _has_text(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def released_incompatibilities(folder: Path) -> list[str]:
    """Return how the record types break the schemas in `<folder>/released`.

    A topic without a released schema is new and may have any schema.
    """
    found = []
    now = topic_schemas()
    for path in sorted((folder / RELEASED).glob("*.json")):
        topic = path.stem
        old = json.loads(path.read_text(encoding="utf-8"))
        reasons = incompatibilities(old, now[topic]) if topic in now else ["the topic is gone"]
        found += [f"{topic}: {reason}" for reason in reasons]
    return found


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """Return every reason why a reader of `new` may not accept records of `old`; [] if there is none.

    Unsafe are a removed property, a new required property, a changed default, a narrower type, enum or limit,
    and a change of any other keyword. A new optional property is safe.

    >>> old = {"properties": {"a": {"type": "string"}}}
    >>> incompatibilities(old, {"properties": {"a": {"type": "string", "maxLength": 5}}})
    ['a: maxLength 5 is narrower than none']
    >>> incompatibilities(old, {"properties": {"a": {"type": ["string", "null"]}, "b": {}}})
    []
    """
    return list(_Comparison(old, new).differences(old, new, ""))


class _Comparison:
    """Compares two schemas; each pair of references is followed once."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old_root = old
        self._new_root = new
        self._followed: set[tuple[str, str]] = set()

    def differences(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        pair = (str(old.get("$ref")), str(new.get("$ref")))
        if "$ref" in old and "$ref" in new and pair in self._followed:
            return
        self._followed.add(pair)
        old, new = _resolved(old, self._old_root), _resolved(new, self._new_root)
        old_branches, new_branches = _branches(old), _branches(new)
        if old_branches or new_branches:
            yield from self._unions(old_branches or [old], new_branches or [new], place)
            yield from _default(old, new, place)
            return
        yield from _types(old, new, place)
        yield from _values(old, new, place)
        yield from _limits(old, new, place)
        yield from _default(old, new, place)
        yield from _others(old, new, place)
        yield from self._objects(old, new, place)
        yield from self._arrays(old, new, place)

    def _unions(self, old: Sequence[Schema], new: Sequence[Schema], place: str) -> Iterator[str]:
        for branch in old:
            attempts = [self._fresh(branch, candidate, place) for candidate in new]
            if all(attempts):
                closest = min(attempts, key=len)
                yield f"{closest[0]} (no alternative accepts it)"

    def _fresh(self, old: Schema, new: Schema, place: str) -> list[str]:
        # A failed attempt at one alternative must not hide a reference from the next attempt.
        trial = _Comparison(self._old_root, self._new_root)
        trial._followed = set(self._followed)
        return list(trial.differences(old, new, place))

    def _objects(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in sorted(before.keys() - after.keys()):
            yield f"{_at(place, name)}was removed"
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield f"{_at(place, name)}became required"
        for name in sorted(before.keys() & after.keys()):
            yield from self.differences(before[name], after[name], f"{place}.{name}" if place else name)
        yield from self._additional(old, new, place)

    def _additional(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        before, after = (side.get("additionalProperties", True) for side in (old, new))
        if after is False and before is not False:
            yield f"{_at(place)}other properties are refused now"
        elif isinstance(after, Mapping):
            allowed = before if isinstance(before, Mapping) else {}
            if before is not False:
                yield from self.differences(allowed, after, f"{place}.*" if place else "*")

    def _arrays(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        if "items" in new and new["items"] is not old.get("items"):
            yield from self._items(old.get("items", {}), new["items"], f"{place}[]")
        before, after = old.get("prefixItems", ()), new.get("prefixItems", ())
        for index, (earlier, later) in enumerate(zip(before, after, strict=False)):
            yield from self.differences(earlier, later, f"{place}[{index}]")
        if len(before) != len(after):
            yield f"{_at(place)}{len(after)} positions instead of {len(before)}"

    def _items(self, old: Any, new: Any, place: str) -> Iterator[str]:
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from self.differences(old, new, place)
        elif new is False and old is not False:
            yield f"{_at(place)}no items are allowed now"


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _branches(schema: Schema) -> Sequence[Schema]:
    found: Sequence[Schema] = schema.get("anyOf") or schema.get("oneOf") or ()
    return found


def _at(place: str, name: str = "") -> str:
    full = ".".join(part for part in (place, name) if part)
    return f"{full}: " if full else ""


def _types(old: Schema, new: Schema, place: str) -> Iterator[str]:
    before, after = _type_set(old), _type_set(new)
    if after is None or (before is not None and before <= after):
        return
    lost = "any type" if before is None else " and ".join(sorted(before - after))
    yield f"{_at(place)}{lost} is no longer accepted"


def _type_set(schema: Schema) -> set[str] | None:
    named = schema.get("type")
    if named is None:
        return None
    found = {named} if isinstance(named, str) else set(named)
    return found | {"integer"} if "number" in found else found


def _values(old: Schema, new: Schema, place: str) -> Iterator[str]:
    before, after = _value_set(old), _value_set(new)
    if after is None:
        return
    if before is None:
        yield f"{_at(place)}only some values are accepted now"
        return
    lost = [value for value in before if value not in after]
    if lost:
        yield f"{_at(place)}the value {json.dumps(lost[0])} is no longer accepted"


def _value_set(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _limits(old: Schema, new: Schema, place: str) -> Iterator[str]:
    for names, sign in ((LOWER_LIMITS, 1), (UPPER_LIMITS, -1)):
        for name in names:
            before, after = old.get(name), new.get(name)
            if after is not None and (before is None or sign * after > sign * before):
                yield f"{_at(place)}{name} {after} is narrower than {'none' if before is None else before}"


def _default(old: Schema, new: Schema, place: str) -> Iterator[str]:
    missing = object()
    before, after = old.get("default", missing), new.get("default", missing)
    if before is not missing and after is not missing and before != after:
        yield f"{_at(place)}the default changed from {json.dumps(before)} to {json.dumps(after)}"


def _others(old: Schema, new: Schema, place: str) -> Iterator[str]:
    """Report each new or changed keyword that this comparison does not understand."""
    for keyword in sorted(new.keys() - COMPARED - ANNOTATIONS):
        if old.get(keyword) != new[keyword]:
            yield f"{_at(place)}{keyword} changed"
