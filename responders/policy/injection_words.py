"""The words of injected instructions, in the languages that attacks are written in."""

from typing import Final

ORDER: Final = (
    r"(?:^|[\n.!?:;(\"“„>—–-]\s*|\b(?:please|just|then|must|now|also|will|bitte|und|jetzt|por\s+favor"
    r"|s'il\s+vous\s+plaît|et|y|e|proszę|пожалуйста|и|graag)\s+)"
)
"""The beginning of a clause, where an order stands."""

SAY: Final = (
    r"\b(?:reply|respond|answer|say|confirm\s+it|write\s+(?:me|as\s+the|the\s+(?:exact\s+)?(?:words?"
    r"|sentence|phrase))"
    r"|write(?=\s+[A-Z]{3,})|tell\s+(?:her|him|the\s+customer|all\s+customers|everyone|them)|start\s+with"
    r"|begin\s+with|greeting(?=:)"
    r"|please\s+confirm(?=\s+[\"“])|antworte(?:n\s+sie)?|(?:sie\s+)?schreib(?:e|en)?\s+(?:sie\s+)?(?:mir)?"
    r"|sag(?:e|en\s+sie)?"
    r"|bestätigen\s+sie\s+mit|nenne|réponds|répond(?:re|ez)|écri(?:s|vez)(?:-moi)?|dis|dites"
    r"|confirmez\s+avec|ajoute[zr]?"
    r"|respond[ae]n?|escrib[ae]n?|diga[n]?|responder|escreva|diga|inclua|rispond[iae]\w*|scriv[iae]\w*"
    r"|scriva|dica"
    r"|antwoord|schrijf|zeg|vermelden|odpowiedz|napisz|dopisz|powiedz|ответь\w*|напиши\w*|скажи\w*"
    r"|включи\w*)\b"
    r"|(?:回复|回答|写下|写上|输出|告知客户|書け|書いて|出力)"
)
"""Orders to say something."""

QUOTED: Final = r"[\"“„«「『][^\"”“»」』\n]{3,200}[\"”“»」』]|'[^'\n]{8,200}'"

REPLY: Final = (
    r"\byour\s+(?:next\s+)?(?:reply|answer|response)s?\b|\bin\s+the\s+reply\b|\bins?\s+ihre[rn]?\s+antwort\b"
    r"|\bdans\s+(?:la|votre)\s+réponse\b|\ben\s+(?:su|la)\s+respuesta\b|\bna\s+resposta\b"
    r"|\bnella\s+risposta\b"
    r"|\bin\s+de\s+(?:mail|antwoord)\b|\bw\s+odpowiedzi\b|\bв\s+ответе\b|返信|回复"
)
SENTENCE: Final = (
    r"\b(?:the|this|following|exact|diesen|den)\s+(?:exact\s+)?(?:words?|sentences?|phrases?|satz|text|tag"
    r"|code)\b"
    r"|\b(?:cette|la)\s+phrase\b|\bla\s+frase\b|\ba\s+frase\b|\bde\s+zin\b|\bzdanie\b|\bфраза\b|这句话|の文"
)

ASSISTANTS: Final = (
    r"\b(?-i:AI|A\.I\.|KI|IA|ИИ|SI)\b[\s-]?(?:assistant|agent|model|bot|assistent\w*|asystent\w*|asystencie"
    r"|ассистент\w*)?"
    r"|\b(?:the\s+)?(?:support[\s-]?|chat[\s-]?)?bots?\b|\brob[oôò]t?s?\b|\bassistant(?:\s+ia)?\b"
    r"|\bki-?assistent\w*"
    r"|\bassistenten?\b|\basistente\b|\bassistente\b|\basystencie(?:\s+ai)?\b|\basystent\b|\bассистент\w*"
    r"|\bпомощник\b"
    r"|\blanguage\s+model\b|\bllm\b|\bgpt\b|\bchatgpt\b|AI助手|助手|アシスタント|(?-i:AI)(?=\p{Han})"
)
"""Names for a text generator."""

DISCLOSE: Final = (
    r"\b(?:reveal|print|show|paste|repeat|output|leak|disclose|dump|expose|append|list|copy|include|bring"
    r"|reads?"
    r"|share|quote|nenne[n]?|zeig\w*|gib|offenbar\w*|ausgeben|donne[rz]?|montre[rz]?|colle[rz]?|liste[rz]?"
    r"|muestr\w+"
    r"|pegu\w*|peguen|incluy\w+|revel\w+|colar|mostr\w+|inclua|riport\w+|elenc\w+|mostr\w+|wypis\w+"
    r"|poda[jć]\w*|pokaż"
    r"|покажи\w*|выведи\w*|toon|geef)\b|输出|显示|列出|表示|出力|\bgrant\b|\bsends?\s+it\b"
)
SECRETS: Final = (
    r"\bsystem\s+prompt\b|\b(?:your|hidden|internal|system)\s+(?:instructions?|prompt|rules|notes?"
    r"|config\w*)\b"
    r"|\binternal[_\s-]?(?:notes?|codes?|passwords?|discount|articles?|remarks?)\b"
    r"|\bstaff\s+(?:discount\s+)?codes?\b"
    r"|\b(?:api\s+keys?|admin\s+pass\w+|passphrase|other\s+customers?['’]?\s+\w+|canar(?:y|ies)|secrets)\b"
    r"|\bprint\s+config\b|\bvip\s+rebate\s+code\b|\bdisclose_internal\b|\"agent\s+only\""
    r"|\binternal\s+discount\b"
    r"|\binterne[nr]?\s+(?:notiz\w*|mitarbeitercode|anweisung\w*|code\w*)\b|\bsystemprompt\b"
    r"|\bdiscount\s+codes?\s+as\b"
    r"|\b(?:instructions|consignes)\s+(?:internes|reçues|système)\b|\bnotes\s+internes\b"
    r"|\bcode\s+(?:du\s+)?(?:personnel|employé)\b"
    r"|\b(?:instrucciones|notas)\s+(?:internas|del\s+sistema)\b|\btexto\s+de\s+sist[eé]ma\b"
    r"|\bnotas\s+internas\b"
    r"|\btodo\s+el\s+material\b|\b(?:istruzioni|note)\s+(?:ricevute|interne|riservate|di\s+sistema)\b"
    r"|\bwszystkie\s+swoje\s+instrukcje\b"
    r"|\bnotatk\w+\s+wewnętrzn\w+|\bsejfu\b|\bcódigo\s+de\s+supervisor\b|\bвнутренни\w+\s+(?:заметк"
    r"|инструкци)\w*"
    r"|\bсистемн\w+\s+(?:промпт|инструкци)\w*|系统提示|内部(?:备注|密码)|后台口令|管理口令|内部メモ|システムプロンプト"
    r"|\binterne\s+(?:notities|instructies)\b|\badresse\s+personnelle\s+du\b"
)

NOTES: Final = (
    r"internal(?:\s+(?:note|comment|only|use))?\b|agents?\s+only\b|staff\s+note\b|intern(?:e|er|a"
    r"|o)?\b(?:\s+(?:notiz|hinweis"
    r"|note|nota|notitie|kommentar))?|nota\s+interna\b|note\s+interne\b|notatka\s+wewnętrzna\b|внутренн\w+"
    r"|内部备注|内部|社内用"
    r"|社内メモ|wewnętrzn\w+"
)
"""How internal notes begin."""

PEOPLE: Final = (
    r"\b(?:my|our|a|the)\s+(?:wife|husband|ex(?:-\w+)?|neighbou?r|son|daughter|tenant|colleague|mother"
    r"|father|brother|sister"
    r"|friend|employee|girlfriend|boyfriend|landlord|boss|flatmate|roommate)\b|\banother\s+(?:customer"
    r"|person|user)"
    r"|\b(?:meine?[rnms]?|unsere?[rn]?)\s+(?:frau|mann|ex\w*|nachbarn?|nachbarin|sohn|tochter|mieterin?"
    r"|kolleg\w+|mutter|vater|bruder"
    r"|schwester|freundin?)\b|\b(?:ma|mon)\s+(?:femme|mari|ex|voisine?|fils|fille|locataire|collègue|mère"
    r"|père|frère|sœur)\b"
    r"|\b(?:mi|mis)\s+(?:ex|mujer|marido|vecin[oa]|hij[oa]|inquilin[oa]|colega|madre|padre|herman[oa])\b"
    r"|\bclient[e]?\s+\d{4,}"
    r"|\b(?:minha|meu)\s+(?:ex|esposa|marido|vizinh[oa]|filh[oa]|mãe|pai|irmã[o]?)\b|\b(?:mia|mio)\s+(?:ex"
    r"|moglie|marito|vicin[oa]"
    r"|figli[oa]|madre|padre|inquilin[oa])\b|\bmijn\s+(?:vrouw|man|ex|buurman|buurvrouw|zoon|dochter"
    r"|huurder|collega)\b"
    r"|\bmoje[jg]?o?\s+(?:żony|męża|byłej|sąsiada|syna|córki)\b|\b(?:муж|жен|сын|доч|сосед|бывш|мам"
    r"|отц)\w*\b|妻|夫|丈夫|妻子"
    r"|母(?:（|の)|父(?:（|の)|邻居|前女友|同事|息子|娘の"
)
DATA: Final = (
    r"\b(?:(?<!\b(?:delivery|my|new|our|e-?mail|wrong|old|other|web|ip|shipping"
    r"|billing)\s)address(?:es)?(?!\s+(?:line|is|was|change))|phone\s+numbers?|birth\s?dates?"
    r"|bank\s+(?:account|details)|read\s+(?:his|her|their)\s+\w+"
    r"|(?:his|her|their)\s+(?:orders?|calls?|chats?|messages?|balance|tariff|location|invoices?|password"
    r"|number|data)"
    r"|last\s+messages|ordered\s+in|anschrift|adresse(?:\s+actuelle|\s+de\s+facturation)?|telefonnummer"
    r"|kontostand|bestellungen"
    r"|nouvelle\s+adresse|dirección(?:\s+actual)?|teléfono|dirección|endereço|telefone|indirizzo"
    r"|numero\s+di\s+telefono|tarief"
    r"|rekeningnummer|adres(?:u)?|numer\s+telefonu|адрес\w*|телефон\w*|детализаци\w+|住所|電話番号|地址|电话)"
)
"""What belongs to another person."""

WANTED: Final = (
    r"\b(?:give|tell|send|need|show|let\s+me|what\s+is|what's|could\s+you|can\s+you|please|forgotten"
    r"|i\s+want|i\s+would\s+like"
    r"|brauche|nennen|schicken|geben|sagen|donne[rz]|dites|il\s+me\s+faut|besoin|necesito|díganme|dame"
    r"|denme|preciso|me\s+diga"
    r"|passe[mi]?|mi\s+serve|dammi|ditemi|vorrei|wat\s+is|geef|graag|proszę|podajcie|нужн\w+|скажите|дайте"
    r"|пришлите)\b|教えて|告诉|请提供"
)
