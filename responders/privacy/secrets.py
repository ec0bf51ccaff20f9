"""Secrets: keys and tokens by their form, and passwords, PINs and codes by the words that introduce them."""

from collections.abc import Iterator
from typing import Final

import regex

from responders.late_pattern import LatePattern
from responders.privacy.cued import CuedPattern
from responders.privacy.secret_clauses import said_words, secrets_of_clauses
from responders.privacy.span import PersonalValue

_I: Final = regex.IGNORECASE

_LINK = LatePattern(
    r"https?://[^\s<>\"'“”«»]*?(?:"
    r"[?&#;](?:[\w-]*(?:token|sig|signature|key|secret|auth|passwd|password|pass|access|policy|code|jwt"
    r"|session|sid|otp|invite|ticket|hash|nonce|state|cred\w*|bearer|sas|hmac|login|magic|reset"
    r"|confirm\w*)=|(?:tk|t|k|pw|pwd|p|i|c|h|s|u|v"
    r"|x)=(?=[^\s&=]*\d)(?=[^\s&=]*\p{L})(?=[^\s&]{6}))[^\s<>\"'“”«»]+"
    r"|hooks\.[\w.-]+/(?:services|workflows|hooks)/[^\s<>\"'“”«»]+"
    r"|/(?:[\w-]*(?:reset|invit|verif|confirm|magic|activat|unsubscribe|share|token|login|join|auth"
    r"|signin|sso|access|secret|webhook)[\w-]*|d|s|t|r|i)/(?=[\w-]*\d)[\w-]{10,200}"
    r"|(?<=://)[^\s/@:]{1,200}:[^\s/@]{1,200}@[^\s<>\"'“”«»]+)",
    _I,
)
_CREDENTIAL = LatePattern(r"(?<=://)[^\s/@:]{1,200}:[^\s/@]{1,200}(?=@)")
_TOKEN = LatePattern(
    r"""\beyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{8,2000}
      | \b(?:sk|pk|rk|ghp|gho|ghs|ghu|glpat|xox[abprs]|hf|npm|pypi|dop_v1|shpat|AIza|SG|whsec|rk_live|tok
        |ya29|EAAC|key|pat|sec)[-_.](?=[\w.-]*\d)[\w.-]{12,500}
      | \bhf_[A-Za-z]{20,60}
      | \bgithub_pat_\w{20,255} | \bAIza[\w-]{30,60} | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b
      | \$(?:apr1|2[aby]|1|5|6|argon2\w{1,2}|y)\$[^\s:,;"']{8,200}
      | (?<=LPA:1\$[\w.-]{3,80}\$)[\w-]{5,80}
      | (?<![\w-])(?=[\w-]{0,200}\d)(?=[\w-]{0,200}[A-Z])(?=[\w-]{0,200}[a-z])[A-Za-z0-9_]{32,200}(?![\w-])
      | -----BEGIN[ ][A-Z ]{3,40}-----[\s\S]{1,8000}?-----END[ ][A-Z ]{3,40}-----""",
    regex.VERBOSE,
)
_GROUPS = LatePattern(r"(?<![\w-])[A-Z0-9]{3,6}(?:-[A-Z0-9]{3,6}){2,7}(?![\w-])")
"""A key in groups, such as XQ4T-99LM-2KPA-77RD; at least two groups mix letters and digits."""

_BEARER = LatePattern(r"\b[Bb]earer\s+([\w.~+/=-]{12,4000})")
_ASSIGNED = LatePattern(
    r"(?<![\w-])[\w-]{0,40}?(?:passw(?:or)?d|pwd|secret|token|api[_-]?key|access[_-]?key|auth[_-]?key"
    r"|private[_-]?key"
    r"|passphrase|session(?:[_-]?id)?|sessid|cookie|csrf|signature|nonce|client[_-]?id"
    r"|auth)[\w-]{0,40}+[\"']?\s?[:=]\s?[\"']?([^\s,;\"'<>{}()\[\]]{4,500})",
    _I,
)
"""A setting in a file, a header or a JSON text, such as api_key=… or "password":"…"."""

_LOGIN = LatePattern(
    r"(?:\b-u\s+[\"']?[\w.@-]+:|(?:^|\s)-u\s+[\"']?[\w.@-]+:|\b(?:root|admin|administrator|user)\s?[/:]\s?)"
    r"([^\s\"'/,;]{5,80})"
)
_PASSWORD_WORDS: Final = (
    r"pass(?:word|wort|wd|phrase|code|key)?s?|pw|pwd|kunden(?:kenn|pass)wort|kennwort|losung|codewort"
    r"|mots?\s+de\s+passe|sésame|clave|contraseña|senha|parola(?:\s+d'ordine)?|wachtwoord|hasł[oa]"
    r"|пароль|lösenord|adgangskode|passord|salasana|şifre(?:m|si|niz)?|heslo|jelszó|κωδικό\w*|סיסמ\w+"
    r"|(?:security|secret)\s+answer|code\s*word|key\s+phrase|secret(?:s)?|clé\s+(?:d'api|secrète"
    r"|wifi)|log-?in(?:s|\s+data)?|sign-?in"
    r"|credentials?|token|jeton|api[\s-]key|community\s+string|wi-?fi|wlan|unlocks?\s+the\s+\w+"
)
_CODE_WORDS: Final = (
    r"pin(?:-?code|-?nummer)?(?!\s?pads?\b)|puk|tan|m-?tan|otp|cvv|cvc2?|2fa(?:\s+code)?|steam\s+guard"
    r"|(?:three|four|3|4|six|6)\s+digits|key\s+safe|key\s?box|schlüsselkasten|digicode"
    r"|(?:door|gate|entry|access|security|verification|one-?time|recovery|backup|sms|gift|unlock"
    r"|confirmation"
    r"|login|auth(?:entication)?|activation|voucher|alarm|safe)\s+(?:card\s+|pin\s+)?codes?"
    r"|code\s+(?:de\s+)?(?:la\s+porte|d'accès|secret|de\s+sécurité|de\s+verification|sms)|(?:tür|zugangs"
    r"|sicherheits|bestätigungs|einmal|sms-?|gutschein)-?code|c[óo]digo\s+de\s+(?:acceso|seguridad"
    r"|verificación|segurança|acesso|puerta)|codice\s+(?:di\s+)?(?:accesso|sicurezza|verifica)"
    r"|par\s+sms|per\s+sms|by\s+sms|by\s+text|gift\s+(?:card|voucher)|toegangscode|kod\s+\w+"
    r"|验证码|確認コード|暗証番号|인증번호|код\s+\w+"
)
_BETWEEN: Final = (
    r"(?:[\s:=„“”\"'«»(\[,–—-]|(?!(?i:fehler|err(?:or|eur|ore)?|http|status|line)\b)"
    r"\p{L}[\p{L}'’]{0,14}(?=[\s:,„“\"'«(])){0,9}?"
)
"""Up to a few words and signs between the word that introduces a secret and its value."""

_VALUE: Final = (
    r"(?<![^\s\"'„“”«»(\[:=，是:])(?=[^\s\"'„“”«»()\[\],;，。]*[\d!@#$%&*_+^~])"
    r"([^\s\"'„“”«»()\[\],;，。<>]{3,80})"
)
_PASSWORD = CuedPattern(
    _PASSWORD_WORDS, rf"(?![\p{{L}}\d_-]){_BETWEEN}{_VALUE}", before=r"(?<![\p{L}\d_-])", flags=_I
)
_CODE = CuedPattern(
    _CODE_WORDS,
    rf"(?![\p{{L}}\d_-]){_BETWEEN}(?=[A-Z\d -]*\d)"
    rf"(?<![^\s\"'„“”«»(\[:=])(\d[ -]\d[ -]\d[ -]\d|\d{{3}}[ -]\d{{3}}|[A-Z0-9]{{3,6}}(?:-[A-Z0-9]{{2,6}})*"
    r"|\d{3,8})(?![\w.,/-]*\d)(?![\w-])",
    before=r"(?<![\p{L}\d_-])",
)
_QUOTED = LatePattern(
    rf"(?:{_PASSWORD_WORDS})(?:\s+\p{{L}}+){{0,4}}\s*[:=]?\s*[„“\"«(]\s?([^\s\"„“”«»()]{{4,40}})\s?[“”\"»)]",
    _I,
)
_SPLIT_CODE = LatePattern(
    r"(?i:\b(?:code|codes|c[óo]digo|codice|kod|pin|tan))\s+(?:is\s+|ist\s+)?(\d{3}[ -]\d{3})(?![\d-])"
)
_USED_TO_ENTER = LatePattern(
    r"\b(?:use[sd]?|type[sd]?|enter(?:s|ed)?|typed\s+what\s+.{0,30}?\()\s*(\S{5,40}?)\)?\s+to\s+(?:sign"
    r"|log)\s+in"
    r"|\bto\s+get\s+in\s*\((\S{5,40}?)\)"
    r"|\bi\s+(?:type|typed|enter|entered|put\s+in)\s+(?!the\b)([^\s@]{6,40})(?=[\s.,;])",
    _I,
)
_AS_PASSWORD = LatePattern(
    r"\b(?:use|try|enter|type)\s+(\S{6,40})\s+as\s+(?:a|the|my|our)\s+(?:\w+\s)?(?:password|passcode"
    r"|pin|code|login)",
    _I,
)
_CHANGED = LatePattern(r"\bchanged\s+(?:it|my\s+\w+)\s+from\s+(\S{5,40})\s+to\s+(\S{5,40})", _I)
_AJOINED = LatePattern(r"(?:密码|パスワード|비밀번호|口令)\s*(?:是|は|为|:|：)?\s*([!-~]{5,60})")
_PHRASE = LatePattern(r"(?<![\p{L}-])(?:[a-z]{3,8} ){11}[a-z]{3,8}(?![\p{L}-])")
_COMMON_WORDS: Final = frozenset(
    "the and that this with for from have not you your are was were will can could would should our has had"
    " they"
    " them then when what which who how why where there here out get got its but all any been".split()
)


def secrets(text: str) -> Iterator[PersonalValue]:
    """Yield links that carry a secret, credentials in addresses, keys, passwords, PINs and codes of `text`.

    A word without a digit or a sign is a secret only in quotes after the word that introduces it.

    >>> [text for text in ["password is incorrect", "my pin is 0415"] if list(secrets(text))]
    ['my pin is 0415']
    """
    for match in _LINK.finditer(text):
        yield PersonalValue(match.start(), match.start() + len(match.group().rstrip(".,;:!?)")), "URL")
    for match in _CREDENTIAL.finditer(text):
        yield PersonalValue.at(match.span(), "CREDENTIAL")
    yield from _by_form(text)
    yield from _by_words(text)
    yield from secrets_of_clauses(text)
    yield from said_words(text)


def _by_form(text: str) -> Iterator[PersonalValue]:
    for match in _TOKEN.finditer(text):
        yield PersonalValue.at(match.span(), "TOKEN")
    for match in _GROUPS.finditer(text):
        mixed = [group for group in match.group().split("-") if _is_mixed(group)]
        if len(mixed) >= 2:
            yield PersonalValue.at(match.span(), "TOKEN")
    for match in _PHRASE.finditer(text):
        if not _COMMON_WORDS & set(match.group().split()):
            yield PersonalValue.at(match.span(), "TOKEN")


def _by_words(text: str) -> Iterator[PersonalValue]:
    for pattern in (_BEARER, _QUOTED, _CODE, _SPLIT_CODE):
        yield from _values(pattern, text)
    for value in _values(_AS_PASSWORD, text):
        if any(char.isdigit() for char in text[value.start : value.end]):
            yield value
    for pattern in (_PASSWORD, _ASSIGNED, _LOGIN, _USED_TO_ENTER, _CHANGED, _AJOINED):
        for value in _values(pattern, text):
            if looks_secret(text[value.start : value.end]):
                yield value


def _values(pattern: LatePattern | CuedPattern, text: str) -> Iterator[PersonalValue]:
    for match in pattern.finditer(text):
        for group in range(1, match.re.groups + 1):
            if match.group(group):
                value = match.group(group).rstrip(".,;:!?)\"'")
                yield PersonalValue(match.start(group), match.start(group) + len(value), "TOKEN")


_PLAIN = LatePattern(
    r"(?:v?\d+(?:[.:/]\d+)*[a-z]?|[\p{L}'’]+(?:[-/][\p{L}'’]+)*|https?://.*|[^@\s]+@[\w-]+\.[\w.-]+|\W+"
    r"|\d+\p{L}{1,3}|[a-z]{2,6}-\d{1,3}"
    r"|[A-Z]{1,4}-?\d+|\$[\w.]*|#\d+)"
)
"""Words, numbers, versions, links, addresses, short codes such as E-404: no secrets."""


def looks_secret(value: str) -> bool:
    """Tell whether `value` mixes letters with digits or signs, as passwords and keys do.

    >>> [looks_secret(value) for value in ("Muffin0412", "Lachs&Dill", "incorrect", "2.4.1", "E-404")]
    [True, True, False, False, False]
    """
    return len(value) >= 5 and not _PLAIN.fullmatch(value) and any(char.isalnum() for char in value)


def _is_mixed(group: str) -> bool:
    return any(char.isdigit() for char in group) and any(char.isalpha() for char in group)
