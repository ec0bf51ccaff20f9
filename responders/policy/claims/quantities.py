"""Quantities of a sentence in one form: durations, money, sizes, shares, times, dates, ordinals and counts.

"24 hours", "a day" and "daily" are all "1 day"; "two weeks" is "14 day"; "a year" and "twelve months" are
"12 month"; "3 p.m." is "15:00 clock"; "March 1" and "1 March" are "1 march"; "twice" is "2 times".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Final

_NUMBERS: Final = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
        " sixteen seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ORDINALS: Final = {
    word: value for value, word in enumerate("third fourth fifth sixth seventh eighth ninth tenth".split(), 3)
}
_DAYS: Final = {"first": "1", "second": "2", **{word: str(value) for word, value in _ORDINALS.items()}}
_SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_UNITS: Final = {
    word: (factor, unit)
    for words, factor, unit in (
        ("second seconds sec s", "1", "second"),
        ("minute minutes min mins", "60", "second"),
        ("hour hours h hrs hr", "3600", "second"),
        ("day days", "86400", "second"),
        ("week weeks", "604800", "second"),
        ("month months", "1", "month"),
        ("quarter quarters", "3", "month"),
        ("year years", "12", "month"),
        ("night nights", "1", "night"),
        ("ms millisecond milliseconds", "1", "ms"),
        ("% percent", "1", "%"),
        ("$ dollar dollars usd", "1", "$"),
        ("€ euro euros eur", "1", "€"),
        ("£ pound pounds gbp", "1", "£"),
        ("¥ yen", "1", "¥"),
        ("chf franc francs", "1", "chf"),
        ("cent cents", "0.01", "money"),
        ("gb gigabyte gigabytes", "1", "gb"),
        ("cm centimetre centimetres centimeter centimeters", "1", "cm"),
        ("m metre metres meter meters", "1", "m"),
        ("km kilometre kilometres kilometer kilometers", "1", "km"),
        ("mile miles", "1", "mile"),
        ("kg kilogram kilograms kilo kilos", "1", "kg"),
        ("g gram grams", "1", "g"),
        ("lb lbs", "1", "lb"),
        ("time times", "1", "times"),
        *((unit, "1", unit) for unit in "kb mb tb mm kwh °c °f mbitps gbitps kbitps".split()),
    )
    for word in words.split()
}
_MONTHS: Final = frozenset(
    "january february march april may june july august september october november december".split()
)
_ADVERBS: Final = {
    "hourly": "3600 second",
    "daily": "1 day",
    "nightly": "1 night",
    "weekly": "7 day",
    "monthly": "1 month",
    "quarterly": "3 month",
    **dict.fromkeys(("yearly", "annually", "annual"), "12 month"),
    "once": "1 times",
    "twice": "2 times",
    **dict.fromkeys(("noon", "midday"), "12:00 clock"),
    "midnight": "0:00 clock",
}
_HALVES: Final = {"am": 0, "pm": 12, "morning": 0, "afternoon": 12, "evening": 12}
_RATES: Final = frozenset("a an per each every another".split())
_SYMBOLS: Final = frozenset("$€£¥")
_PERIODS: Final = frozenset("second month night".split())


@dataclass(frozen=True, slots=True)
class WordPiece:
    """A word of a sentence; `quantity` is "value unit" if it is one, `comparison` is "max", "over" or so."""

    raw: str
    quantity: str = ""
    comparison: str = ""


def quantified(pieces: list[WordPiece], comparisons: Mapping[str, str]) -> list[WordPiece]:
    """Return the pieces with each quantity joined into one piece; `comparisons` names "at most" and so on.

    >>> [piece.quantity for piece in quantified([WordPiece("two"), WordPiece("weeks")], {})]
    ['14 day']
    """
    found: list[WordPiece] = []
    place = 0
    while place < len(pieces):
        piece, place = _next(pieces, place, found[-1].raw if found else "")
        found.append(piece)
    return _with_comparisons(_with_shared_units(found), comparisons)


def _next(pieces: list[WordPiece], place: int, previous: str) -> tuple[WordPiece, int]:
    """Return the quantity or word that starts at a place, and the place after it."""
    word = pieces[place].raw.lower()
    for read in (_fraction, _rate, _money, _number, _ordinal, _month_day, _adverb):
        found = read(pieces, place, previous)
        if found is not None:
            raw = " ".join(piece.raw for piece in pieces[place : found[1]])
            return WordPiece(raw, quantity=found[0]), found[1]
    return WordPiece(pieces[place].raw if word else word), place + 1


def _at(pieces: list[WordPiece], place: int) -> str:
    return pieces[place].raw.lower() if 0 <= place < len(pieces) else ""


Found = tuple[str, int] | None


def _bare(word: str) -> str:
    return word.removesuffix("'s").removesuffix("'")


def _fraction(pieces: list[WordPiece], place: int, previous: str) -> Found:
    """Read "half an hour", "half a year", "a quarter of an hour" and "an hour and a half"."""
    word, step = _at(pieces, place), 1
    if word in _RATES | {"the"} and _at(pieces, place + 1) == "quarter" and _at(pieces, place + 2) == "of":
        place, word = place + 1, "quarter"
    if word == "quarter" and _at(pieces, place + 1) == "of":
        step, share = 2, Decimal("0.25")
    elif word == "half":
        share = Decimal("0.5")
    elif word == "three" and _at(pieces, place + 1) == "quarters" and _at(pieces, place + 2) == "of":
        step, share = 3, Decimal("0.75")
    elif word in {"a", "an"} and [_at(pieces, place + far) for far in (2, 3, 4)] == ["and", "a", "half"]:
        unit = _UNITS.get(_at(pieces, place + 1))
        return None if unit is None else (_told(Decimal("1.5") * Decimal(unit[0]), unit[1]), place + 5)
    else:
        return None
    step += _at(pieces, place + step) in {"a", "an"}
    unit = _UNITS.get(_at(pieces, place + step), ("", ""))
    return (_told(share * Decimal(unit[0]), unit[1]), place + step + 1) if unit[1] in _PERIODS else None


def _rate(pieces: list[WordPiece], place: int, previous: str) -> Found:
    """Read "a day", "per month", "each year": one unit of time, or "per kg"."""
    rated = _at(pieces, place) == "and" and _at(pieces, place - 2) in _RATES
    if not (rated or _at(pieces, place) in _RATES or (_at(pieces, place) == "the" and previous == "by")):
        return None
    named = _at(pieces, place + 1)
    business = named in {"business", "working"}
    unit = _UNITS.get(_bare(_at(pieces, place + 2) if business else named))
    if _at(pieces, place) in {"a", "an"} and unit is not None and unit[1] not in _PERIODS:
        return None
    if unit is None or named in {"m", "s", "g", "h", "time", "%"} or unit[1] in {"money", "times"}:
        return None
    if named == "second" and _at(pieces, place + 2).isalpha() and _at(pieces, place + 2) not in _AFTER_SECOND:
        return None
    if business:
        return None if previous.lower() in {"on", "in", "of"} else ("1 workday", place + 3)
    return _told(Decimal(unit[0]), unit[1]), place + 2


_AFTER_SECOND: Final = frozenset("the it while if when and or for from until with".split())


def _money(pieces: list[WordPiece], place: int, previous: str) -> Found:
    word = _at(pieces, place)
    if word not in _SYMBOLS | {"chf", "eur", "usd", "gbp"}:
        return None
    value = _value(_at(pieces, place + 1))
    return None if value is None else (_told(value, _UNITS[word][1]), place + 2)


def _number(pieces: list[WordPiece], place: int, previous: str) -> Found:
    negative = _at(pieces, place) == "-"
    start = place + negative
    word = _at(pieces, start)
    if word == "one" and (previous.lower() in _NOT_A_NUMBER or not _counts(_at(pieces, start + 1))):
        return None
    value = Decimal(1) if word in {"a", "an"} and _at(pieces, start + 1) in _SCALES else _value(word)
    if value is None:
        return (
            ((word.lstrip("0") or "0") + " clock", start + 1)
            if re.fullmatch(r"\d{1,2}:\d{2}", word)
            else None
        )
    place = start + 1
    while _at(pieces, place) in _SCALES:
        value, place = value * _SCALES[_at(pieces, place)], place + 1
    return _measured(pieces, place, -value if negative else value)


_NOT_A_NUMBER: Final = frozenset("the new this that which other another old each every right".split())


def _counts(following: str) -> bool:
    return following in {"", ".", ";", "<max>", "<min>"} or (
        _bare(following).isalpha()
        and following not in {"is", "on", "of", "or", "and", "that", "in", "after", "for"}
    )


def _measured(pieces: list[WordPiece], place: int, value: Decimal) -> Found:
    """Read the unit after a number."""
    word, following = _at(pieces, place), _at(pieces, place + 1)
    if clock := _clock(pieces, place, value):
        return clock
    if word in {"business", "working"} and following in _UNITS:
        unit = _UNITS[following][1] if following.startswith(("hour", "week")) else "workday"
        return _told(value * (Decimal(_UNITS[following][0]) if unit != "workday" else 1), unit), place + 2
    if word in _MONTHS and pieces[place].raw[:1].isupper():
        return _told(value, word), place + 1
    unit_found = _UNITS.get(_bare(word))
    of_age = following == "old" or (following == "of" and _at(pieces, place + 2) == "age")
    if word.startswith("year") and of_age:
        return _told(value, ""), place + 1
    if unit_found is None or (word in {"m", "s", "h", "g"} and place and pieces[place].raw != word):
        return _told(value, ""), place
    return _told(value * Decimal(unit_found[0]), unit_found[1]), place + 1


def _clock(pieces: list[WordPiece], place: int, value: Decimal) -> Found:
    """Read the rest of "3 pm" and "6 in the morning"."""
    step = 3 if [_at(pieces, place), _at(pieces, place + 1)] == ["in", "the"] else 1
    half = _HALVES.get(_at(pieces, place + step - 1))
    return None if half is None or value > 12 else (f"{int(value) % 12 + half}:00 clock", place + step)


def _ordinal(pieces: list[WordPiece], place: int, previous: str) -> Found:
    word = _at(pieces, place)
    number = _DAYS.get(word, word[:-2] if re.fullmatch(r"\d+(?:st|nd|rd|th)", word) else "")
    month = _at(pieces, place + 2) if _at(pieces, place + 1) == "of" else _at(pieces, place + 1)
    if number and month in _MONTHS:
        return f"{number} {month}", place + (3 if _at(pieces, place + 1) == "of" else 2)
    if re.fullmatch(r"\d+(?:st|nd|rd|th)", word):
        return f"{word[:-2]} nth", place + 1
    return (f"{_ORDINALS[word]} nth", place + 1) if word in _ORDINALS else None


def _month_day(pieces: list[WordPiece], place: int, previous: str) -> Found:
    """Read "March 31"; the number comes second."""
    word, day = _at(pieces, place), _at(pieces, place + 1)
    if word not in _MONTHS or not day.isdigit() or len(day) > 2:
        return None
    return f"{int(day)} {word}", place + 2


def _adverb(pieces: list[WordPiece], place: int, previous: str) -> Found:
    """Read "daily", "twice" and "noon"; "once" is a condition if a subject follows."""
    word = _at(pieces, place)
    if word not in _ADVERBS or (word == "once" and not _is_frequency(pieces, place, previous)):
        return None
    return _ADVERBS[word], place + 1


def _is_frequency(pieces: list[WordPiece], place: int, previous: str) -> bool:
    if not previous or not previous[-1].isalnum() or previous.lower() in {"not", "until", "and", "except"}:
        return False
    return _at(pieces, place + 1) not in {
        "it", "you", "they", "we", "the", "your", "this", "that", "somebody", "someone", "printing", "there",
        "he", "she", "these", "those", "all", "its", "our", "their", "his", "her", "i", "i'm", "you're",
    } and not (_at(pieces, place + 1) in {"a", "an"} and _at(pieces, place + 2) not in _UNITS)  # fmt: skip


def _value(word: str) -> Decimal | None:
    if word in _NUMBERS:
        return Decimal(_NUMBERS[word])
    if not word[:1].isdigit() or ":" in word:
        return None
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", word).replace(",", ".")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _told(value: Decimal, unit: str) -> str:
    """Return "value unit" in the largest unit that stays whole: days for seconds."""
    if unit == "second" and value and value % 86400 == 0:
        value, unit = value / 86400, "day"
    return f"{value.normalize():f} {unit}".strip()


_RANGE: Final = frozenset({"to", "and", "or", "-", "–", "through"})


def _with_shared_units(pieces: list[WordPiece]) -> list[WordPiece]:
    """Give the first number of a range the unit of the second: "5 to 7 days", "2 and 4 a.m."."""
    found = list(pieces)
    for place in range(len(found) - 2):
        first, joint, second = found[place : place + 3]
        if not first.quantity or not second.quantity or joint.raw.lower() not in _RANGE:
            continue
        unit = second.quantity.partition(" ")[2]
        if " " in first.quantity or not unit:
            continue
        found[place] = replace(first, quantity=_shared(first.quantity, second, unit))
    return found


def _shared(value: str, second: WordPiece, unit: str) -> str:
    if unit == "clock":
        later = value.isdigit() and second.raw.lower().endswith("pm") and int(value) < 12
        return f"{int(value) + 12 if later else value}:00 clock"
    word = second.raw.lower().split()[-1]
    factor = Decimal(_UNITS[word][0]) if word in _UNITS and unit not in {"workday"} else Decimal(1)
    base = "second" if unit == "day" else unit
    return _told(Decimal(value) * factor, base)


def _with_comparisons(pieces: list[WordPiece], comparisons: Mapping[str, str]) -> list[WordPiece]:
    """Write the comparison before or after each quantity into it: "at most 5", "15 hours a week or more"."""
    return [
        replace(
            piece,
            comparison=comparisons.get(_at(pieces, place - 1), _comparison_after(pieces, place, comparisons)),
        )
        if piece.quantity
        else piece
        for place, piece in enumerate(pieces)
    ]


def _comparison_after(pieces: list[WordPiece], place: int, comparisons: Mapping[str, str]) -> str:
    """Return the comparison after a quantity, a noun or a rate; none if a quantity follows it."""
    for step in range(1, 4):
        word = _at(pieces, place + step)
        if word in {"<max>", "<min>"}:
            follows = place + step + 1 < len(pieces) and pieces[place + step + 1].quantity
            rate = (
                pieces[place].raw.lower().startswith(("a ", "an ", "per "))
                and place
                and pieces[place - 1].quantity
            )
            return "" if follows or rate else comparisons[word]
        if not word.isalpha() and " " not in word:
            break
    return ""


def is_number_word(word: str) -> bool:
    """Tell whether a lower-case word is a number.

    >>> is_number_word("twelve"), is_number_word("dozen")
    (True, False)
    """
    return word in _NUMBERS or word in _SCALES
