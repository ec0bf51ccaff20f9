"""The contract of a handler: its hooks and their defaults. The way of a record: every name in it exists."""

import inspect
import re
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from streams import consume
from streams.churn import ChurnHandler
from streams.consume import Handler, batches, fates, partitions, steps
from streams.drafting import DraftingHandler, OutreachHandler
from streams.kafka import app, link, records, transport
from streams.redrafting import RedraftHandler
from streams.sentiment import SentimentHandler
from streams.usage.handler import UsageHandler

HOOKS = {
    name for name, member in vars(Handler).items() if inspect.isfunction(member) and not name.startswith("_")
}
HANDLERS = (ChurnHandler, DraftingHandler, OutreachHandler, RedraftHandler, SentimentHandler, UsageHandler)
MODULES = (consume, batches, fates, partitions, steps, app, link, records, transport)


def subclasses(kind: type[Any]) -> set[type[Any]]:
    below = set(kind.__subclasses__())
    return below.union(*(subclasses(subclass) for subclass in below))


def own_methods(kind: type[Any]) -> dict[str, Any]:
    members = vars(kind).items()
    return {name: made for name, made in members if inspect.isfunction(made) and not name.startswith("_")}


def test_every_handler_of_the_product_is_checked_here() -> None:
    found = {kind for kind in subclasses(Handler) if kind.__module__.startswith("streams.")}
    assert found == set(HANDLERS)
    assert len(HOOKS) == 11


@pytest.mark.parametrize("kind", HANDLERS, ids=lambda kind: kind.__name__)
def test_every_public_method_of_a_handler_is_a_hook_that_mypy_checks(kind: type[Any]) -> None:
    methods = own_methods(kind)
    assert set(methods) - HOOKS == set()
    assert [name for name, made in methods.items() if not getattr(made, "__override__", False)] == []


def test_a_handler_without_an_optional_hook_gets_the_default() -> None:
    class Smallest(Handler[int, int, None]):
        group, topic = "group", "topic"
        decode = compute = identity = write = lambda self, *arguments: None  # type: ignore[assignment]

    smallest = Smallest()
    assert smallest.decode_many([], 0) == []
    unused: Any = None
    optional = (
        partial(smallest.restore, unused, 0),
        partial(smallest.rebuild, 0, 5),
        partial(smallest.forget, 0),
        partial(smallest.committed, [], None),
        partial(smallest.idle, unused),
        smallest.idle_committed,
    )
    assert [hook() for hook in optional] == [None] * 6
    assert not smallest.dedupes_itself


def test_every_name_on_the_way_of_a_record_exists() -> None:
    _, _, way = (consume.__doc__ or "").partition("The way of a record")
    names = re.findall(r"`([\w.]+)`", way)
    assert len(names) > 20
    assert [name for name in names if not exists(name)] == []


def exists(name: str) -> bool:
    """Return whether a name with its module, or a class and its field, exists on the way of a record."""
    first, _, rest = name.partition(".")
    if first == "kafka":
        module, _, rest = rest.partition(".")
        return resolves(import_module(f"streams.kafka.{module}"), rest.split("."))
    if find_spec(f"streams.consume.{first}") is not None:
        return resolves(import_module(f"streams.consume.{first}"), rest.split("."))
    return any(resolves(module, name.split(".")) for module in MODULES)


def resolves(module: Any, path: list[str]) -> bool:
    found = module
    for part in path:
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return True


def test_a_name_that_is_gone_is_noticed() -> None:
    assert not exists("Pipeline.no_such_step")
    assert not exists("kafka.app.no_such_function")
    assert exists("Chunk.acknowledge")
