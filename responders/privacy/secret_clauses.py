"""Secrets by their clause: a mixed word in a sentence about credentials, a number after "code"."""

from collections.abc import Iterator
from typing import Final

import regex

from responders.late_pattern import LatePattern
from responders.privacy.cued import CuedPattern
from responders.privacy.span import PersonalValue

_I: Final = regex.IGNORECASE

CREDENTIALS: Final = (
    r"\w*passw(?:or[dt]|d)\w*|passphrases?|passcodes?|pass\s?keys?|pass|pw|pwd|psw|creds?|credentials?"
    r"|log-?ins?|log(?:ged|ging)?\s+(?:in|on)"
    r"|sign(?:ed|ing)?[\s-]?(?:in|on)|get\s+in(?:to)?|got\s+in|getting\s+in|tokens?|secrets?|(?:api"
    r"|access|licen[cs]e|product|wi-?fi|wlan|auth|signing"
    r"|encryption|private|security|ssh|recovery|tsig|wpa2?|network|root|admin|shared|master|activation"
    r"|wep)[\s_-]?(?:keys?|code|codes)|keys?|jwt|bearer|auth"
    r"|backup\s+codes?|(?:security|secret)\s+(?:answer|word|question)|memorable\s+(?:word|name)"
    r"|code\s?words?|magic\s+word|safe\s?word"
    r"|community\s+string|community|unlock(?:s|ed)?|authenticat\w*|authorization|hunter2"
    r"|\w*(?:kennwort|passwort|losung|schlüssel|zugang)\w*|anmeld\w+|einlogg\w+|\w*zugangsdaten|geheim\w*"
    r"|mots?\s+de\s+passe|mdp|clés?|identifiants?|connexion|connecter|jetons?|contraseñ\w+|claves?"
    r"|credenciales|acceso|senhas?|palavra-passe|chaves?|acesso"
    r"|parol[ae](?:\s+d'ordine)?|chiav[ei]|credenziali|accesso|accedere|wachtwoord\w*|inlog\w*|sleutel"
    r"|toegang\w*|has[łl][oaeu]\w*|klucz\w*|logowani\w+"
    r"|парол\w*|ключ\w*|логин\w*|lösenord\w*|nyckel\w*|adgangskode\w*|kodeord\w*|passord\w*|salasana\w*"
    r"|avain\w*|şifre\w*|parola\w*|anahtar\w*"
    r"|hesl\w+|klíč\w*|jelszó\w*|jelszav\w+|κωδικ\w+|lozink\w+|geslo|parool|slaptažodis|kata\s+sandi"
    r"|sandi|mật\s+khẩu|סיסמ\w+|كلمة\s+(?:المرور|السر)"
    r"|密码|口令|パスワード|비밀번호|पासवर्ड"
)
_ABOUT_CREDENTIALS = LatePattern(rf"(?<![\p{{L}}\d])(?:{CREDENTIALS})(?![\p{{L}}\d])", _I)

CODES: Final = (
    r"pins?(?:\s?-?code)?(?!\s?(?:pads?|field|entry|length|policy)\b)|card\s+verification|opens?\s+with|one-?time\s+pass(?:word|code)|\w*freischaltcode|code\s+d['’]activation|puk\d?|tans?|m-?tan|otp|totp|2fa|mfa|cv[vc]2?|csc|security\s+code|key\s?safe"
    r"|lock\s?box|key\s?box|(?:one-?time|verification|confirmation|master|personal|secret|access|entry|door|gate"
    r"|lobby|alarm|safe|key\s?safe|lock\s?box|key\s?box|unlock|login|sign-?in|sms|text|recovery|backup"
    r"|reset|activation|garage|building|keypad|padlock|locker|entrance"
    r"|pairing|voicemail|parental|port-?out|card|auth\w*)\s+(?:pin\s+)?(?:code|codes|combination|number"
    r"|pin)|combination|by\s+(?:text|sms)|passcode|digicode|interphone"
    r"|code\s+for\s+the\s+\p{L}+|code\s+to\s+the\s+\p{L}+|code\s+(?:is|was)|codes?\s+(?:you|they"
    r"|i)\s+\p{L}+|\w*(?:tür|tor|haus|zugangs|sicherheits|bestätigungs|einmal|freischalt|sms|prüf"
    r"|verifizierungs)-?code\w*"
    r"|(?:per|par|por|via|z|по)\s+(?:sms|смс|texto)|sms-?\w*|kartenprüfnummer|schlüsseltresor"
    r"|schlüsselsafe|geheimzahl"
    r"|code\s+confidentiel|codes?\s+(?:de|d['’]|du|reçus?|secret|est)\s?\p{L}*|cryptogramme|(?:m[iy]u?\s+|el\s+"
    r"|o\s+)?c[óo]digos?\s+(?:de|do|da|del|que|es|é)\s?\p{L}*|(?:mio|il)\s+codic[ei]|codic[ei]\s+(?:di"
    r"|del|della|otp|sms|è)\s?\p{L}*|tokens?|jeton"
    r"|\w*(?:toegangs|beveiligings|verificatie|deur|sms)-?code|kod(?:u|em)?\s+(?:z|do|od|til|från|fra"
    r"|för)\s+\p{L}+|pin-?koodi|pinkod|код\s+(?:из|от|для|подтверждения)\s?\p{L}*|пин\w*|kód\w*"
    r"|doğrulama\s+kodu|kode|κωδικ\w+|mã\s+\w+|验证码|確認コード|暗証番号|인증번호"
)
_CODE_WORD = LatePattern(rf"(?<![\p{{L}}\d])(?:{CODES})(?![\p{{L}}\d])", _I)
_CODE_VALUE = LatePattern(
    r"(?<![\w.,/€$£#:+-])(\d{3}[ -]\d{3}(?![ -]?\d)|\d{4}[ -]\d{4}(?![ -]?\d)|\*?\d{3,8}#?"
    r"|\d{2}[ -]\d{2}[ -]\d{2}|(?=[A-Z-]*\d)[A-Z0-9]{2,6}(?:-[A-Z0-9]{2,6}){1,4}"
    r"|\d(?:[ -]\d){3,7})"
    r"(?![\w/€$£%°:+-]|[.,]\d|\s?(?:%|€|\$|£|EUR|USD|GBP|euros?|dollars?|pounds?|days?|hours?|min\w*"
    r"|sec\w*|ms|kb|mb|gb|kwh|rows?|users?|seats?|coins?|times|pieces|items|characters|digits|people|km"
    r"|kg|cm|mm|x)\b)"
)
_NO_CODE_BEFORE = LatePattern(
    r"(?:error|err|fehler\w*|erreur|errore|erro|błąd|ошибк\w+|foutcode|foutmelding|status|http|exit"
    r"|area|country|zip|postal|post|postcode|dial(?:ling)?|promo|sort|bank|swift|qr|bar|source"
    r"|order|ticket|case|invoice|room|flat|version|build|line|page|step|ref\w*|reference|no\.?|nr\.?"
    r"|number|card\s+ending(?:\s+in)?|ending(?:\s+in)?|since|until|before|after|year|in"
    r"|bestell\w*|rechnung\w*|commande|pedido|ordine|zamówieni\w+|заказ\w*|level|chapter|port|limit"
    r"|max\w*|min\w*|up\s+to|of)\s?(?:code|codes|message)?\s?(?:is|:|#)?\s?$",
    _I,
)
_LINK_WORDS = LatePattern(r"\s?(?:\p{L}++\s){0,3}")
"""Words between a number and the word for a code behind it, as in "448201 came by text"."""

_LINES_BEFORE: Final = 80
"""Characters before a line with a single word in which credentials may be announced. Chosen by hand."""

_PLACES = LatePattern(
    r"\b(?:doors?|gate|safe|lobby|building|entrance|stair\w*|leave|deliver\w*|courier|driver|box|lift"
    r"|garage|tür|tor|haus|porte|immeuble|puerta|portal|porta|deur|drzwi)\b",
    _I,
)
_BARE_CODE = LatePattern(
    r"\b(?:code|código|codice|kod)\s?(?:is|:|=)?\s?(\*?\d{3,8}#?)(?![\w/€$£%.:-]\w|\w)", _I
)

_WINDOW_AFTER: Final = 60
"""Characters after the word for a code in which its number may stand. Chosen by hand."""
_WINDOW_BEFORE: Final = 25
"""Characters before the word for a code in which its number may stand. Chosen by hand."""

_SENTENCE = LatePattern(r"(?:[^.!?\n]|[.!?](?!\s|$))+[.!?]*")
_TOKEN = LatePattern(r"[^\s\"“”„«»<>()\[\]{}，。、；「」]{4,120}")
_SYMBOLS: Final = frozenset("!#$%&*+^~_=@?-.|§£€")
_ORDINARY = LatePattern(
    r"(?:https?://|www\.).*|[^@\s]+@[\w-]+\.[\w.-]+|[\w.-]*/[\w./-]+|(?:[\w-]+\.)+[a-z]{2,6}"
    r"|[\w-]+\([^)]*\)?|--?[\w-]+=?.*"
    r"|v?\d[\d.,:/xX×-]*[%€$£a-zA-Z]{0,4}|[A-Z][A-Z\d]*(?:[_-][A-Z\d]+)+(?:=.*)?|[a-z]+(?:_[a-z]+)+"
    r"|[\p{L}'’]+(?:[-–/&+][\p{L}'’]+)*|X-[\w-]+|[A-Z]{1,5}-?\d+[A-Z]?"
    r"|\p{L}+-\d{1,4}|\p{Lu}?\p{Ll}+\d{1,4}|[A-Z]+[a-z]*\d{1,3}|[a-z]+\d{1,4}|\d+[a-zA-Z]{1,4}"
    r"|[\p{L}'’]+[&+]|\p{L}+[@#*?=]+|[#@]\w+|\$\w+|[\w.-]+:\d+|\W+|0x[\dA-Fa-f]+|[\da-f]{7,40}"
    r"|\p{Lu}{2}\d{2}(?:[A-Z\d]{4})+\w*|\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F:]+"
    r"|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[A-Za-z]+=[A-Za-z]*|\w+::\w+|[\p{L}\d]+['’]\w{1,2}"
    r"|\p{L}+\.\p{L}+(?:\.\p{L}+)*|[\dA-Z]{20,}"
)
"""Words, numbers, versions, addresses, names of files, settings and products, hashes: no secrets by form."""


_SETTING = LatePattern(r"[A-Za-z_]{3,}=[^=]")
_CHANGES = LatePattern(r"\p{L}(?=\d)|\d(?=\p{L})")
_CAPITALS = LatePattern(r"\p{Ll}(?=\p{Lu})")
_NEEDED = LatePattern(r"\d|[!#$%&*+^~@?§=_](?=\S)")


def secrets_of_clauses(text: str) -> Iterator[PersonalValue]:
    """Yield words that mix letters with digits or signs, in a sentence about credentials, and numeric codes.

    >>> from responders.privacy.span import texts_of
    >>> text = "You get in with bramble&thorn5. Version v2-beta1 fails. I got 448201 by text."
    >>> texts_of(text, secrets_of_clauses(text))
    ['bramble&thorn5', '448201']
    """
    for sentence in _SENTENCE.finditer(text):
        said, start = sentence.group(), sentence.start()
        if not _NEEDED.search(said):
            continue
        alone = " " not in said.strip() and _ABOUT_CREDENTIALS.search(
            text, max(0, start - _LINES_BEFORE), start
        )
        mixed = list(_mixed(said, start))
        if mixed and (alone or _ABOUT_CREDENTIALS.search(said)):
            yield from mixed
        if _CODE_VALUE.search(said):
            yield from _codes(said, start)


def _mixed(said: str, start: int) -> Iterator[PersonalValue]:
    for match in _TOKEN.finditer(said):
        token = match.group().rstrip(".,;:!?'’`").removesuffix("**").lstrip("'’:=,;*_`")
        token = token.rpartition("=")[2] if _SETTING.match(token) else token
        if is_mixed(token):
            place = start + match.start() + match.group().rindex(token)
            full = match.group()[match.group().rindex(token) :].rstrip(".,;:?'’`")
            yield PersonalValue(place, place + max(len(token), len(full)), "TOKEN")


def is_mixed(token: str) -> bool:
    """Tell whether a word mixes letters with digits or signs as ordinary words and names do not.

    >>> [is_mixed(word) for word in ("Tug!boat", "hq7dm2vkx4", "v2.4.1", "user_id", "vps-11", "e-mail")]
    [True, True, False, False, False, False]
    """
    if (
        len(token) < 5
        or token.isalpha()
        or not any(char.isalpha() for char in token)
        or _ORDINARY.fullmatch(token)
    ):
        return False
    if any(char in _SYMBOLS for char in token[1:]) and any(char.isdigit() for char in token):
        return True
    if any(char in "!#$%&*+^~@?§" for char in token[1:]):
        return True
    changes = len(_CHANGES.findall(token))
    return changes >= 2 or (changes == 1 and len(_CAPITALS.findall(token)) >= 1)


def _codes(said: str, start: int) -> Iterator[PersonalValue]:
    for match in _BARE_CODE.finditer(said) if _PLACES.search(said) else ():
        yield PersonalValue(start + match.start(1), start + match.end(1), "TOKEN")
    for word in _CODE_WORD.finditer(said):
        after = _CODE_VALUE.search(said, word.end(), word.end() + _WINDOW_AFTER)
        before = _CODE_VALUE.search(said, max(0, word.start() - _WINDOW_BEFORE), word.start())
        if before and not _LINK_WORDS.fullmatch(said, before.end(), word.start()):
            before = None
        for near in (after, before):
            if near and not _NO_CODE_BEFORE.search(said, max(0, near.start() - 40), near.start()):
                yield PersonalValue(start + near.start(1), start + near.end(1), "TOKEN")
        place = after.end() if after else 0
        while after and (more := _MORE_CODES.match(said, place)):
            yield PersonalValue(start + more.start(1), start + more.end(1), "TOKEN")
            place = more.end()


_MORE_CODES = LatePattern(
    r"(?:,\s?|\s(?:and|und|et|y|e|or|oder|then|not)\s)(?:(?:and|then|now)\s)?(\d{3,4}[ -]\d{3,4}|\d{3,8}"
    r"|(?=[A-Z-]*\d)[A-Z0-9]{2,6}(?:-[A-Z0-9]{2,6}){1,4})(?![\w/€$£%.:-]\w)"
)

_NOT_A_SECRET: Final = (
    r"(?:in)?correct|wrong|(?:in)?valid|expired|missing|empty|required|needed|not|too|weak|strong|never"
    r"|always|still|already|now|again|also|only|just|the|a|an|my|your|our|it|being"
    r"|unknown|different|same|okay|ok|fine|blank|hidden|visible|safe|secure|short|long|case|mandatory"
    r"|optional|there|here|gone|lost|stored|reset|set|sent|what|where|right|good|bad"
    r"|one|no|none|null|undefined|used|refused|rejected|accepted|changed|working|locked|blocked"
    r"|compromised|known|new|old|false|true|unclear|temporary|rotated|revoked"
    r"|falsch|richtig|ungültig|abgelaufen|weg|nicht|zu|unbekannt|nötig|erforderlich|neu|alt|korrekt"
    r"|immer|noch|schon|jetzt|da|hier|leer|gesperrt|geändert|vergessen|gültig|das|die|der|ein|eine"
    r"|faux|incorrecte?|invalide|expirée?|erroné|refusée?|trop|pas|oublié|bon|correcte?|obligatoire"
    r"|incorrect[oa]|inválid[oa]|caducad[oa]|errad[oa]|errat[ao]|non|no|não|nie|niet|verkeerd|onjuist"
    r"|ongeldig|sbagliat[ao]|scadut[ao]|expirad[oa]|nieprawidłowe|błędne|złe|неверный|неправильный|не"
    r"|fel|forkert|feil|väärä"
)
_SAID = CuedPattern(
    r"\w*passw(?:or[dt])|passphrase|passcode|pw|pwd|\w*kennwort|code\s?word"
    r"|(?:memorable|security|secret)\s+(?:word|answer)|mot\s+de\s+passe|mdp|contraseña|clave|senha"
    r"|wachtwoord|hasło|пароль|lösenord|adgangskode|passord|salasana|şifre\w*|heslo|jelszó|geslo"
    r"|lozinka|κωδικός",
    r"(?:\s+(?:is|was|ist|lautet|war|est|es|era|è|é|to|jest|on|er|är|which\s+is)(?:\s+(?:still|noch"
    r"|simply|just))?\s*:?"
    rf"|\s?[:=])\s+[\"'„“«]?(?!(?:{_NOT_A_SECRET})(?!\p{{L}}))(\p{{L}}{{4,30}})[\"'“”»]?"
    r"(?=[.,;!)\n]|$|\s(?:and|und|et|y|e|but|aber|mais|pero|ma|mas|i|ale|en|maar|or)\s)(?<!(?:ed|ing"
    r"|able|ible|bar|lich|ieren)[\"'“”»]?)",
    flags=_I,
)


_CALLED = LatePattern(
    r"(?<!\p{L})(?i:\w*(?:kundenkenn|kundenpass|telefon-?kenn|service-?kenn)wort|losungswort|codewort|(?:wi-?fi|wlan)"
    r"\s+password|(?:memorable|code|magic|safe)\s+word|passphrase|senha\s+d[oae]\s+wi-?fi|mot\s+de\s+passe\s+wifi"
    r"|contraseña\s+del\s+wifi)\s+[\"'„“«]?"
    rf"(?!(?i:{_NOT_A_SECRET}|fields?|polic\w+|prompt|length|box|page|manager|strength|generator|change|rules?|for|of|on|from|to|has|had|does|did|can|will|and|or|für|und|hat|wird|kann|por|para|que)"
    r"(?!\p{L}))(\p{L}{4,30})(?!\p{L})"
)
"""A word that stands directly after the name of a secret that people say aloud."""


def said_words(text: str) -> Iterator[PersonalValue]:
    """Yield passwords that are a plain word, after "password is" and at the end of a clause.

    >>> from responders.privacy.span import texts_of
    >>> texts_of("my password is sunflower.", said_words("my password is sunflower."))
    ['sunflower']
    >>> list(said_words("The password is incorrect. Password: required."))
    []
    """
    for match in (*_SAID.finditer(text), *_CALLED.finditer(text)):
        yield PersonalValue.at(match.span(1), "TOKEN")
