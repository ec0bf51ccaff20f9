"""The words that mail programs and people of many languages use for quotes, headers and signatures.

Collected from the mails of the named programs; lower case, without punctuation.
"""

from typing import Final

ATTRIBUTION_VERBS: Final = (
    "wrote",
    "writes",
    "schrieb",
    "a écrit",
    "a ecrit",
    "écrit",
    "escribió",
    "escribio",
    "escreveu",
    "ha scritto",
    "schreef",
    "geschreven",
    "napisał",
    "napisała",
    "napisał(a)",
    "napisal(a)",
    "pisze",
    "skrev",
    "skreiv",
    "napsal",
    "napsal(a)",
    "napsala",
    "napísal(a)",
    "kirjoitti",
    "написал",
    "написал(а)",
    "пишет",
    "писал(а)",
    "yazdı",
    "şunları yazdı",
    "írta",
    "a scris",
    "έγραψε",
    "a scrit",
    "va escriure",
    "のメール",
    "のメッセージ",
    "写道",
    "寫道",
    "작성",
)
"""The verb of "On ... wrote:"."""

ATTRIBUTION_STARTS: Final = frozenset(
    "on am le el em no il op w den dne dňa på la at den. fre. pe ons tor lør søn man tir the vào".split()
)
"""The first word of "On ... wrote:"; weak evidence without a date or an address."""

HEADER_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "from": (
        *("from", "von", "de", "da", "van", "od", "från", "fra", "lähettäjä", "от", "kimden", "feladó"),
        *("差出人", "送信者", "发件人", "보낸 사람", "από", "de la", "odesílatel", "expéditeur", "mittente"),
        *("absender", "remitente", "remetente", "afzender", "nadawca", "reply-to", "antwort an"),
    ),
    "sent": (
        *(
            "sent",
            "gesendet",
            "envoyé",
            "envoye",
            "enviado",
            "enviado el",
            "enviada",
            "enviada em",
            "enviado em",
        ),
        *("inviato", "verzonden", "wysłano", "wysłane", "skickat", "sendt", "odesláno", "lähetetty"),
        *("отправлено", "gönderme tarihi", "送信日時", "发送时间", "보낸 날짜", "trimis", "elküldve"),
    ),
    "date": (
        *("date", "datum", "fecha", "data", "dato", "datum/uhrzeit", "päiväys", "päivämäärä", "дата", "日付"),
        *("日期", "tarih", "dátum", "date de l'envoi", "fecha y hora"),
    ),
    "to": (
        *("to", "an", "à", "a", "para", "aan", "do", "till", "til", "komu", "vastaanottaja", "кому", "kime"),
        *(
            "宛先",
            "收件人",
            "받는 사람",
            "címzett",
            "pour",
            "destinataire",
            "destinatario",
            "empfänger",
            "către",
        ),
    ),
    "cc": (
        *("cc", "bcc", "kopie", "copie à", "copie", "kopia", "kopi", "kopio", "copia", "копия", "dw", "udw"),
        *("抄送", "ccn", "cci", "másolat", "copia para", "blindkopie", "com cópia"),
    ),
    "subject": (
        *(
            "subject",
            "betreff",
            "objet",
            "asunto",
            "assunto",
            "oggetto",
            "onderwerp",
            "temat",
            "ämne",
            "emne",
        ),
        *(
            "předmět",
            "aihe",
            "тема",
            "konu",
            "件名",
            "主题",
            "主旨",
            "제목",
            "tárgy",
            "subiect",
            "thema",
            "predmet",
        ),
    ),
    "other": ("importance", "wichtigkeit", "priority", "attachments", "anlagen", "importância", "reply to"),
}
"""The labels in a quoted header block, by the field that they name."""

REPLY_PREFIXES: Final = ("re", "aw", "sv", "odp", "antw", "vs", "r", "ref", "rif", "回复", "返信", "ynt")
FORWARD_PREFIXES: Final = ("fw", "fwd", "wg", "tr", "rv", "enc", "i", "vb", "doorst", "pd", "vl", "转发")
"""The mark before the colon in the subject of a reply or of a forwarded message."""

ORIGINAL_MESSAGE: Final = (
    *("original message", "ursprüngliche nachricht", "originalnachricht", "original-nachricht"),
    *(
        "message d'origine",
        "message original",
        "mail original",
        "message initial",
        "mensaje original",
        "mensagem original",
    ),
    *("messaggio originale", "oorspronkelijk bericht", "origineel bericht", "originele bericht"),
    *("wiadomość oryginalna", "oryginalna wiadomość", "ursprungligt meddelande", "originalmeddelande"),
    *("oprindelig meddelelse", "original meddelelse", "original besked", "opprinnelig melding"),
    *("původní zpráva", "pôvodná správa", "alkuperäinen viesti", "исходное сообщение", "元のメッセージ"),
    *("reply message", "reply below", "original email", "original mail"),
)
FORWARDED_MESSAGE: Final = (
    *("forwarded message", "forwarded by", "weitergeleitete nachricht", "weitergeleitet von"),
    *("message transféré", "message transmis", "mensaje reenviado", "mensagem encaminhada"),
    *("mensagem reencaminhada", "messaggio inoltrato", "doorgestuurd bericht", "wiadomość przekazana"),
    *("przekazana wiadomość", "treść przekazanej wiadomości", "vidarebefordrat meddelande"),
    *("videresendt meddelelse", "videresendt besked", "videresendt melding", "přeposlaná zpráva"),
    *(
        "välitetty viesti",
        "edelleenlähetetty viesti",
        "转发的邮件",
        "転送メッセージ",
        "пересылаемое сообщение",
    ),
)
"""The words between dashes above a quoted or forwarded message."""

FORWARD_OPENINGS: Final = (
    *("begin forwarded message", "anfang der weitergeleiteten nachricht", "début du message transféré"),
    *("inicio del mensaje reenviado", "início da mensagem encaminhada", "início da mensagem reencaminhada"),
    *("inizio messaggio inoltrato", "begin doorgestuurd bericht", "begin van doorgestuurd bericht"),
    *("początek przekazywanej wiadomości", "vidarebefordrat brev", "start på videresendt besked"),
    *("videresendt brev", "začátek přeposlané zprávy", "edelleenlähetetty viesti alkaa"),
)

FAREWELLS: Final = frozenset(
    """regards|best regards|kind regards|warm regards|kindest regards|warmest regards|best wishes|warm wishes
    |with best regards|with kind regards|with best wishes|many regards|rgds|brgds|br|kr|best
    |all the best|sincerely
    |yours sincerely|sincerely yours|yours faithfully|yours truly|yours|respectfully|respectfully yours
    |cordially
    |cheers|warmly|talk soon|take care|thanks and regards|thanks & regards|thanks and best regards
    |thanks and kind regards|thank you and best regards|thank you and kind regards|thank you and best wishes
    |many thanks and best wishes|many thanks and kind regards|many thanks and best regards
    |with thanks and regards
    |thank you and regards|with regards|best greetings|greetings
    |mit freundlichen grüßen|mit freundlichen grüssen|mit freundlichem gruß|mit freundlichem gruss
    |freundliche grüße|freundliche grüsse|freundlichen gruß|mit besten grüßen|beste grüße|beste grüsse
    |besten gruß|viele grüße|viele grüsse|vielen gruß|liebe grüße|liebe grüsse|lieben gruß|herzliche grüße
    |herzliche grüsse|schöne grüße|schöne grüsse|grüße|grüsse|gruß|gruss|mfg|lg|vg|bg|hochachtungsvoll
    |mit freundlichen grüßen aus berlin|vielen dank und viele grüße|vielen dank und freundliche grüße
    |danke und gruß|danke und viele grüße|danke und beste grüße|vielen dank und beste grüße|danke und lg
    |mit herzlichen grüßen|mit vielen grüßen|sonnige grüße|mit bestem gruß|viele liebe grüße
    |ganz liebe grüße
    |cordialement|bien cordialement|très cordialement|cdt|cdlt|bien à vous|bien à toi|amicalement
    |salutations
    |sincères salutations|salutations distinguées|meilleures salutations|cordiales salutations|sincèrement
    |respectueusement|mes salutations|merci et cordialement|merci cordialement|à bientôt|bonne réception
    |veuillez agréer mes salutations distinguées|avec mes meilleures salutations|bises
    |saludos|un saludo|saludos cordiales|un cordial saludo|cordiales saludos|atentamente|muy atentamente
    |cordialmente|un abrazo|abrazos|atte|reciba un cordial saludo|reciban un cordial saludo
    |gracias y saludos
    |muchas gracias y saludos|gracias y un saludo|saludos y gracias|le saluda atentamente
    |un fuerte abrazo|slds
    |atenciosamente|cumprimentos|os melhores cumprimentos|melhores cumprimentos|com os melhores cumprimentos
    |abraço|abraços|um abraço|att|atte.|saudações|cordiais saudações|com os melhores cumprimentos de
    |obrigado e cumprimentos|grande abraço|beijos|atentamente
    |cordiali saluti|distinti saluti|saluti|un saluto|un cordiale saluto|cari saluti|tanti saluti
    |i migliori saluti
    |cordialità|porgo cordiali saluti|porgo distinti saluti|in fede|a presto|grazie e cordiali saluti
    |grazie e saluti|grazie e buona giornata|un caro saluto|con i migliori saluti
    |met vriendelijke groet|met vriendelijke groeten|vriendelijke groet|vriendelijke groeten|groet
    |groeten|groetjes
    |hartelijke groet|hartelijke groeten|mvg|hoogachtend|beste groet|beste groeten|met hartelijke groet
    |bedankt en groet|dank en groet|mvrgr|vr gr|fijne dag gewenst
    |z poważaniem|pozdrawiam|pozdrowienia|z pozdrowieniami|z wyrazami szacunku|serdecznie pozdrawiam
    |pozdrawiam serdecznie|łączę pozdrowienia|z góry dziękuję i pozdrawiam
    |med vänliga hälsningar|med vänlig hälsning|vänliga hälsningar|vänlig hälsning|hälsningar|mvh
    |bästa hälsningar
    |hälsning|vänligen|allt gott|tack och hälsningar
    |med venlig hilsen|venlig hilsen|venlige hilsner|med venlige hilsner|hilsen|bedste hilsner
    |de bedste hilsner
    |kærlig hilsen|dbh|mange hilsner|med vennlig hilsen|vennlig hilsen|vennlige hilsener|beste hilsen
    |s pozdravem|s přátelským pozdravem|zdravím|hezký den|s úctou
    |ystävällisin terveisin|terveisin|terv|parhain terveisin|yt
    |с уважением|saygılarımla|üdvözlettel|敬具|よろしくお願いいたします|よろしくお願いします|此致""".replace(
        "\n    ", ""
    ).split("|")
)
"""A line that opens the signature, with or without a name below it."""

THANKS: Final = frozenset(
    """thanks|thank you|many thanks|thx|ty|thanks a lot|thank you very much|thanks very much|thanks so much
    |thank you so much|much appreciated|thanks in advance|thank you in advance|many thanks in advance|tia
    |thanks again|thank you again|thanks for your help|thank you for your help|thanks for your support
    |thank you for your support|thanks for any help|with thanks|have a nice day|have a great day
    |have a good day
    |have a nice weekend|have a great weekend|looking forward to hearing from you
    |looking forward to your reply
    |danke|danke sehr|danke schön|vielen dank|vielen dank im voraus|danke im voraus|besten dank
    |herzlichen dank
    |tausend dank|dankeschön|vielen lieben dank|danke vorab|danke schon mal|vielen dank schon mal
    |danke schonmal|danke im vorfeld|vielen dank für ihre hilfe|vielen dank vorab|schönen tag noch
    |schönen tag
    |merci|merci beaucoup|merci d'avance|merci par avance|merci bien|avec mes remerciements|bonne journée
    |bonne soirée|merci et bonne journée|mille mercis|un grand merci|bon week-end
    |gracias|muchas gracias|mil gracias|gracias de antemano|muchas gracias de antemano|gracias por su ayuda
    |gracias por todo|quedo a la espera|quedo atenta|quedo atento
    |obrigado|obrigada|muito obrigado|muito obrigada|obrigado desde já|desde já obrigado
    |desde já obrigada|desde já muito obrigado|desde já muito obrigada|obrigada desde já
    |agradeço desde já|grato
    |grata|agradecido|agradecida|bom dia|desde já agradeço|obg
    |grazie|grazie mille|molte grazie|grazie in anticipo|grazie anticipatamente|tante grazie|buona giornata
    |ringrazio anticipatamente
    |bedankt|hartelijk dank|dank u|dank je|dank u wel|dankjewel|alvast bedankt|bij voorbaat dank|alvast dank
    |heel erg bedankt|met dank|fijne dag|fijn weekend
    |dziękuję|dzięki|z góry dziękuję|tack|tack på förhand|tack så mycket|tak|mange tak|på forhånd tak|takk
    |mange takk|tusen takk|takk på forhånd|på förhand tack|děkuji|předem děkuji|díky|kiitos|kiitos etukäteen
    |ありがとうございます|谢谢|спасибо""".replace("\n    ", "").split("|")
)
"""A closing line that is the writer's own words unless a name follows it."""
