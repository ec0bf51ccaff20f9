"""The imports of the product as a graph: a module of ours, and the modules of ours that it imports."""

from collections.abc import Mapping
from functools import cache

import grimp

Graph = Mapping[str, frozenset[str]]
"""For each module the modules that it imports; the `__init__` of a package is a module as well."""


@cache
def product_graph(packages: tuple[str, ...]) -> Graph:
    """Return the imports between the modules of these packages, those under TYPE_CHECKING included."""
    built = grimp.build_graph(*packages, include_external_packages=False, cache_dir=None)
    return {module: frozenset(built.find_modules_directly_imported_by(module)) for module in built.modules}


def reached_from(graph: Graph, module: str) -> set[str]:
    """Return the modules that a module imports, directly or through others.

    >>> sorted(reached_from({"a": frozenset("b"), "b": frozenset("c"), "c": frozenset()}, "a"))
    ['b', 'c']
    """
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        new = graph[waiting.pop()] - seen
        seen |= new
        waiting += new
    return seen


def in_a_circle(graph: Graph) -> list[str]:
    """Return the modules that import themselves through others.

    >>> in_a_circle({"a": frozenset("b"), "b": frozenset("a"), "c": frozenset("a")})
    ['a', 'b']
    """
    return sorted(module for module in graph if module in reached_from(graph, module))


def longest_chain(graph: Graph) -> tuple[str, ...]:
    """Return the longest chain of imports, the importing module first; the graph must have no circle.

    >>> longest_chain({"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset()})
    ('a', 'b', 'c')
    """
    known: dict[str, tuple[str, ...]] = {}

    def chain_from(module: str) -> tuple[str, ...]:
        if module not in known:
            chains = [chain_from(imported) for imported in sorted(graph[module])]
            known[module] = (module, *max(chains, key=len, default=()))
        return known[module]

    return max((chain_from(module) for module in sorted(graph)), key=len)
