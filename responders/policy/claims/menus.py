"""Menu paths such as "Settings > Devices": a claim may only name a path of its source."""

import re
from collections.abc import Sequence


def missing_paths(sentence: str, quotes: Sequence[str]) -> list[str]:
    """Return each step "A > B" of the sentence's paths that no quote has.

    >>> missing_paths("Open Settings > Users.", ["Go to Settings > Devices."])
    ['Settings > Users']
    """
    held = _pairs(" \\n ".join(quotes))
    return [f"{left} > {right}" for left, right in _pairs(sentence) if (left, right) not in held]


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return the last word before and the first word after each ">"."""
    return re.findall(r"(\w+)\s*(?:>|→)\s*(\w+)", text)
