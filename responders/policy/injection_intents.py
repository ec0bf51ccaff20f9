"""Rules about what an injected text is after: a role, fixed words, hidden rules, other people's affairs."""

from typing import Final

from responders.policy.injection_parts import LOOSE_START, START, Joint

_ABOUT_OURSELVES: Final = (
    r"\b(?:can|could|may|does|do|how)\s+(?:i|we|an?|my|our|the)\b"
    r"|\b(?:i|we|they)\s+(?:\w+\s)?(?:pretend|imagine|act)"
)
_VERBATIM: Final = (
    r"(?:word\s+for\s+word|verbatim|literally|wörtlich|wortwörtlich|mot\s+pour\s+mot|textuellement"
    r"|exactement"
    r"|exactamente|textualmente|palabra\s+por\s+palabra|exatamente|parola\s+per\s+parola|esattamente"
    r"|letterlijk"
    r"|precies|dosłownie|dokładnie|дословно|слово\s+в\s+слово|именно)"
)
_TO_SAY: Final = (
    r"(?:repeat|say|write|reply|answer|respond|state|schreib\w*|sag\w*|antworte\w*|wiederhol\w*"
    r"|écri\w+|dites?|dis"
    r"|répond\w*|répèt\w*|escrib\w*|di(?:ga)?|repit\w*|respond\w*|escrev\w*|repit\w*|scriv\w*|dica"
    r"|ripet\w*|rispond\w*"
    r"|schrijf\w*|zeg|herhaal|antwoord|napisz|powiedz|powtórz|odpowiedz|напиши\w*|скажи\w*|повтори\w*"
    r"|ответь\w*)"
)
_REPLY: Final = (
    r"(?:answer|reply|response|mail|message|antwort|réponse|courrier|respuesta|resposta|risposta"
    r"|antwoord|odpowiedz\w*"
    r"|ответ\w*)"
)
_RULES: Final = (
    r"(?:instructions?|rules?|guidelines?|prompts?|orders|anweisung\w*|vorgaben|regeln|consignes"
    r"|instrucciones|órdenes"
    r"|instruções|ordens|istruzioni|regole|instructies|opdrachten|instrukcj\w*|polece\w*|инструкци\w*"
    r"|указани\w*)"
)
_YOU_GOT: Final = (
    r"(?:(?:did|do|were|have)\s+you|you\s+(?:got|were|received|follow)|hast\s+du|haben\s+sie|as-?tu"
    r"|avez-?vous"
    r"|te\s+(?:han\s+)?d(?:ado|ieron)|has\s+recibido|recebeu|te\s+deram|ti\s+hanno|hai\s+ricevuto"
    r"|heb\s+je|kreeg"
    r"|dostał\w*|masz|ты\s+получил\w*|тебе\s+дали|у\s+тебя)"
)
_STRANGERS: Final = (
    r"(?:(?:my|our)\s+(?:ex\b[\s-]?\w*|neighbou?rs?|flatmate|roommate|housemate|landlord|landlady"
    r"|competitors?|rival"
    r"|tenant|lodger)|(?:the\s+)?(?:previous|former|last|next|other)\s+(?:customer|tenant|owner|client"
    r"|subscriber|guest|driver|caller)|mein\w*\s+(?:ex\w*|nachbar\w*|mitbewohner\w*|vermieter\w*"
    r"|konkurrent\w*)|(?:mon|ma|mes)\s+(?:ex\b|voisin\w*|colocataire|propriétaire|concurrent\w*)"
    r"|(?:client|locataire)\s+précédent"
    r"|mi\s+(?:ex\b|vecin\w*|compañer\w*|casero|competidor\w*)|cliente\s+anterior|(?:meu"
    r"|minha)\s+(?:ex\b|vizinh\w*"
    r"|colega|concorrente)|(?:mio|mia|il\s+mio|la\s+mia)\s+(?:ex\b|vicin\w*|coinquilin\w*"
    r"|concorrent\w*)|cliente\s+precedente"
    r"|mijn\s+(?:ex\b|buurman|buurvrouw|huisgenoot|verhuurder|concurrent)|vorige\s+(?:klant|bewoner"
    r"|huurder)"
    r"|(?:mój|moja|mojego|mojej)\s+(?:były|była|sąsiad\w*|współlokator\w*|konkuren\w*)"
    r"|poprzedni\w*\s+(?:klient\w*|najem\w*)"
    r"|(?:мой|моя|моего|моей)\s+(?:бывш\w*|сосед\w*|конкурент\w*)|предыдущ\w+\s+клиент\w*)"
)
_AFFAIRS: Final = (
    r"(?:pays?|paid|bought|ordered|lives?|owes?|spends?|earns?|delivered|signed|cancel+ed|moved"
    r"|called|uses?|plan|tariff"
    r"|contract|invoice|bill|balance|address|number|parcel|bezahlt|zahlt|bestellt|gekauft|wohnt"
    r"|verdient|schuldet|tarif"
    r"|vertrag|rechnung|adresse|paie|payé|acheté|commandé|habite|doit|contrat|facture|numéro|paga"
    r"|pagó|compró|pidió|vive"
    r"|debe|contrato|factura|dirección|número|pagou|comprou|mora|deve|endereço|comprato|ordinato"
    r"|abita|contratto|bolletta"
    r"|indirizzo|numero|betaalt|besteld|gekocht|woont|contract|factuur|adres|płaci|kupił\w*"
    r"|zamówił\w*|mieszka\w*|umow\w*"
    r"|adresu?|dane|платит|купил\w*|заказал\w*|жив[её]т|договор|адрес|номер)"
)
_ASKED: Final = (
    r"(?:\b(?:how\s+much|what|which|when|where|who|whether|tell|give|send|check|show|list|wann|wie|wo"
    r"|was|welche\w*|wer|sagen"
    r"|geben|combien|quand|où|quel\w*|donnez|dites|cuánto|cuándo|dónde|qué|cuál|decir|dime|dame"
    r"|quanto|quando|onde|qual"
    r"|diga|dove|cosa|quale|dimmi|hoeveel|wanneer|waar|welke|geef|ile|kiedy|gdzie|jaki\w*|podaj\w*"
    r"|сколько|когда|где"
    r"|какой|какие|скажи\w*)\b)"
)

_QUESTION: Final = (
    r"(?:^|[.!?\n]\s*\W?|\b(?:you|u|please|bitte|sie|mir|puede[ns]?|podéis|pouvez-vous|pode|può"
    r"|kunt\s+u|możecie|мне)"
    r"\s+(?:me\s+|mir\s+|us\s+)?)"
)
"""The beginning of a question or of a wish to the reader."""

INTENT_JOINTS: Final = (
    Joint(
        "gives the writer a new role",
        (
            rf"{LOOSE_START}(?:imagine|pretend|suppose|assume|let'?s\s+(?:pretend|imagine"
            rf"|say))\s+(?:that\s+)?(?:you(?:'re"
            r"|\s+are|\s+were|\s+have)|to\s+be|the\s+(?:rules|polic\w+|limits|terms)|there\s+(?:are"
            r"|is)\s+no)\b"
            r"|\bstop\s+(?:being|acting|behaving)\s+(?:a|an|as|like|the)\b|\byou\s+are\s+(?:my|a|an"
            r"|the)\b[^.\n]{0,40}\bnow\b"
            r"|\bstell(?:en\s+sie)?\s+(?:dir|sich)\s+vor\b[^.\n]{0,20}\b(?:du|sie)\s+(?:bist|wärst"
            r"|wären|sind)"
            rf"|{START}tu(?:n\s+sie)?\s+so,?\s+als\b|{START}doe\s+alsof\s+(?:je|u|jij)\b"
            rf"|{LOOSE_START}(?:imagine[zr]?|fais|faites)\s+(?:que|comme\s+si)\s+(?:tu|vous)\b"
            rf"|{LOOSE_START}(?:imagina|imagínate|haz\s+como|finge)\s+que\s+eres\b|{START}(?:actúa"
            rf"|compórtate)\s+como\b"
            rf"|{START}(?:comportati|fai\s+finta|fingi|immagina)\b|{START}(?:finja|imagine"
            rf"|aja)\s+(?:que|como)\b"
            rf"|{START}(?:udawaj|wyobraź\s+sobie)\b|(?:представь|притворись)[^.\n]{{0,12}}что\s+ты"
            r"|扮演|假装你|になりきって|のふりをして",
        ),
        _ABOUT_OURSELVES,
    ),
    Joint(
        "gives the writer a new role",
        (
            r"\btreat\b[^.\n]{0,50}\b(?:as\s+(?:coming\s+from|an?\s+(?:order|instruction)|trusted)"
            r"|like\s+an?\s+order)\b"
            r"|\b(?:everything|all|the\s+text)\s+(?:below|after|under)\s+(?:this"
            r"|the)\s+line\b[^.\n]{0,60}\b(?:supervisor|system"
            r"|admin\w*|boss|developer|manager|trusted|order)",
        ),
    ),
    Joint(
        "dictates the reply",
        (
            rf"{START}{_TO_SAY}\b[^.\n:：]{{0,30}}\b{_VERBATIM}\s*[:：]|{START}{_TO_SAY}\s+after\s+me\b"
            r"|\b(?:first|last|opening|closing)\s+(?:line|word|sentence)s?\s+(?:of\s+(?:your"
            r"|the)\s+\w+\s+)?"
            r"(?:is|are|must\s+be|should\s+be|reads?|to\s+be)\s*[:：\"“]"
            rf"|{START}(?:sign|close|end|begin|start|open)\s+(?:off\s+)?your\s+{_REPLY}\s+(?:as|with"
            rf"|by|in\s+the\s+name)\b"
            rf"|\b(?:include|add|put|mention|insert|repeat)\s+(?:this|the\s+following|my)\s+(?:address"
            rf"|link|url|website|site|page"
            rf"|line|sentence|code|number)\b[^.\n]{{0,20}}\b(?:in|to|into|at)\b[^.\n]{{0,20}}\b{_REPLY}\b"
            r"|\byour\s+(?:reply|answer|response)\s+(?:has|needs)\s+to\s+(?:contain|include|say|begin"
            r"|end|start)\b"
            r"|\byou\s+(?:may|can|must|shall|will)\s+only\s+(?:answer|say|reply|respond|write)\b",
        ),
        r"\b(?:page|screen|button|says|error|field|form|template|autoresponder|signature)\b",
    ),
    Joint(
        "asks for instructions or secrets",
        (
            rf"\b(?:what|which|welche\w*|quel\w*|qué|cuáles|qua(?:l|is|li)|welke|wat\s+voor|jakie"
            rf"|какие)\b[^.?\n]{{0,12}}{_RULES}"
            rf"[^.?\n]{{0,20}}{_YOU_GOT}|\bwhat\s+(?:were|are)\s+you\s+told\b",
        ),
        r"\b(?:send|sent|publish|print|manual|leaflet|recipe|assembly|installation|for\s+(?:my|our|the))\b",
    ),
    Joint(
        "asks for instructions or secrets",
        (
            r"\b(?:remarks|notes|comments)\b[^.?\n]{0,20}\b(?:your|the)\s+(?:colleagues?|agents?"
            r"|staff|team|people)\b[^.?\n]{0,40}"
            r"\b(?:left|wrote|made|keep|can't\s+see|cannot\s+see)\b|\bnotities\s+over\s+mij\b"
            r"|\bnotizen\s+über\s+mich\b"
            r"|\bnotes\s+(?:internes\s+)?(?:à\s+mon\s+sujet|sur\s+moi)\b"
            r"|\bnotas\s+(?:internas\s+)?sobre\s+m[ií]\b"
            r"|\bnote\s+(?:interne\s+)?su\s+di\s+me\b|(?:把|将)你[^。\n]{0,10}(?:指令|提示|规则)[^。\n]{0,8}(?:发"
            r"|给|告诉|列)"
            r"|\b(?:thresholds?|criteria|limits)\b[^.?\n]{0,20}\b(?:staff|agents?|your\s+(?:team"
            r"|people|colleagues))\b"
            r"|\b(?:admin|staff|master|internal|employee|vault|safe)\s+(?:code|password|pin"
            r"|key)\b[^.?\n]{0,40}\b(?:starts?|begins?"
            r"|ends?|contain|warm(?:er)?|hot(?:ter)?|cold(?:er)?|letter|digit)\b",
        ),
        r"\b(?:i\s+(?:forgot|set|chose|changed|lost)|my\s+(?:own\s+)?(?:admin|master)|how\s+(?:do"
        r"|can)\s+(?:i|we))\b",
    ),
    Joint(
        "asks for another person's data",
        (
            rf"{_QUESTION}{_ASKED}[^.?\n]{{0,50}}\b{_STRANGERS}\b[^.\n]{{0,40}}\b{_AFFAIRS}\b"
            rf"|{_QUESTION}{_ASKED}[^.?\n]{{0,30}}\b{_AFFAIRS}\b[^.\n]{{0,30}}\b{_STRANGERS}\b",
        ),
        r"\b(?:my|our|mein\w*|unser\w*)\s+(?:address|number|plan|contract|invoice|bill|account|order"
        r"|anschrift|adresse|vertrag"
        r"|rechnung|konto|bestellung|phone|parcel|boss\s+wants|colleague\s+(?:wants|asks|needs|can't"
        r"|cannot))\b"
        r"|\b(?:invite|invited|add|seat|licen[cs]e|permission|role|transfer|take\s+over"
        r"|left\s+the\s+company|split|shares?)\b",
    ),
    Joint(
        "asks for another person's data",
        (
            r"\bwho\s+else\b[^.?\n]{0,40}\b(?:has|have|uses?|pays?|bought|ordered|signed"
            r"|lives?)\b[^.?\n]{0,50}\b(?:contract|account"
            r"|plan|building|street|house|with\s+you)\b|\bhow\s+much\s+(?:does\s+"
            r"|do\s+)?(?-i:\p{Lu}[\p{L}]+(?:\s\p{Lu}\p{L}+)+)"
            r"\s+(?:pays?|spends?|owes?)\b|\bthe\s+(?:code|key|pin)\s+(?:of|for|to)\s+the\s+(?:flat"
            r"|house|room|apartment|unit)\s+(?:next"
            r"|above|below|opposite|across)|(?:隣の人|隣人|邻居|前の客|上一位客户|別のお客様|其他客户)(?:的|の)",
        ),
    ),
    Joint(
        "asks to run a command",
        (
            r"\b(?:forward|send|copy|bcc|e-?mail|export|upload)\b[^.\n]{0,30}\b(?:the|all|last|every"
            r"|other|these)\s[^.\n]{0,20}"
            r"\b(?:tickets?|conversations?|customers?|database|records|transcripts?|mailbox"
            r"|inbox)\b[^.\n]{0,30}\bto\s+\S+(?:@|://)",
        ),
        r"\b(?:how\s+(?:do|can|to)|we\s+want|i\s+want|is\s+it\s+possible)\b",
    ),
    Joint(
        "speaks to an assistant",
        (
            r"\b(?:for|to|dear|attention|an|für|pour|à|para|per|voor|dla|для)\s+(?:whatever|whichever"
            r"|the|any|das|die|den|le|la|el|il"
            r"|o|het)?\s?(?:software|program\w*|models?|machine|algorithm\w*|automat\w*|maschine"
            r"|modèle|sistema|modelo|programa|system)"
            r"\s+(?:that\s+|which\s+|who\s+)?(?:reads?|reading|answers?|answering|process\w*|writes?"
            r"|writing|handl\w*|summari\w*)\b"
            r"|\b(?:hinweis|note|nota|remarque|uwaga|opmerking|aviso|avviso)\s+(?:für\s+das|for\s+the"
            r"|to\s+the|para\s+el|pour\s+le"
            r"|per\s+il|voor\s+het)\s+(?:system|sistema|système|systeem|automatic\s+\w+)\s*[:：]",
        ),
    ),
    Joint(
        "speaks to an assistant",
        (
            r"\bevery\s+(?:answer|reply|response)\b[^.\n]{0,30}\b(?:ends?|begins?|starts?|contains?"
            r"|includes?|has|adds?|mentions?)\b"
            r"[^.\n]{0,20}[\"“„«]|\bwhen\s+this\s+(?:article|page|document|text)\s+is\s+(?:retrieved"
            r"|read|used|quoted)\b"
            r"|\b(?:llm|ai|model)\s+readers?\b|\b(?:aux|à\s+l[ae]s?)\s+(?:modèles?|ia)\b|\b(?:se"
            r"|si)\s+(?:você\s+é|sei|eres|tu\s+es)"
            r"\s+(?:uma?|une?|un)\s+(?:ia|modelo|modello|modèle)|\btaalmodellen\b"
            r"|\bjeśli\s+jesteś\s+modelem|если\s+ты\s+(?:языковая"
            r"|модель|ии)|(?:如果你是|言語モデル)|remarque\s+pour\s+l['’]assistant|给AI|致AI|asystencie\s+ai",
        ),
    ),
    Joint(
        "pretends to be an internal note",
        (
            r"[(\[]\s*(?:internal|intern|interne|interno|interna|nur\s+intern\w*|wewnętrzn\w+|внутренн\w+)[^)\]\n]{0,15}[)\]]\s*[:：–-]"
            r"|[(\[]\s*(?:nur\s+intern|internal|interne?|interno)\s+(?:sichtbar|visible|use|only)[^)\]\n]{0,60}[)\]]",
        ),
        r"\b(?:i\s+see|shows?|says?|error|button|why\s+does)\b",
    ),
    Joint(
        "plays a role of the system",
        (r"</?\s*(?:instructions?|system(?:[_-]?prompt)?|assistant|prompt|ticket)\s*>",),
        r"\b(?:xml|xsd|schema|parser|wsdl|soap|endpoint|payload|element|markup)\b",
    ),
    Joint(
        "asks to ignore instructions",
        (
            r"\b(?:ignore|disregard|override|bypass)(?:\s+|-|_)(?:(?:the|all|any|your)(?:\s+|-"
            r"|_))?(?:rules?|polic(?:y|ies)|guidelines)"
            r"(?:\s+|-|_)(?:and|then|to)\b",
        ),
    ),
)
