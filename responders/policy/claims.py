"""Check a sentence against cited sources: words, numbers with units, dates, names, negation, promises.

A sentence is compared with the closest sentence, or pair of neighbouring sentences, of each source and not
with the whole source, because a number from another sentence supports nothing. No language model is used.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from responders.words import content_stems, sentences, stem, words
from schemas.base import Record

MIN_WORD_SUPPORT: Final = 0.7
"""Share of a sentence's stems that its sources must have. Chosen by hand."""

_NUMBER_WORDS: Final = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen"
        " seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "hundred": "100"}
_QUANTITY = re.compile(
    r"(?P<currency>[$€£¥])?\s?(?P<value>\d+(?:[.,:]\d+)*)(?P<tail>\s?(?:%|[A-Za-z€£$]+)|-[A-Za-z]+)?",
    re.ASCII,
)
_MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)
_CALENDAR: Final = frozenset(
    [
        *_MONTHS,
        *(month[:3] for month in _MONTHS),
        *"monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday tonight".split(),
    ]
) - {"may", "mar"}
_UNITS: Final = {
    stem(unit): unit
    for unit in """second seconds minute minutes min hour hours h day days week weeks month months quarter
    year years ms s kb mb gb tb kib mib gib percent user users seat seats task tasks label labels project
    projects member members request requests file files item items image images epoch epochs run runs
    failure failures row rows reviewer reviewers annotator annotators attempt attempts token tokens gpu gpus
    usd eur gbp dollars euros business working times""".split()
}
"""Units of quantities: the word that is shown, by its stem; of singular and plural the plural."""

_RATES: Final = frozenset(stem(unit) for unit in "second minute hour day week month quarter year".split())
_NEGATIONS: Final = frozenset(
    "not no never none cannot without neither nor nobody nothing unable isnt".split()
)
_POLAR: Final = tuple(
    frozenset(group.split())
    for group in (
        "enable disable",
        "include exclude",
        "before after",
        "increase decrease",
        "always never sometimes",
        "all none some only",
        "more less fewer",
        "minimum maximum",
        "public private",
        "allow forbid prevent block deny",
        "add remove delete",
        "on off",
        "above below",
        "first last",
        "free paid",
        "keep lose delete",
        "can cannot can't",
        "must may might should",
        "permanent temporary",
        "monthly yearly annually weekly daily hourly",
        "immediately later soon never",
        "up down",
        "internal external",
        "admin owner member reviewer annotator",
        "start stop pause resume",
        "possible impossible",
        "required optional",
        "success successful fail failed",
        "upgrade downgrade",
        "accept reject",
        "read write",
        "lower higher",
        "least most",
        "open closed close",
    )
)
_ABSOLUTE: Final = frozenset(stem(word) for word in ("free", "always", "never", "guarantee"))
"""Stems of words that no sentence may say unless its source says them."""

_PROMISE = re.compile(
    r"\b(?:(?:we|i)(?:'ll|\s+will|\s+shall|\s+are\s+going\s+to|\s+am\s+going\s+to)|guarantee[ds]?"
    r"|promise[ds]?|refund(?:s|ed)?"
    r"|free\s+of\s+charge|for\s+free|at\s+no\s+cost|discount(?:s|ed)?|compensat\w+|credit(?:ed"
    r"|s)?\s+(?:your|to)|reimburse\w*"
    r"|waive[ds]?|by\s+(?:tomorrow|tonight|the\s+end\s+of)|within\s+the\s+(?:hour|day|week)"
    r"|will\s+be\s+(?:fixed|resolved|refunded|credited|restored|released|available|ready))\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?<=[^.!?:]\s)[A-Z][\w-]*|(?<=[“\"'(])[A-Z][\w-]*|\b[A-Z]{2,}[A-Za-z0-9]*\b|\b\w+_\w+\b"
    r"|\b[a-z]+[A-Z]\w*\b"
)
_PLAIN_CAPITALS: Final = frozenset({"i", "i'm", "i'll", "i've"})


class ClaimCheck(Record):
    """The result of checking one sentence: the reasons against it, none if it is supported.

    `support` is the share of its stems that its sources have, in [0, 1].
    """

    supported: bool
    support: float
    reasons: tuple[str, ...] = ()


def check_claim(sentence: str, quotes: Sequence[str]) -> ClaimCheck:
    """Compare one sentence with the passages that it cites.

    >>> check_claim("Exports expire after 7 days.", ["Exports expire after 7 days. Sign in."]).supported
    True
    >>> check_claim("Exports expire after 14 days.", ["Exports expire after 7 days."]).reasons
    ('number: 14 days',)
    """
    checks = [_check_sentence(part, quotes) for part in sentences(sentence) or [sentence]]
    reasons = tuple(dict.fromkeys(reason for check in checks for reason in check.reasons))
    return ClaimCheck(supported=not reasons, support=min(check.support for check in checks), reasons=reasons)


def _check_sentence(sentence: str, quotes: Sequence[str]) -> ClaimCheck:
    if any(_is_sentence_of(sentence, quote) for quote in quotes):
        return ClaimCheck(supported=True, support=1.0)
    claim = content_stems(sentence)
    evidence = " ".join(filter(None, (_closest(sentence, quote) for quote in quotes)))
    found = set(content_stems(evidence))
    support = sum(word in found for word in claim) / len(claim) if claim else 1.0
    reasons = [
        *(f"number: {quantity}" for quantity in _missing_quantities(sentence, evidence)),
        *(f"unit: {_UNITS[unit]}" for unit in sorted(_units(sentence) - _units(evidence))),
        *(f"date: {day}" for day in sorted(_days(sentence) - _days(evidence))),
        *(f"name: {name}" for name in _missing_names(sentence, evidence)),
        *(f"promise: {promise}" for promise in sorted(_promises(sentence) - _promises(evidence))),
        *_polarity(sentence, evidence),
    ]
    if support < MIN_WORD_SUPPORT:
        reasons.append("words: too few of them are in the source")
    return ClaimCheck(supported=not reasons, support=support, reasons=tuple(reasons))


def _is_sentence_of(sentence: str, quote: str) -> bool:
    """Tell whether a quote has this as a whole sentence; spaces and capitals do not matter."""
    wanted = re.escape(" ".join(sentence.split()).rstrip(".").casefold())
    said = " ".join(quote.split()).casefold()
    return bool(wanted) and re.search(rf"(?:^|[.!?] ){wanted}(?:[.!?](?: |$)|$)", said) is not None


def unsourced_risks(sentence: str) -> tuple[str, ...]:
    """Return what a sentence must not say without a source: numbers, prices, dates and promises.

    >>> unsourced_risks("Thanks for writing to us."), unsourced_risks("We will fix it by tomorrow.")
    ((), ('date: tomorrow', 'promise: by tomorrow', 'promise: we will'))
    """
    numbers = (f"number: {_shown(quantity)}" for quantity in _quantities(sentence))
    days = (f"date: {day}" for day in sorted(_days(sentence)))
    return (*numbers, *days, *(f"promise: {promise}" for promise in sorted(_promises(sentence))))


def _closest(claim: str, quote: str) -> str:
    """Return the sentence or pair of neighbours of `quote` that is closest to the claim, then shortest."""
    single = sentences(quote)
    pairs = [f"{before} {after}" for before, after in pairwise(single)]
    wanted, said = set(content_stems(claim)), set(words(claim))
    nearest = max(single, key=lambda window: _nearness(window, wanted, said), default="")
    paired = max(pairs, key=lambda window: _nearness(window, wanted, said), default="")
    return paired if _nearness(paired, wanted, said)[0] > _nearness(nearest, wanted, said)[0] else nearest


def _nearness(window: str, wanted: set[str], said: set[str]) -> tuple[int, int, int]:
    return len(wanted & set(content_stems(window))), len(said & set(words(window))), -len(window)


Quantity = tuple[str, str]


def _quantities(text: str) -> list[Quantity]:
    """Return (value, unit) pairs of digits and number words; no thousands separators; unit '' if unknown."""
    spelled = re.sub(
        r"[A-Za-z]+", lambda match: _NUMBER_WORDS.get(match.group().lower(), match.group()), text
    )
    return [_quantity(match) for match in _QUANTITY.finditer(spelled)]


def _quantity(match: re.Match[str]) -> Quantity:
    value = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", match["value"]).rstrip(".,:")
    tail = (match["tail"] or "").strip(" -").lower()
    unit = match["currency"] or ("%" if tail in {"%", "percent"} else tail)
    known = unit in {"$", "€", "£", "¥", "%"} or stem(unit) in _UNITS
    return value, stem(unit) if known else ""


def _missing_quantities(sentence: str, evidence: str) -> list[str]:
    held = _quantities(evidence)
    units: dict[str, set[str]] = {}
    for value, unit in held:
        units.setdefault(value, set()).add(unit)
    return [
        _shown((value, unit))
        for value, unit in _quantities(sentence)
        if value not in units or (unit not in units[value] and not (unit == "" and value in units))
    ]


def _units(text: str) -> set[str]:
    return {stem(word) for word in words(text)} & _RATES


def _shown(quantity: Quantity) -> str:
    """Return a quantity as a person writes it.

    >>> _shown(("14", "day")), _shown(("5", stem("business"))), _shown(("9", "$"))
    ('14 days', '5 business', '$9')
    """
    value, unit = quantity
    if unit in {"$", "€", "£", "¥"}:
        return f"{unit}{value}"
    return f"{value} {_UNITS.get(unit, unit)}".strip()


def _days(text: str) -> set[str]:
    """Return the calendar words of a text; months are shortened so that "March" and "Mar" are equal."""
    found = {word for word in words(text) if word in _CALENDAR}
    found |= {month.lower() for month in re.findall(r"\b(?:May|March|Mar)\b", text)}
    return {word[:3] if word in _MONTHS else word for word in found}


def _missing_names(sentence: str, evidence: str) -> list[str]:
    held = set(words(evidence)) | {name.lower() for name in _NAME.findall(evidence)}
    held |= {piece for word in held for piece in re.split(r"[-_]", word)}
    names = (match.group() for match in _NAME.finditer(sentence))
    return [
        name
        for name in dict.fromkeys(names)
        if name.lower() not in held | _PLAIN_CAPITALS and name.lower() not in _CALENDAR | set(_MONTHS)
    ]


def _promises(text: str) -> set[str]:
    plain = text.replace("’", "'")
    return {" ".join(match.group().lower().split()) for match in _PROMISE.finditer(plain)}


def _negations(text: str) -> int:
    return sum(word in _NEGATIONS or word.endswith("n't") for word in words(text))


def _polarity(sentence: str, evidence: str) -> Iterable[str]:
    """Yield the reasons why a sentence says the opposite: other negation, or the opposite word of a group."""
    if _negations(sentence) % 2 != _negations(_closest(sentence, evidence)) % 2:
        yield "negation: differs from the source"
    said = {stem(word): word for word in words(sentence)}
    held = {stem(word) for word in words(evidence)}
    for group in _POLAR:
        stems = {stem(word) for word in group}
        for word in sorted((said.keys() & stems) - held):
            if held & stems or word in _ABSOLUTE:
                yield f"opposite: {said[word]}"
