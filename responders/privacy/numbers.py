"""Values with a form of their own: e-mail addresses, IBANs, payment cards and addresses of computers."""

import ipaddress
from collections.abc import Callable, Iterator
from typing import Final

import regex
from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from responders.privacy.span import PersonalValue

_EMAIL = regex.compile(
    r"(?:\"[\w.%+' -]{1,64}\"|[\w.%+'-]{1,64})(?:@|\s?[(\[](?:at|AT)[)\]]\s?)"
    r"[\w-]{1,63}(?:(?:\.|\s?[(\[](?:dot|DOT)[)\]]\s?)[\w-]{1,63}){1,8}"
)
_IBAN = regex.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?"
    r"|[A-Za-z]{2}\d{2}(?:[A-Za-z0-9]{4}){2,7}[A-Za-z0-9]{0,3})(?![A-Za-z0-9])"
)
_CARD = regex.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IP = regex.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8})(?![\w:])"
)
_VERSION_BEFORE = regex.compile(
    r"\b(?:v|ver|version|versión|versione|versie|wersja|firmware|driver|release|build|chrome|safari|edge"
    r"|firefox|path|→|kernel)[\s:.]{0,2}(?:[\d.]+\s*(?:→|->|to|and|und|et|y|e)\s*)?$",
    regex.IGNORECASE,
)


def numbers(text: str) -> Iterator[PersonalValue]:
    """Yield e-mail addresses, IBANs, cards and IP addresses of `text`.

    An IBAN has right check digits (ISO 13616), a card passes Luhn, an address is IPv4 or IPv6 and no version.

    >>> [value.kind for value in numbers("ada@example.com from 203.0.113.9, version 42.2.29.1")]
    ['EMAIL', 'IP']
    """
    for kind, pattern, accepts in _FORMS:
        for match in pattern.finditer(text):
            if accepts(match.group(), text[max(0, match.start() - 30) : match.start()]):
                yield PersonalValue.at(match.span(), kind)


def _is_card(value: str, _: str) -> bool:
    digits = "".join(str(int(char)) for char in value if char.isdecimal())
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and luhn.is_valid(digits)


def _is_iban(value: str, _: str) -> bool:
    """Tell whether the check digits are right; the country is not checked, so that any country is masked."""
    iban = value.replace(" ", "").replace("-", "").upper()
    return 15 <= len(iban) <= 34 and mod_97_10.is_valid(iban[4:] + iban[:4])


def _is_ip(value: str, before: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return value != "::" and not _VERSION_BEFORE.search(before)


def _always(_: str, __: str) -> bool:
    return True


_FORMS: Final[tuple[tuple[str, regex.Pattern[str], Callable[[str, str], bool]], ...]] = (
    ("EMAIL", _EMAIL, _always),
    ("IBAN", _IBAN, _is_iban),
    ("CARD", _CARD, _is_card),
    ("IP", _IP, _is_ip),
)
