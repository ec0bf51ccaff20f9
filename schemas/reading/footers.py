"""Lines that programs and companies add: device lines, disclaimers, ticket and form lines.

Each function takes the lines of one unquoted stretch and returns the numbers of the lines that it recognises.
"""

import re
from collections.abc import Sequence
from typing import Final

from schemas.reading.lines import MAX_RULE_CHARACTERS, Line, matches
from schemas.reading.voice import says_something, speaks_of_the_writer

_FEW_KEYWORDS: Final = 2

_DEVICE: Final = (
    r"iphone|ipad|ipod|ios|android|samsung|galaxy|huawei|xiaomi|redmi|pixel|nokia|oneplus|motorola"
    r"|blackberry"
    r"|mobile|phone|handy|smartphone|mobil\w{0,8}|móvil|celular|telem[óo]vel|cellulare|telefon\w{0,4}"
    r"|telefoon|tablet"
    r"|outlook|mail|yahoo\w{0,12}|gmail|proton\w{0,12}|windows|thunderbird|aqua|spark|k-9|fairemail"
    r"|bluemail"
    r"|gmx|web\.de|t-online|freenet|aol|zoho|tuta\w{0,4}|fastmail|airmail|hey|superhuman|correo|courriel"
)
_SENT_FROM: Final = re.compile(
    r"\s{0,8}[*_(\[]{0,2}(?:sent (?:from|via|with|by|using)(?! (?:our|your|their|his|her|this)\b)"
    r"|(?:diese (?:nachricht|e-?mail"
    r"|mail) wurde )?von (?:mein\w{0,2}|unterwegs)"
    r"|(?:diese (?:nachricht|e-?mail|mail) wurde )?(?:gesendet|verschickt|versendet|geschickt) (?:mit"
    r"|von|über|via|aus)"
    r"|diese (?:nachricht|e-?mail|mail) wurde von"
    r"|envoyé (?:de|depuis|à partir|par|avec|via)|enviado (?:desde|de|do|da|a partir|con|com|via|pelo|por)"
    r"|enviada (?:do|da|a partir|desde|pelo)|inviato (?:da|dal|con|tramite)|verzonden (?:vanaf|vanuit"
    r"|met|via|van)"
    r"|verstuurd (?:vanaf|vanuit|met|via|van)|wysłan[eoay] (?:z|ze|za pomocą|przy|przez)|skickat från"
    r"|skickades från"
    r"|sendt (?:fra|med)|odesláno (?:z|ze|pomocí)|lähetetty|отправлено (?:с|из|от)"
    r")"
    rf"(?:\s+\S{{1,25}}){{0,5}}?[\s\W]{{1,3}}(?:{_DEVICE})\b(?:\S{{0,40}}(?:\s+\S{{1,60}}){{0,7}}"
    r"|.{0,160}(?:excuse|typo|brevity|kürze|tippfehler|fautes|brièveté|errores|erros"
    r"|errori).{0,60})\s{0,8}$",
    re.IGNORECASE,
)
_BARE_DEVICE: Final = re.compile(
    r"\s{0,8}(?:(?:get|download|hol(?:en sie|e dir)?|télécharge[zr]|obtener|obtenga|obter|obtenha"
    r"|baixar|scarica|ottieni|pobierz"
    r"|hämta|hent|hanki|stáhnout) (?:the |new |l'app |la app )?(?:outlook|yahoo mail|bluemail|gmx"
    r"|aol)\b\S{0,100}(?:\s{1,3}\S{1,100}){0,4}|"
    r"outlook (?:für|voor|para|per|pour|för|til|dla) (?:ios|android)"
    r" (?:herunterladen|beziehen|downloaden|ophalen|laden)(?:\s?<.{1,80}>)?|"
    r"von meinem .{1,40} gesendet|(?:iphone|ipad|handy)(?:から送信|発送信)|发自我的 ?\w{1,20}"
    r"|outlook für (?:ios|android)(?: .{1,20})?|mobil gesendet.{0,60})[.!]?\s*$",
    re.IGNORECASE,
)
_UNSUBSCRIBE: Final = re.compile(
    r"\s{0,8}(?:(?:click here )?to unsubscribe\b.{0,200}|unsubscribe\b.{0,100}|(?:hier )?abmelden"
    r"|se désabonner.{0,60})\s*$",
    re.IGNORECASE,
)
_MAILER: Final = re.compile(
    r"\s{0,8}(?:you(?: are receiving|'re receiving| received) this (?:e-?mail|message) because.{0,300}"
    r"|view this e-?mail in your browser.{0,100}|\S{0,20}\s?(?:please )?(?:consider|think of"
    r"|think about) (?:the|our) environment.{0,160}"
    r"|bitte (?:denken|prüfen) sie .{0,40}(?:umwelt|ausdruck|drucken).{0,120}"
    r"|pensez à l'environnement.{0,120}"
    r"|antes de imprimir.{0,160}|prima di stampare.{0,160}|denk aan het milieu.{0,120}"
    r"|this (?:e-?mail|message) (?:has been|was) (?:checked|scanned).{0,120}|(?:virus-free|virenfrei"
    r"|sans virus|libre de virus)\b.{0,80}"
    r"|diese (?:e-?mail|nachricht) wurde (?:von .{1,40} )?auf viren (?:geprüft|überprüft).{0,80}"
    r"|(?:www\.|https?://(?:www\.)?)(?:avg|avast|norton|mcafee)\.com\S{0,60}"
    r"|\[(?:cid|image|bild|logo)\s?:[^\]]{0,200}\]|\[(?:\.{2,4}|…|snip|cut|gekürzt)\]|<snip>"
    r"|(?:classification|sensitivity|klassifizierung|klassifikation|vertraulichkeit)\s?:\s?\w.{0,30})\s*$",
    re.IGNORECASE,
)
_TICKET_LINE: Final = re.compile(
    r"\s{0,8}(?:(?:your )?(?:ticket|case|request|reference|ref|vorgang|anfrage|demande|caso|chamado"
    r"|richiesta)"
    r"(?: id| number| no\.?| nr\.?)?\s?[:#]\s?\S{0,12}\d\S{0,60}(?:\s+has been \w{1,20}\.?.{0,100})?"
    r"|(?:your request|ihre anfrage|votre demande) \(#?\w{1,20}\).{0,160}|\[?(?:ticket"
    r"|case) #\w{1,30}\]?|ref:\S{1,80}:ref)\s*$",
    re.IGNORECASE,
)
_DESK_LINE: Final = re.compile(
    r"\s{0,8}(?:priority|status|assignee|requester|category|channel|submitted (?:by|via)|group|type"
    r"|tags?|created(?: at| on)?"
    r"|priorität|bearbeiter|kategorie|priorité|statut|prioridad|estado|prioridade|priorità|stato"
    r"|prioriteit)\s?:\s?.{0,120}$",
    re.IGNORECASE,
)
_FORM_LINE: Final = re.compile(
    r"\s{0,8}[*_]{0,2}((?:full |first |last |your |company |contact |phone |e-?mail )?(?:name"
    r"|e-?mail(?: address)?|phone(?: number)?"
    r"|company|organi[sz]ation|address|number|topic|subject|department|country|website|role|job title"
    r"|reason|product)"
    r"|vorname|nachname|firma|telefon|thema|betreff|anliegen|land|nom|prénom|société|téléphone|sujet"
    r"|pays|nombre|empresa|teléfono"
    r"|asunto|país|nome|telefone|assunto|cognome|azienda|telefono|oggetto|naam|bedrijf|telefoon"
    r"|onderwerp|imię|firma|temat"
    r"|namn|företag|navn|virksomhed)[*_]{0,2}\s?:(?:\s|$).{0,200}$",
    re.IGNORECASE,
)
_FORM_MESSAGE: Final = re.compile(
    r"\s{0,8}[*_]{0,2}(?:(?:your )?(?:message|question|comment|comments|enquiry|inquiry|description"
    r"|details|request|body)"
    r"|(?:ihre )?(?:nachricht|frage|mitteilung|beschreibung)|(?:votre )?message|mensaje|consulta"
    r"|mensagem|messaggio|bericht|vraag"
    r"|wiadomość|treść|meddelande|besked|melding)[*_]{0,2}\s?:[*_]{0,2}\s*",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"\s*[_=*—–-]{5,200}\s*$")
_INVITE: Final = re.compile(
    r"\s{0,8}(?:microsoft teams(?: need help\?| meeting)|join (?:the|zoom|microsoft teams"
    r"|your) meeting\b(?: now)?"
    r"|.{1,60} is inviting you to a scheduled zoom meeting|join with google meet)[.:]?\s{0,8}$",
    re.IGNORECASE,
)
_COMPANY: Final = re.compile(
    r"\bregistered (?:in|office|number|company|address)|\bcompany (?:number|registration|no)"
    r"|sitz der gesellschaft"
    r"|amtsgericht|handelsregister|\bhr[ab] ?\d|geschäftsführ\w{1,4}:|ust-?id|siège social|\brcs\b"
    r"|\bsiret\b"
    r"|registro mercantil|\bp\.? ?iva\b|\bkvk\b|\bc\.?i\.?f\b|capital social|vat (?:no|number|id)",
    re.IGNORECASE,
)
_LEGAL_HEADING: Final = re.compile(
    r"\s{0,8}\*{0,2}(?:confidentiality(?: notice| note| statement)?|disclaimer|legal notice"
    r"|important notice|privileged and confidential"
    r"|haftungsausschluss|vertraulichkeitshinweis|rechtlicher hinweis|avis de confidentialité"
    r"|clause de confidentialité|aviso legal"
    r"|aviso de confidencialidad|aviso de confidencialidade|avviso di riservatezza|nota di riservatezza"
    r"|avis important)\s?(?:[:.\-–]|\*{0,2}$)",
    re.IGNORECASE,
)
_LEGAL_SUBJECT: Final = re.compile(
    r"\b(?:this|the information (?:contained )?in this|the contents? of this) (?:e-?mail"
    r"|electronic mail|message|communication|transmission)\b"
    r"|\bdiese[rs]? (?:e-?mail|nachricht|mail|mitteilung)|\b(?:ce|cet|le présent) (?:message|courriel"
    r"|e-?mail|mail|courrier)"
    r"|\b(?:este|el presente) (?:mensaje|correo|e-?mail|mail)|\b(?:esta|a presente) (?:mensagem"
    r"|comunicação)|\beste e-?mail"
    r"|\b(?:questo|il presente) (?:messaggio|documento)|\b(?:questa|la presente) (?:e-?mail|mail"
    r"|comunicazione)"
    r"|\bdit (?:bericht|e-?mail\w{0,8}|mail\w{0,8})|\bdeze (?:e-?mail|mail)|\b(?:ta"
    r"|niniejsza) wiadomość|\bten e-?mail"
    r"|\bdetta (?:meddelande|e-?post\w{0,10}|mejl|mail)|\bdenne (?:e-?mail|e-?post|mail|meddelelse"
    r"|besked)|\btent?o e-?mail|\btato zpráva"
    r"|\btämä (?:sähköposti|viesti)|\bif you (?:are not the (?:intended|named)|have received this"
    r"|received this)"
    r"|\bwenn sie nicht der (?:richtige|beabsichtigte)",
    re.IGNORECASE,
)
_LEGAL_WORDS: Final = (
    r"confiden[tc]|privileg|intended|recipient|addressee|in error|unauthori[sz]ed|disclos|disseminat"
    r"|notify the sender|delete it"
    r"|attachments?\b|vertraulich|rechtlich geschützt|adressat|empfänger|irrtümlich|unbefugt|vernichte"
    r"|anhänge|destinataire|par erreur"
    r"|pièces? jointes?|non autorisé|destinatari|por error|adjuntos|bórrel|por engano|anexos|elimine"
    r"|riservat|per errore|allegati|cancell"
    r"|vertrouwelijk|geadresseerde|ten onrechte|bijlagen?\b|bestemd|poufn|adresat|omyłk|załącznik|usun"
    r"|konfidentiell|mottagare|av misstag"
    r"|fortrolig|modtager|ved en fejl|mottaker|důvěrn|adresát|omylem|luottamuksel|vastaanottaja"
)
_LEGAL_WORD: Final = re.compile(_LEGAL_WORDS, re.IGNORECASE)
_FIRST_PERSON: Final = re.compile(
    r"\b(?:we|our|i|my|please|wir|unser\w{0,2}|ich|bitte|nous|notre|nuestr\w{1,2}|noss\w{1,2}|nostr\w"
    r"|ons|onze)\b",
    re.I,
)
_MARKER: Final = re.compile(
    r"\s{0,8}(?:##+\s?-.{3,160}-\s?##+|[#\-_=~—–*]{2,20}\s?.{0,40}(?:reply|respond|type|write|antwort"
    r"|répon|respond|rispond|antwoord"
    r"|odpowied|svar|escrib|escrev|schreib).{0,80}(?:above|oberhalb|über dies|au-dessus|encima|acima"
    r"|sopra|boven|powyżej|ovanför"
    r"|over denne).{0,40}[#\-_=~—–*]{0,20}|(?:please )?(?:type your )?(?:reply|write"
    r"|respond) above this line[ .]?)\s*$",
    re.IGNORECASE,
)


def reply_marker(lines: Sequence[Line]) -> int | None:
    """Return the number of the line with a help desk's "reply above this line", or None."""
    for number, line in enumerate(lines):
        if not line.depth and matches(_MARKER, line):
            return number
    return None


def device_lines(lines: Sequence[Line]) -> set[int]:
    """Return the numbers of the lines that a mail program adds: "Sent from my ...", "Get Outlook for iOS"."""
    return {
        number
        for number, line in enumerate(lines)
        if matches(_SENT_FROM, line) or matches(_BARE_DEVICE, line)
        if not says_something(line.text)
    }


def mailing_lines(lines: Sequence[Line]) -> set[int]:
    """Return the numbers of the lines of a mailing's footer, and of the lines that name an image."""
    return {number for number, line in enumerate(lines) if matches(_MAILER, line) or _leads_out(line)}


def _leads_out(line: Line) -> bool:
    """Tell whether a line is a mailing's unsubscribe link, and not a customer who wants to leave."""
    return matches(_UNSUBSCRIBE, line) and not says_something(line.text)


def invite_lines(lines: Sequence[Line]) -> set[int]:
    """Return the numbers of the lines of a meeting's invitation at the end, with the rule above it."""
    for number, line in enumerate(lines):
        if number and matches(_INVITE, line):
            start = number - 1 if _RULE.match(lines[number - 1].text[:MAX_RULE_CHARACTERS]) else number
            return set(range(start, len(lines)))
    return set()


def form_lines(lines: Sequence[Line]) -> tuple[set[int], dict[int, str]]:
    r"""Return the numbers of the lines of a ticket or web form, and the messages next to their label.

    >>> from schemas.reading.lines import lines_of
    >>> form_lines(lines_of("Name: Lena\nE-mail: l@x.example\nMessage: It fails."))
    ({0, 1}, {2: 'It fails.'})
    """
    tickets = _ticket_lines(lines)
    top = [number for number, line in enumerate(lines[:40]) if not line.blank]
    found: set[int] = set()
    for number in top:
        if not (
            matches(_FORM_LINE, lines[number]) or matches(_DESK_LINE, lines[number]) or number in tickets
        ):
            break
        found.add(number)
    following = next((number for number in top if number not in found), None)
    if len(found) < 2 or following is None:
        return tickets, {}
    message = _FORM_MESSAGE.match(lines[following].text[:MAX_RULE_CHARACTERS])
    if message:
        return tickets | found, {following: lines[following].text[message.end() :]}
    ends = lines[following - 1].blank
    is_form = tickets & found or any("@" in lines[number].text for number in found)
    return (tickets | found if ends and is_form else tickets), {}


def _ticket_lines(lines: Sequence[Line]) -> set[int]:
    """Return the numbers of the lines that name a ticket, with the help desk's fields next to them."""
    found: set[int] = set()
    for number, line in enumerate(lines):
        if matches(_TICKET_LINE, line) or (number - 1 in found and matches(_DESK_LINE, line)):
            found.add(number)
    for number in sorted(found, reverse=True):
        above = number - 1
        while above >= 0 and above not in found and matches(_DESK_LINE, lines[above]):
            found.add(above)
            above -= 1
    return found


def legal_lines(lines: Sequence[Line]) -> set[int]:
    r"""Return the lines of disclaimers: single paragraphs before the first words, all lines after them.

    >>> from schemas.reading.lines import lines_of
    >>> sorted(legal_lines(lines_of("Disclaimer: ours\n\nIt fails.\n\nDisclaimer: ours\n\nRead it.")))
    [0, 4, 5, 6]
    """
    found: set[int] = set()
    below_words = False
    for start, end in _paragraphs(lines):
        paragraph = lines[start:end]
        if _is_legal(paragraph) or (below_words and _is_imprint(paragraph)):
            found.update(range(start, len(lines) if below_words else end))
            if below_words:
                break
        else:
            below_words = True
    return found


def _paragraphs(lines: Sequence[Line]) -> list[tuple[int, int]]:
    spans, start = [], None
    for number, line in enumerate(lines):
        if line.blank or _starts_notice(line):
            if start is not None:
                spans.append((start, number))
            start = None if line.blank else number
        elif start is None:
            start = number
    if start is not None:
        spans.append((start, len(lines)))
    return spans


def _starts_notice(line: Line) -> bool:
    head = line.text[:200]
    return _LEGAL_HEADING.match(head) is not None or _LEGAL_SUBJECT.match(head.lstrip(" *_")) is not None


def _is_imprint(paragraph: Sequence[Line]) -> bool:
    """Tell whether a paragraph is a company's imprint: two facts of its registration, and no "we"."""
    text = " ".join(line.text for line in paragraph[:6])[:MAX_RULE_CHARACTERS]
    facts = {match.group().lower() for match in _COMPANY.finditer(text)}
    return len(facts) >= _FEW_KEYWORDS and _FIRST_PERSON.search(text) is None and "?" not in text


def _is_legal(paragraph: Sequence[Line]) -> bool:
    text = " ".join(line.text for line in paragraph[:12])[:MAX_RULE_CHARACTERS]
    if _LEGAL_HEADING.match(text):
        return True
    found = {match.group().lower() for match in _LEGAL_WORD.finditer(text)}
    subject = _LEGAL_SUBJECT.search(text)
    is_own = "?" in text or speaks_of_the_writer(text)
    return subject is not None and len(found) >= _FEW_KEYWORDS and not is_own
