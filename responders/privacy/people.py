"""Numbers and dates of a person: phones, numbers at authorities, accounts and dates of birth."""

from collections.abc import Callable, Iterator
from typing import Final

import regex
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.it import codicefiscale

from responders.late_pattern import LatePattern
from responders.privacy.cued import CuedPattern
from responders.privacy.span import PersonalValue

_I: Final = regex.IGNORECASE

_PHONE_WORDS: Final = (
    r"ph|mob|cel|hp|t|m|dial|callback|call\s?back|landline|hotline|contacto|contatto|contatti|kontakt"
    r"|tlf|puh|tlm|telm|téléphone|telefoon|telefono|telefoni?|telefonnummer|telefonszám|handynummer"
    r"|mobilnummer|whatsapp|viber|telegram|wechat|zalo|line\s+me"
    r"|ligue[m]?|liguem-me|chiami(?:no)?|chiamami|richiamat\w+|appel(?:ez|er|é)|rappel\w+|joignable"
    r"|anruf\w*|telefonisch|zurückruf\w*|ruf(?:en)?(?:\s+sie)?|bel(?:len|t)?|terugbel\w*|dzwoni\w+"
    r"|oddzwo\w+|ring(?:a|er)?|soita\w*|volat|zavolej\w*|hívj\w+|sună|sunați|sđt|điện\s+thoại|मोबाइल"
    r"|फ़ोन|फोन|tel(?:epon)?|nomor|no\.?\s?hp"
    r"|τηλ\w*|κινητό|cep(?:\s+tel\w*)?|arayın|تليفون|جوال|موبايل|טלפון|נייד|携帯(?:電話)?|핸드폰|休대폰|联系(?:电话"
    r"|方式)|text\s+me|sms|port(?:ing)?|number\s+(?:is|to\s+call)|my\s+(?:new\s+|old\s+)?(?:number|cell"
    r"|mobile|line)|(?:his|her|their|driver's|office)\s+(?:number|line|cell|mobile)"
    r"|phone|tel(?:efon|ephone|éfono|efono|efone|éfon)?|mobile?|mobil|mobiel|cell(?:phone)?|call(?:s|ed)?"
    r"|ring|text"
    r"|reach|fax|whats\s?app|handy|rückruf|rueckruf|rufnummer\w*|erreichbar|anrufen|bel|joindre|appele[rz]"
    r"|portable|móvil|movil|llám\w+|llamar|fijo|chiamat\w+|cellulare|numero|número|numer|nummer"
    r"|number(?:\s+is)?"
    r"|ligar|telemóvel|celular|zadzwo\w+|puhelin|звони\w*|номер|телефон|тел|gsm|voice|alternate|contact"
    r"|durchwahl"
    r"|festnetz|sms|signal|电话|手机号?|座机|電話|연락처|전화|هاتف\w*|ফোন|ring\s+me\s+back(?:\s+\S+)?|recharge|sim"
)
_NO_PHONE_WORDS: Final = (
    r"part|parts|art|article|artikel|order|ord|ticket|ref|réf|reference|serial|invoice|tracking|shipment"
    r"|sendung"
    r"|paket|parcel|page|awb|model|modell|ean|item|bestell\w*|bestelling|commande|pedido|przesyłki|zamówienie"
    r"|container|booking|заказ|order\w*|номер\s+заказа|ordine|sku|upc|isbn|version|build|row|line|lines"
    r"|index|meter"
    r"|zählerstand|lectura|stand|receipt|form|spare|drill|lot|claim|case|policy|protocolo|run|job|id|hash"
)
_PHONE_FORMS: Final = (
    r"{B}(?:\+[1-9]\d{0,2}|00[1-9]\d{0,2}[ ./-])(?:[ ./-]?\(?\d{1,5}\)?){2,7}{A}",
    r"{B}(?:\(\d{2,5}\)[ ]?|0\d{1,4}[ /-])\d{2,4}(?:[ -]?\d{2,5}){1,4}{A}",
    r"{B}(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}{A}",
    r"{B}0[67]\d{8}{A}",
    r"{B}07\d{9}{A}",
    r"{B}01[567]\d{8,10}{A}",
    r"{B}0[1-9]\d{8}{A}",
    r"{B}1[3-9]\d{9}{A}",
    r"{B}0\d(?: \d{2}){4}{A}",
    r"{B}8 ?\(?9\d{2}\)? ?\d{3}-?\d{2}-?\d{2}{A}",
    r"{B}\+\d{8,15}{A}",
    r"{B}0\d{2,4}[ /-]?\d{2,4}(?:[ -]?\d{2,4}){1,3}{A}",
    r"{B}[679]\d{2} \d{3} \d{3}{A}",
    r"{B}\d{5} \d{5}{A}",
    r"{B}1[- ]8(?:00|88|77|66|55|44|33)[- ][\dA-Z-]{7,10}{A}",
    r"{B}0[67]-\d{8}{A}",
    r"{B}(?:0\d{9,10}|\+?\d{2,3}-\d{4,5}-\d{4,5}|0\d{4}-\d{6}){A}",
)
_PHONE = LatePattern(
    "|".join(_PHONE_FORMS)
    .replace("{B}", r"(?<![A-Za-z\d.:/-])")
    .replace("{A}", r"(?![A-Za-z\d]|-[A-Za-z\d])")
)
_PHONE_AFTER_WORD = CuedPattern(
    _PHONE_WORDS,
    r"(?![\p{L}])[^\d\n+(]{0,22}"
    r"((?:\+|\()?\d[\d ()/.-]{5,20}\d)(?![A-Za-z\d]|-[A-Za-z\d])",
    before=r"(?<!\p{L})",
    flags=_I,
)
_NO_PHONE_BEFORE = LatePattern(
    rf"(?<![\p{{L}}])(?:{_NO_PHONE_WORDS})(?![\p{{L}}])(?:[^\d\n]{{0,14}}|[^.\n]{{0,60}}\b(?:older|newer|or"
    rf"|and|vs|versus|said)\s(?:\p{{L}}+\s){{0,2}})$",
    _I,
)

_ID_WORDS: Final = (
    r"(?-i:SIN|TIN|EIN|TFN|UTR|FIN|HIC|RUN|NIS|PIS|RG|NIP|RČ|EGN|OIB|HETU|NIK|KTP|CNI|NISS|RFC|NSS|RUC"
    r"|CNH|EHIC)|"
    r"social\s+insurance(?:\s+(?:no|number))?|tax\s+(?:file\s+)?(?:no|number|id|code|reference)"
    r"|ird(?:\s+number)?|pps(?:n)?|nric|hkid|national\s+(?:identity|registration)(?:\s+(?:no|number"
    r"|card))?"
    r"|identity\s+(?:no|number|document)|id\s*(?:no|number|card|document)\.?|passport\s*(?:no|nr|number"
    r"|\#)?\.?|visa\s+(?:no|number)|residence\s+permit|green\s+card|alien\s+number|uscis\s+number"
    r"|license\s+(?:no|number)|driver['’]?s?\s+licen[cs]e|driving\s+licence|dl\s*(?:no|number|\#)"
    r"|voter\s+id|medicaid(?:\s+id)?|medicare(?:\s+(?:no|number))?|health\s+(?:card|insurance"
    r"|number)(?:\s+(?:no|number))?|nhs(?:\s+(?:no|number))?|chi\s+number|ehic"
    r"|\w*(?:sozialversicherungs|rentenversicherungs|krankenversicherungs|krankenversicherten"
    r"|versicherten|steueridentifikations|steuer|ausweis|pass|reisepass|personalausweis|führerschein|sv"
    r"|ahv|rv|kv|id)-?(?:nummer|nr|id)\.?|svnr\.?|ahv(?:-?nr\.?)?|steuer-?id(?:-?nr\.?)?|idnr\.?|tin"
    r"|num[eé]ro\s+(?:de\s+)?(?:sécu(?:rité\s+sociale)?|passeport|fiscal|national|permis|insee"
    r"|carte\s+d['’]identité|registre\s+national)|carte\s+(?:vitale|d['’]identité)|registre\s+national"
    r"|permis(?:\s+de\s+conduire)?|nir|nif|niss"
    r"|seguridad\s+social|n[úu]mero\s+(?:de\s+)?(?:dni|pasaporte|identificación|seguridad\s+social"
    r"|utente)|c[ée]dula|cuil|cuit|carn[ée]t|cartão\s+(?:de\s+)?cidadão|bilhete\s+de\s+identidade"
    r"|contribuinte|tarjeta\s+sanitaria"
    r"|carta\s+d['’]identità|tessera\s+sanitaria|patente|cod\.?\s?fisc\.?|paspoort(?:nummer)?"
    r"|rijbewijs(?:nummer)?|rijksregister(?:nummer)?|id-?kaart|dow[oó]d(?:u)?(?:\s+osobist\w+)?"
    r"|paszport\w*|prawo\s+jazdy|rodné\s+číslo|občansk\w+(?:\s+průkaz\w*)?|adószám|adóazonosító"
    r"|taj(?:\s+szám)?"
    r"|személyi(?:\s+\w+)?|егн|jmbg|emšo|amka|αμκα|αφμ|asmens\s+kodas|isikukood|personas\s+kods"
    r"|kennitala|personnr\.?|person-?nummer|fnr\.?|fødselsnr\.?|cpr(?:-?(?:nr|nummer))?\.?|passnummer"
    r"|t\.?c\.?(?:\s+(?:kimlik|no))?|kimlik(?:\s+(?:no|numarası))?|pasaport\w*"
    r"|серия(?:\s+и\s+номер)?|рнокпп|护照(?:号)?|旅券番号|여권번호|no\.?\s?ktp|cccd|cmnd|आधार|তথ্য|رقم\s+الهوية"
    r"|الرقم\s+القومي|جواز|תעודת\s+זהות"
    r"|ssn|social\s+security(?:\s+(?:no|number|nr))?|national\s+(?:insurance|id)|ni\s+number|nino"
    r"|d\.?n\.?i\.?|nie|nif"
    r"|c\.?p\.?f\.?|cnpj|pesel|bsn|burgerservicenummer|steuer-?(?:id|nummer|identifikationsnummer)\w*"
    r"|id-?nr\.?"
    r"|identifikationsnummer|sozialversicherungsnummer|nir|insee|sécu(?:rité\s+sociale)?|codice\s+fiscale"
    r"|c\.?f\."
    r"|aadhaar|aadhar|pan(?:\s+card)?|personnummer|fødselsnummer|cpr|henkilötunnus|cnp|rut|curp"
    r"|passport(?:\s+no)?"
    r"|reisepass|passeport|pasaporte|passaporto|passaporte|personalausweis\w*|ausweis\w*|driver'?s?\s+licen[cs]e"
    r"|driving\s+licen[cs]e|führerschein\w*|id\s+card|identity\s+card|tax\s+(?:id|number)|itin|снилс|инн"
    r"|паспорт"
    r"|身份证(?:号码?)?|주민등록번호|マイナンバー|tc\s+kimlik(?:\s+no)?|nhs\s+(?:no|number)|medicare|w-2(?:\s+shows)?"
)
_ID = CuedPattern(
    _ID_WORDS,
    r"(?![\p{L}\d])[^\d\n]{0,40}?"
    r"(?<![\p{L}\d])((?:[A-Z]{1,6}|[a-z]{2}(?=[ ]?\d{2} \d))?[- ]?\d[A-Z\d]*"
    r"(?:[ ./-]?(?:\d[A-Z\d]*|[A-Z]{1,3}\d*|[a-d]))*)(?![\p{L}\d])",
)
_MIN_ID_DIGITS: Final = 6
"""A shorter number after the word is a year, a code or a count."""
_US_NUMBER = LatePattern(r"(?<![\w-])(?!000|666)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_UK_NUMBER = LatePattern(r"(?<!\w)(?!GB|NK|TN|ZZ)[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)", _I)
_PAN = LatePattern(r"(?<!\w)[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z](?!\w)")
_SPANISH = LatePattern(r"(?<!\w)[XYZ\d]\d{7}-?[A-Z](?!\w)")
_FRENCH = LatePattern(r"(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3} ?\d{2}(?!\d)")
_ITALIAN = LatePattern(r"(?<!\w)[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?!\w)")

_ACCOUNT_WORDS: Final = (
    r"acct?\.?(?:\s?(?:no|nr|number|\#))?|checking|savings|current\s+account|giro\w*|kto\.?(?:-?nr\.?)?"
    r"|aba|transit(?:\s+(?:no|number))?|institution\s+number|ifsc|swift|bic"
    r"|(?:customer|client|contract|policy|membership|member|subscriber|insurance|loyalty|account"
    r"|utility|supply|patient|mortgage|loan|credit|plan|tenant|frequent\s+flyer|card\s?holder|payer"
    r"|supplier|vendor)"
    r"\s*(?:no|nr|number|num|id|ref|reference|code|\#|account)\.?(?:\s+(?:is|was|with\s+you|ends))?"
    r"|policy(?:\s+is)?|contract|vertrag|contrat"
    r"|\w*(?:kunden|vertrags|versicherungs|policen|mitglieds|konto|depot|abo|teilnehmer|debitoren"
    r"|verbrauchsstellen|darlehens)-?(?:konto)?-?(?:nummer|nr|id|kennung)\.?|kd\.?-?nr\.?"
    r"|vers\.?-?nr\.?|police|depot|bankleitzahl"
    r"|(?:num[eé]ro|n[°ºo]\.?|réf(?:érence)?\.?|référence)\s*(?:de\s+|d['’]|du\s+)?(?:client[e]?|compte"
    r"|contrat|adhérent|abonné|police|assuré|sociétaire|dossier\s+client)|contrat\s+n[°ºo]\.?"
    r"|client\s+n[°ºo]\.?|code\s+client|compte\s+n[°ºo]\.?|rib"
    r"|(?:n[úu]m(?:ero|\.)?|n[.ºo°]\.?)\s*(?:de\s+|d[ao]\s+)?(?:client[ea]?|cuenta|contrato|póliza"
    r"|socio|abonado|conta|apólice|assinante|utente|afiliado)|póliza|apólice|contrato|nº\s+de\s+cliente"
    r"|(?:numero|n\.|cod(?:ice|\.)?)\s*(?:di\s+|del\s+)?(?:cliente|conto|contratto|polizza|utenza|socio"
    r"|tessera|utente)|polizza|conto(?:\s+corrente)?|utenza|pod|pdr"
    r"|(?:klant|contract|polis|rekening|lid|relatie|lidmaatschaps)-?\s?(?:nummer|nr)\.?|polis|(?:numer"
    r"|nr)\.?\s*(?:klienta|konta|rachunku|umowy|polisy|abonenta|płatnika)|konto|klientnr"
    r"|(?:номер|№)\s*(?:сч[её]та|договора|клиента|полиса|лицевого\s+сч[её]та)|лицевой\s+сч[её]т"
    r"|kund(?:e)?n(?:umme)?r\.?|kontonr\.?|avtalsnr\.?|asiakasnumero|müşteri\s+(?:no|numarası)"
    r"|hesap(?:\s+numarası)?|číslo\s+(?:účtu|klienta|zákazníka|smlouvy)|účet"
    r"|ügyfélszám|számlaszám|cod(?:ul)?\s+client|număr\s+client|αριθμός\s+(?:πελάτη|λογαριασμού)|客户号"
    r"|银行账号|会員番号|お客様番号|고객번호|nomor\s+rekening|no\.?\s*rek(?:ening)?|số\s+tài\s+khoản"
    r"|account(?:\s+(?:no|nr|number|is))?|acct?(?:\s+no)?|a/c|konto(?:nummer|nr)?|vertragskonto|kundennummer"
    r"|kunden-?nr|vertragsnummer|blz|sort\s+code|routing(?:\s+(?:no|number))?|bsb|cbu|clabe"
    r"|conta(?:\s+poupança)?"
    r"|cuenta|compte(?:\s+(?:client|n°))?|numéro\s+(?:de\s+)?(?:client|compte|contrat)|n°\s+(?:de\s+)?client"
    r"|customer\s+(?:no|number|account|id)|client\s+(?:no|number)|contract\s+(?:no|number|account)"
    r"|policy\s+(?:no|number)|membership\s+(?:no|number)|número\s+de\s+(?:cliente|cuenta|conta|contrato)"
    r"|numero\s+(?:cliente|conto|contratto)|codice\s+cliente|klantnummer|rekeningnummer|rekening|kontonummer"
    r"|kundnummer|kundenummer|numer\s+(?:klienta|konta|rachunku|umowy)|rachun\w+|рачун|сч[её]т\w*|договор"
    r"|akaun|tilinumero|hesap(?:\s+no)?|计좌|계좌번호|账号|口座番号|একাউন্ট|حساب|agência"
)
_ACCOUNT = CuedPattern(
    _ACCOUNT_WORDS,
    r"(?![\p{L}\d])[^\d\n,;?!]{0,24}?"
    r"(?<![\p{L}\d])((?:[A-Z]{1,4}[ /-]?){0,3}\d[\d]*(?:[A-Z]{1,2}\d+)?(?:[ ./-]{1}\d+"
    r"|, \d{3} \d{3} \d{3}-\d){0,6}(?:-[A-Z]|[A-Z]{1,2})?)(?![\p{L}\d])",
    flags=_I,
)
_MIN_ACCOUNT_DIGITS: Final = 6
"""A shorter number after "account" is a count, a code or a year."""

_MONTH: Final = r"\p{L}{3,12}\.?"
_DATE: Final = (
    r"\d{4}[./] ?\d{1,2}[./] ?\d{1,2}\.|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s(?:(?:de|of)\s)?{_MONTH},?\s(?:(?:de|del)\s)?\d{{2,4}}"
    rf"|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}|\d{{4}}\s?[年년]\s?\d{{1,2}}\s?[月월]\s?\d{{1,2}}\s?[日일]"
    rf"|\d{{6}}|\d{{8}}"
)
_BIRTH_WORDS: Final = (
    r"birthdays?|birthdate|b-?day|birth|year\s+of\s+birth|b\.(?=\s\d)|\*(?=\s?\d)|geburtstag|geburts\w*"
    r"|gebdat\.?|geb-?datum|naissance|anniversaire|cumpleaños|nacimiento|f\.?\s?nac\.?|fecha\s+de\s+nac\.?|compleanno"
    r"|nascita|aniversário|nascimento|verjaardag|geb\.?\s?datum|geboorte\w*"
    r"|urodz\w*|ur\.|dr\.(?=\s\d)|födelse\w*|fødsels\w*|fødd|syntymä\w*|narozen\w*|datum\s+rođenja"
    r"|rođen[a]?|rojen[a]?|szül\w*|gimimo|sündi\w*|dzimis|dată\s+naștere|nașter\w+|doğum\w*|γέννησ\w*"
    r"|γεννηθ\w*|рожд\w*|народ\w*|lahir|tanggal\s+lahir|ngày\s+sinh|sinh|জন্ম\w*|जन्म\w*|الميلاد"
    r"|נולד\w*"
    r"|born(?:\s+on)?|d\.?o\.?b\.?|dates?\s+of\s+birth|birth\s?(?:date|day)|geb\.?|geboren(?:\s+am)?"
    r"|geburtsdatum"
    r"|née?(?:\s+le)?|date\s+de\s+naissance|nacid[oa](?:\s+el)?|nací(?:\s+el)?|fecha\s+de\s+nacimiento"
    r"|nat[oa](?:\s+il)?"
    r"|data\s+di\s+nascita|nascid[oa](?:\s+em)?|nasci(?:\s+em)?|data\s+de\s+nascimento|urodzon[yae]\w*|ur\."
    r"|data\s+urodzenia|född|fødselsdato|født|geboortedatum|doğum\s+tarih\w*|syntynyt|narozen[aáý]?|született"
    r"|дата\s+рождения|родил\w+|г\.\s?р\.|生年月日|出生日期|생년월일|γεννήθηκ\w*|data\s+nașterii|născut[ăa]?"
)
_BIRTHDATE = CuedPattern(
    _BIRTH_WORDS,
    rf"(?![\p{{L}}]).{{0,45}}?(?<![A-Za-z\d./-])({_DATE})"
    rf"(?![A-Za-z\d/-]|\.\d)",
    before=r"(?<!\p{L})",
    flags=_I,
)


_WHOLE_DATE: Final = (
    r"\d{4}[./] ?\d{1,2}[./] ?\d{1,2}\.|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-] ?\d{1,2}[./-] ?\d{4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s(?:(?:de|of)\s)?{_MONTH},?\s(?:(?:de|del)\s)?\d{{4}}"
    rf"|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}"
)
_IN_BRACKETS = LatePattern(
    r"(?<=\p{Lu}\p{Ll}[\p{L}'’-]{0,20}\s)\((?:\*\s?)?((?:19|20)\d\d-\d\d-\d\d"
    r"|\d{1,2}[./-]\d{1,2}[./-](?:19\d\d|20[01]\d))(?=[,);])"
)
"""A date in brackets after a name, as in "Ada (14.05.2017)"."""
_BIRTH_BEHIND = LatePattern(
    rf"(?<![A-Za-z\d./-])({_WHOLE_DATE})(?![A-Za-z\d/-]).{{0,25}}?(?<!\p{{L}})(?:is|was|'s|as|=|ist|war"
    rf"|est|es|è|é|jest)?\s?(?:my|his|her|their|our|the|mein|ihr|sein|ma|mi|mia|a\s+minha)?\s?"
    rf"(?:real\s+|right\s+|correct\s+)?(?:birthday|birth\s?date|date\s+of\s+birth|d\.?o\.?b\.?"
    rf"|geburtstag|geburtsdatum|date\s+de\s+naissance|fecha\s+de\s+nacimiento|data\s+di\s+nascita"
    rf"|data\s+de\s+nascimento|geboortedatum|data\s+urodzenia)",
    _I,
)
_SENTENCE_OF_BIRTH = LatePattern(
    r"(?<!\p{L})(?:born|d\.?o\.?b\.?|date\s+of\s+birth|birthday|geburtsdatum|geboren|née?s?|nacid[oa]s?|nat[oi]|birthdays"
    r"|dates\s+of\s+birth)(?!\p{L})(?:[^.!?\n]|\.(?=\d))*",
    _I,
)
_ANOTHER_DATE = LatePattern(
    rf"(?:,|\bshould|\bsondern|\band|\bund|\bet|\by|\be)\s(?:\p{{L}}+\s){{0,3}}?(?:on\s|am\s|le\s|el\s|il\s"
    rf"|\()?({_WHOLE_DATE})(?![A-Za-z\d/-])",
    _I,
)
"""Another date of birth in one sentence, as in "born on 6 June 1949, I on 19 May 1952"."""


def phones(text: str) -> Iterator[PersonalValue]:
    """Yield phone numbers: with a country code, in a usual national form, or after a word such as "call".

    A number after a word such as "order" or "part" is none.

    >>> from responders.privacy.span import texts_of, without_overlaps
    >>> text = "call 9000012345, order 0800-555-2210"
    >>> texts_of(text, without_overlaps(phones(text)))
    ['9000012345']
    """
    for match in _PHONE.finditer(text):
        if _is_phone(match.group()) and not _NO_PHONE_BEFORE.search(
            text, max(0, match.start() - 80), match.start()
        ):
            yield PersonalValue(match.start(), _with_extension(text, match.end()), "PHONE")
    for match in _PHONE_AFTER_WORD.finditer(text):
        if _is_phone(match.group(1)) and not _NO_PHONE_BEFORE.search(text, match.start(), match.start(1)):
            yield PersonalValue(match.start(1), _with_extension(text, match.end(1)), "PHONE")


_EXTENSION = LatePattern(
    r",?\s?(?:ext(?:ension|\.)?|x|dw|durchwahl|poste|int\.?|anexo|ramal|wew\.|доб\.)\s?\d{1,6}(?![\w/]|-\d)",
    _I,
)


def _with_extension(text: str, end: int) -> int:
    """Return the end of a phone number; an extension may follow."""
    match = _EXTENSION.match(text, end)
    return match.end() if match else end


def _is_phone(value: str) -> bool:
    return 7 <= sum(char.isdigit() for char in value) <= 15 and not _WHOLE.fullmatch(value)


_WHOLE = LatePattern(_DATE)
_LONG_NUMBER = LatePattern(r"\d(?:[A-Za-z ./-]{0,3}\d){5}")


def registered_numbers(text: str) -> Iterator[PersonalValue]:
    """Yield numbers of people at authorities (kind ID), and numbers of accounts (kind ACCOUNT).

    A number in a form that only such numbers have is found everywhere, every other after the word that
    introduces it.
    """
    for pattern, is_valid in _NUMBERS_WITH_A_FORM:
        for match in pattern.finditer(text):
            if is_valid(match.group()):
                yield PersonalValue.at(match.span(), "ID")
    if not _LONG_NUMBER.search(text):
        return
    for match in _ID.finditer(text):
        if sum(char.isdigit() for char in match.group(1)) >= _MIN_ID_DIGITS:
            yield PersonalValue.at(match.span(1), "ID")
    for match in _ACCOUNT.finditer(text, overlapped=True):
        if sum(char.isdigit() for char in match.group(1)) >= _MIN_ACCOUNT_DIGITS:
            yield PersonalValue.at(match.span(1), "ACCOUNT")


def birthdates(text: str) -> Iterator[PersonalValue]:
    """Yield dates that are said to be of birth.

    >>> from responders.privacy.span import texts_of, without_overlaps
    >>> text = "born 4/7/2006, due 4/7/2026"
    >>> texts_of(text, birthdates(text))
    ['4/7/2006']
    """
    for match in _BIRTHDATE.finditer(text):
        yield PersonalValue.at(match.span(1), "BIRTHDATE")
    for match in (*_IN_BRACKETS.finditer(text), *_BIRTH_BEHIND.finditer(text)):
        yield PersonalValue.at(match.span(1), "BIRTHDATE")
    for sentence in _SENTENCE_OF_BIRTH.finditer(text):
        for match in _ANOTHER_DATE.finditer(text, sentence.start(), sentence.end()):
            if not _DUE.search(text, match.start(), match.start(1)):
                yield PersonalValue.at(match.span(1), "BIRTHDATE")


_DUE = LatePattern(
    r"\b(?:due|since|from|until|by|valid|expires?|order\w*|ab|seit|bis|fällig|depuis|jusqu|desde|hasta"
    r"|dal|fino)\b",
    _I,
)
"""Words before a date that is none of birth."""


def _always(_: str) -> bool:
    return True


def _is_spanish(value: str) -> bool:
    return bool(nie.is_valid(value) if value[0] in "XYZ" else dni.is_valid(value))


_NUMBERS_WITH_A_FORM: Final[tuple[tuple[LatePattern, Callable[[str], bool]], ...]] = (
    (_US_NUMBER, _always),
    (_UK_NUMBER, _always),
    (_PAN, _always),
    (_FRENCH, nir.is_valid),
    (_SPANISH, _is_spanish),
    (_ITALIAN, codicefiscale.is_valid),
)
