"""Reversible pseudonyms: personal values and secrets never reach a model, an index or a log.

Replaced are e-mail addresses, phone numbers, payment cards (Luhn), IBANs (ISO 13616, mod 97), IPv4 and IPv6
addresses, credentials in URLs, tokens and keys, and the names that the caller gives. Each value gets one
placeholder per ticket, so that the text keeps its sense: `[EMAIL_1]` is the same address in the whole ticket.
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from typing import Final

from stdnum import luhn
from stdnum.iso7064 import mod_97_10

_PLACEHOLDER = re.compile(
    r"\[(?:LITERAL|CREDENTIAL|TOKEN|EMAIL|IBAN|CARD|IP|PHONE|NAME)_[0-9]{1,9}\]",
)
_CREDENTIAL = re.compile(r"(?<=://)[^\s/@:]{1,200}:[^\s/@]{1,200}(?=@)")
_TOKEN = re.compile(
    r"""\beyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{8,2000}
      | \b(?:sk|pk|rk|ghp|gho|ghs|ghu|glpat|xox[abprs]|hf|npm|pypi|dop_v1|shpat|AIza|SG)[-_.][\w.-]{12,500}
      | \bgithub_pat_\w{20,255} | \bAIza[\w-]{30,60} | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b
      | (?<=[Bb]earer\s)[\w.~+/=-]{12,4000}
      | (?<![\w-])(?=[\w-]{0,200}\d)(?=[\w-]{0,200}[A-Za-z])[A-Za-z0-9_]{32,200}(?![\w-])
      | (?i:(?<=password:\s)|(?<=password\sis\s)|(?<=passwd:\s)|(?<=api_key=)|(?<=token=)|(?<=secret=)
        |(?<=key:\s)|(?<=token:\s)|(?<=secret:\s)|(?<=password=))[^\s,;&"']{6,500}
      | -----BEGIN[ ][A-Z ]{3,40}-----[\s\S]{1,8000}?-----END[ ][A-Z ]{3,40}-----""",
    re.VERBOSE,
)
_EMAIL = re.compile(r"[\w.%+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8})(?![\w:])"
)
_PHONE = re.compile(
    r"(?<![\w.:/-])(?:\+|00)[1-9](?:[ ./-]?\(?\d{1,4}\)?){2,7}(?![\w-])"
    r"|(?<![\w.:/-])(?:\(\d{2,5}\)[ ]?|0\d{1,4}[ /-])\d{2,4}(?:[ -]?\d{2,5}){1,4}(?![\w-])"
    r"|(?<![\w.:/-])\d{3}[-. ]\d{3}[-. ]\d{4}(?![\w-])"
)
_MIN_NAME_CHARS: Final = 2
"""A shorter name is an initial and would be masked far too often."""


def _is_card(text: str) -> bool:
    digits = "".join(str(int(char)) for char in text if char.isdecimal())
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and luhn.is_valid(digits)


def _is_iban(text: str) -> bool:
    """Tell whether the check digits are right; the country is not checked, so that any country is masked."""
    iban = text.replace(" ", "")
    return 15 <= len(iban) <= 34 and mod_97_10.is_valid(iban[4:] + iban[:4])


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return text != "::"


def _is_phone(text: str) -> bool:
    return 7 <= sum(char.isdigit() for char in text) <= 15


def _always(_: str) -> bool:
    return True


_KINDS: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...]] = (
    ("LITERAL", _PLACEHOLDER, _always),
    ("CREDENTIAL", _CREDENTIAL, _always),
    ("TOKEN", _TOKEN, _always),
    ("EMAIL", _EMAIL, _always),
    ("IBAN", _IBAN, _is_iban),
    ("CARD", _CARD, _is_card),
    ("IP", _IP, _is_ip),
    ("PHONE", _PHONE, _is_phone),
)


def has_placeholder(text: str) -> bool:
    """Tell whether `text` has a placeholder; such a text must not be sent to anyone.

    >>> has_placeholder("Write to [EMAIL_1]"), has_placeholder("See [1]")
    (True, False)
    """
    return _PLACEHOLDER.search(text) is not None


def without_placeholders(text: str) -> str:
    """Return masked text as it may be sent, with an ellipsis in place of each placeholder.

    >>> without_placeholders("Write to [EMAIL_1], see [1]")
    'Write to …, see [1]'
    """
    return _PLACEHOLDER.sub("…", text)


class Pseudonyms:
    """The placeholders of one ticket: the same value has the same placeholder in every text of the ticket.

    `names` are masked as whole words, case-sensitively. Not for several threads at once.

    >>> pseudonyms = Pseudonyms()
    >>> pseudonyms.mask("Write to ada@example.com or ops@example.com, not to ada@example.com.")
    'Write to [EMAIL_1] or [EMAIL_2], not to [EMAIL_1].'
    >>> pseudonyms.restore("Dear [EMAIL_2]")
    'Dear ops@example.com'
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._placeholders: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        wanted = sorted({name for name in names if len(name) >= _MIN_NAME_CHARS}, key=len, reverse=True)
        known = "|".join(re.escape(name) for name in wanted)
        self._names = re.compile(rf"(?<!\w)(?:{known})(?!\w)") if known else None

    def mask(self, text: str) -> str:
        """Return `text` with every found value replaced; `restore` gives `text` back exactly."""
        pieces = [(False, text)]
        for kind, pattern, accepts in _KINDS:
            pieces = self._masked(pieces, kind, pattern, accepts)
        if self._names is not None:
            pieces = self._masked(pieces, "NAME", self._names, _always)
        return "".join(piece for _, piece in pieces)

    def restore(self, text: str) -> str:
        """Return `text` with this ticket's placeholders replaced by their values; other placeholders stay."""
        return _PLACEHOLDER.sub(lambda match: self._values.get(match.group(), match.group()), text)

    @property
    def found(self) -> dict[str, int]:
        """Return the number of distinct values of each kind that were masked so far."""
        return dict(self._counts)

    def _masked(
        self,
        pieces: list[tuple[bool, str]],
        kind: str,
        pattern: re.Pattern[str],
        accepts: Callable[[str], bool],
    ) -> list[tuple[bool, str]]:
        """Mask one kind in the pieces that are not masked yet; a piece is (masked?, text)."""
        result: list[tuple[bool, str]] = []
        for masked, piece in pieces:
            if masked:
                result.append((True, piece))
                continue
            start = 0
            for match in pattern.finditer(piece):
                if accepts(match.group()):
                    result += [(False, piece[start : match.start()]), (True, self._name(kind, match.group()))]
                    start = match.end()
            result.append((False, piece[start:]))
        return result

    def _name(self, kind: str, value: str) -> str:
        if (kind, value) not in self._placeholders:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            placeholder = f"[{kind}_{self._counts[kind]}]"
            self._placeholders[kind, value] = placeholder
            self._values[placeholder] = value
        return self._placeholders[kind, value]
