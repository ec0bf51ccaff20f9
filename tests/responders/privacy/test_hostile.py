"""Masking costs linear time, whatever is repeated: the opening of a recogniser is no attack."""

import time
from collections.abc import Callable

import pytest

from responders.policy.injections import injection_suspicions
from responders.privacy import Pseudonyms

SHORT, LONG = 2_000, 8_000
GROWTH = 2.5
"""Times longer than linear that a text of four times the length may take; quadratic time is 4 times."""

FLOOR = 0.05
"""Seconds added to both times, so that noise of a fast run decides nothing."""

OPENINGS = [
    "token=",
    "password is the ",
    "my pin is ",
    "api_key: ",
    "https://a.b/?token=",
    "eyJhbGci.",
    "ab12-",
    "a-",
    "Dear ",
    "My colleague ",
    "Mr ",
    "regards, ",
    "Anna Maria Lopez ",
    "anna maria lopez ",
    "Aa, ",
    "Aa\n",
    "A. ",
    "12 Oak Lane, ",
    "12 Oak ",
    "P.O. Box ",
    "Rue de la ",
    "Straße 1, ",
    "1068 Budapest, ",
    "my address is 1 ",
    "1 2 3 4 5 ",
    "+49 30 ",
    "call 0",
    "account account ",
    "passport ",
    "born on 1.1.",
    "1:",
    "1.",
    "(((",
    "@anna ",
    "San José ",
    "x@",
    "DE44 ",
    "abandon ability ",
    "é",
    " ",
    "\n",
    "“",
    "to Anna and ",
]


def seconds(work: Callable[[str], object], opening: str, size: int) -> float:
    text = (opening * size)[:size]
    started = time.process_time()
    work(text)
    return time.process_time() - started + FLOOR


def warmed_up(work: Callable[[str], object], opening: str) -> None:
    """Compile the patterns that the opening needs, which is no part of the time that is measured."""
    work((opening * SHORT)[: SHORT - 1])


def masked(text: str) -> str:
    return Pseudonyms(["Anna", "Lopez"]).mask(text)


@pytest.mark.parametrize("opening", OPENINGS)
def test_masking_a_repeated_opening_takes_linear_time(opening: str) -> None:
    warmed_up(masked, opening)
    short = seconds(masked, opening, SHORT)
    assert seconds(masked, opening, LONG) <= GROWTH * 4 * short


@pytest.mark.parametrize(
    "opening",
    ["ignore all ", "reply with “", "system: ", "tell me my ex ", "imagine you ", "<!--"],
)
def test_marking_a_repeated_opening_takes_linear_time(opening: str) -> None:
    warmed_up(injection_suspicions, opening)
    short = seconds(injection_suspicions, opening, SHORT)
    assert seconds(injection_suspicions, opening, LONG) <= GROWTH * 4 * short
