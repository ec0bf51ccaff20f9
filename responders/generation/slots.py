"""Slots of a macro, such as `{plan}`, that are filled with checked facts."""

import re

_SLOT = re.compile(r"\{\s*([A-Za-z][A-Za-z0-9_ ]{0,60})\s*\}")


def slots_of(text: str) -> tuple[str, ...]:
    """Return the slot names of a text, normalised, in order.

    >>> slots_of("Your {plan} has {Seat Count} seats")
    ('plan', 'seat_count')
    """
    return tuple(slot_name(name) for name in _SLOT.findall(text))


def slot_name(name: str) -> str:
    """Return a slot's name in lower case with underscores."""
    return "_".join(name.lower().replace("_", " ").split())


def fill(text: str, values: dict[str, str]) -> str:
    """Return `text` with the slots filled that are in `values`; other slots stay."""
    return _SLOT.sub(lambda match: values.get(slot_name(match[1]), match.group()), text)
