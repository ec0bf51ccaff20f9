"""What injected instructions speak of, in the languages that attacks are written in: words by concept."""

from typing import Final

CONTROL: Final = (
    r"\b(?:instructions?|rules|guidelines?|directives?|polic(?:y|ies)|prompts?|restrictions?|safeguards?|guardrails?|moderation|safety\s+\w+|constraints?|programming|training|configur\w+|what\s+(?:you\s+were|your)\s+\w+"
    r"|orders\s+(?:above|before)|whatever\s+you\s+were|confidentiality|filters?(?=\s+(?:off|out|are|is))"
    r"|anweisung\w*|regeln|richtlinie\w*|vorgabe\w*|instruktion\w*|vorschrift\w*|direktive\w*|vertraulichkeit\w*|systemtext\w*|beschränkung\w*"
    r"|consignes?|règles|directives?|instructions|restrictions?|paramètres|règlement|instruccion\w*|reglas|normas|directrices|órdenes|restricciones|directivas"
    r"|instruções|regras|diretrizes|diretivas|orientações|restrições|istruzioni|regole|direttive|linee\s+guida|restrizioni|indicazioni|instructies|regels|richtlijnen|opdracht(?:en)?|voorschriften|beperkingen"
    r"|instrukcj\w+|zasad\w*|wytyczn\w+|polece\w+|reguł\w*|ograniczen\w+)\b|инструкци\w+|правил\w*|указани\w+|директив\w*|ограничени\w+|предписани\w+|规则|指令|指示|设定|要求|限制|設定|ルール|命令|制限"
)
"""What governs the writer of replies."""

CANCEL: Final = (
    r"\b(?:ignore|disregard|forget|override|bypass|overrule|drop|discard|set\s+aside|put\s+aside|lay\s+aside|skip|abandon|cancel|suspend|lift|disable|turn\s+off|switch\s+off|neglect|omit|erase|delete|throw\s+away|(?:do\s+not|don't|stop|no\s+longer|cease)\s+(?:follow(?:ing)?|obey(?:ing)?|apply(?:ing)?|comply(?:ing)?|heed(?:ing)?|adher\w+|listen\w*)"
    r"|(?:no\s+longer|do\s+not|don't|cease\s+to)\s+(?:apply|count|bind|exist)|(?:are|is)\s+(?:void|lifted|suspended|disabled|cancelled|superseded|off|revoked|replaced)|supersedes?|free\s+(?:of|from)|exempt"
    r"|vergiss|vergessen\s+sie|ignorier\w*|missachte\w*|überg(?:eh|ehen)\w*|setz\w*\s+dich\s+über|hinweg|lass\b[^.\n]{0,40}außer\s+acht|außer\s+acht|gelten\s+nicht\s+mehr|nicht\s+mehr|hebe?\b|aufgehoben|außer\s+kraft|umgeh\w*|verwirf|streiche|befolge\s+(?:keine|nicht)|halte\s+dich\s+nicht"
    r"|oublie[zr]?|ignore[zr]?|laisse[zr]?\s+tomber|fais\s+abstraction|faites\s+abstraction|ne\s+(?:tiens|tenez|suis|suivez|respecte[zr]?)\s+(?:plus|pas)|contourne[zr]?|passe[zr]?\s+outre|abandonne[zr]?|annule[zr]?|outrepasse[zr]?|désactiv\w+|sans\s+tenir\s+compte"
    r"|olvid[ae]\w*|ignor(?:a|e|en|ad|ar)|haz\s+caso\s+omiso|hagan?\s+caso\s+omiso|deja[rs]?\s+de\s+(?:lado|seguir|cumplir)|no\s+sigas|desobedec\w+|sáltate|omite|descart\w+|anul\w+|pasa\s+por\s+alto|prescind\w+|desactiv\w+"
    r"|esqueç\w+|esquec\w+|ignorem?|deix[ae]\w*\s+de\s+(?:lado|seguir|cumprir)|desconsider\w+|descart\w+|não\s+sig\w+|abandon\w+|contorn\w+"
    r"|dimentic\w+|ignora(?:te|re)?|trascur\w+|non\s+(?:seguire|rispettare|considerare)|lascia\s+(?:perdere|stare)|metti\s+da\s+parte|aggir\w+|disattiv\w+|scord\w+|tralasci\w+"
    r"|vergeet|negeer|leg\b[^.\n]{0,40}(?:naast\s+je|opzij)|sla\b[^.\n]{0,30}over|volg\b[^.\n]{0,30}niet|gelden\s+niet|omzeil|schakel\b[^.\n]{0,30}uit"
    r"|zapomnij\w*|zignoruj\w*|ignoruj\w*|pomi[ńj]\w*|porzu\w+|odrzu\w+|nie\s+(?:stosuj|przestrzegaj|obowiązują)\w*|obejdź)\b"
    r"|забудь\w*|игнорируй\w*|проигнорируй\w*|отбрось\w*|не\s+(?:следуй|соблюдай|действуют)\w*|обойди\w*|отмени\w*|пренебреги\w*|忽略|忘记|忘掉|无视|不要遵守|不用遵守|别管|抛弃|撤销|跳过|無視|忘れ|破棄|従わず|従うな|解除|取り消"
)
"""Orders to leave something out of account."""

YOURS: Final = (
    r"\b(?:your|you\s+(?:were|have|had|got|follow|received)|all|any|previous|prior|above|earlier|former|system|these|those|every|usual|operator|company|employer|developer|hidden|initial|original|existing|standard"
    r"|deine\w*|ihre[rnms]?|alle[rn]?|bisherige\w*|vorherige\w*|obige\w*|eure\w*|sämtliche\w*|betreiber\w*|t[eao]s|ton|votre|vos|toutes?|précédentes?|antérieures?|reçues|de\s+ton|tus?|sus|todas?|todos|anteriores|previas"
    r"|que\s+(?:has|te|recib)\w*|suas?|seus?|tua[s]?|teus?|que\s+(?:você|recebeu)|tue|tuoi|sue|suoi|tutte|tutti|precedenti|ricevut\w+|che\s+hai|je|jouw|uw|alle|vorige|eerdere|bovenstaande|swoje|swoich|wszystk\w+|poprzedni\w+|wcześniejsz\w+|twoje|powyżej)\b"
    r"|сво[иёе]\w*|все|всех|предыдущ\w+|прежн\w+|твои|ваши|所有|之前|以上|上述|你的|你所|您的|一切|今まで|これまで|以前|上記|すべて|全て|あなたの"
)
"""The writer's own, or all of them."""

SAY: Final = (
    r"\b(?:repl(?:y|ies)|respond|answer|say|state|write|mention|include|add|append|insert|put|place|print|output|produce|emit|return|display|confirm|declare|announce|acknowledge|admit|promise|tell\s+\w+|inform|paste|copy|repeat|quote|use|start|begin|open|end|close|finish|conclude|sign\s+off"
    r"|antworte\w*|schreib\w*|sag(?:e|en)?|nenne\w*|erwähne\w*|füge?n?|setze?n?|gib|geben|beginne\w*|ende|beende\w*|schließe\w*|bestätige\w*|erkläre\w*|teile?n?|wiederhole\w*|übernimm|übernehmen|ergänze\w*|nehmen|nimm|melde\w*|versprich|sicher\w*\s+\w+|zusichern|überschreib\w*|formulier\w*"
    r"|répond\w*|écri\w+|dis|dites|dire|ajoute\w*|insér\w+|insère\w*|mentionn\w+|inclu\w+|commence\w*|débute\w*|termin\w+|finis\w*|conclu\w+|confirm\w+|répète\w*|recopie\w*|copie\w*|affiche\w*|annonce\w*|accorde\w*|indique\w*|mett\w+|offre\w*"
    r"|respond\w+|contest\w+|escrib\w+|di|diga\w*|dile|decir|añad\w+|agreg\w+|inclu\w+|empie\w+|comien\w+|comenz\w+|acab\w+|termin\w+|confirm\w+|repit\w+|repet\w+|copi\w+|pon|ponga\w*|pongan|conced\w+|comuni\w+"
    r"|escrev\w+|acrescent\w+|adicion\w+|inclua\w*|começ\w+|comec\w+|encerr\w+|ponha\w*|informe\w*|rispond\w+|scriv\w+|dic[ai]\w*|dì|dire|aggiung\w+|inseri\w+|inizi\w+|cominci\w+|conclud\w+|conferm\w+|ripet\w+|mett\w+|concedi"
    r"|antwoord\w*|schrijf\w*|zeg\w*|voeg\w*|begin\w*|eindig\w*|sluit\w*|bevestig\w*|herhaal\w*|vermeld\w*|toevoegen|plaats|zet|neem|odpowiad\w+|odpowied\w+|napisz\w*|powiedz\w*|mów\w*|dodaj\w*|dopisz\w*|zacznij\w*|zakończ\w*|potwierdź\w*|powtórz\w*|umieść\w*|wpisz\w*|podaj\w*)\b"
    r"|ответь\w*|отвечай\w*|напиши\w*|скажи\w*|говори\w*|добав\w+|включи\w*|начни\w*|закончи\w*|подтверди\w*|повтори\w*|вставь\w*|укажи\w*|回复|回答|写下|写上|加上|附上|输出|说|声明|告知|末尾|开头|结尾|書い|書け|書く|加え|追記|返信|返答|回答|出力|入れ|記載|答え|述べ|付け"
)
"""Words of saying."""

LITERAL: Final = r"[\"“„«「『‘‚][^\"”“»」』\n]{3,200}[\"”“»」』’‘]|(?<!\w)'[^'\n]{6,200}'(?!\w)|(?:\bwith|\bword|\bonly|\bjust|:|\bmit|\bpar|\bcon|\bcom)\s+(?-i:[A-ZÄÖÜ]{4,}(?:[ -][A-ZÄÖÜ]{2,})*\b)(?=[.!]?\s*(?:$|\n|[.!]|and|and\s))"
"""A text in quotes, or in capital letters."""

REPLY: Final = (
    r"\b(?:your|each|every|(?:in|into|to|of|with)\s+the)\s+(?:\w+\s+){0,2}(?:repl(?:y|ies)|answers?|responses?|messages?|e-?mails?|mails?|texts|output)\b|\b(?:top|bottom|head)\s+of\s+(?:your|each|every)\b"
    r"|\b(?:ihre[rn]?|deine[rn]?|die|der|jede[rn]?)\s+(?:\w+\s+)?(?:antwort\w*|nachricht\w*|mail|e-mail|text)\b|\b(?:ta|ton|votre|la|chaque|toute)\s+(?:\w+\s+)?(?:réponse|message|mail|texte)\b|\b(?:tu|su|la|cada|toda)\s+(?:\w+\s+)?(?:respuesta|mensaje|correo|texto|resposta|mensagem)\b"
    r"|\b(?:a|na|sua)\s+(?:resposta|mensagem)\b|\b(?:tua|sua|la|ogni|nella|alla)\s+(?:risposta|messaggio|mail)\b|\b(?:je|uw|het|elk|de|ieder)\s+(?:antwoord|bericht|mail)\b|\b(?:swoj\w+|każd\w+|twoj\w+)?\s?(?:odpowied[źz]\w*|wiadomoś\w+)\b|ответ\w*|сообщени\w+|письм\w+|回复|回答|答复|返信|返答|回答|ご回答|答え"
)
"""The reply that is being written."""

WRITERS: Final = (
    r"\b(?:(?-i:AI|A\.I\.|KI|IA|ИИ|LLMs?|KIs|IAs|AIs)(?:[\s-](?:assistants?|agents?|models?|systems?|bots?|tools?|readers?))?|(?:language|large\s+language)\s+models?|chat\s?bots?|bots?|robots?|gpt|chatgpt|virtual\s+(?:agent|assistant)s?|automated\s+(?:agents?|systems?|assistants?|readers?)"
    r"|machines\s+that\s+(?:process|read|answer)\w*|virtual\s+assistants?|the\s+assistant|copilot|sprachmodell\w*|assistent\w*|automat\w*|künstliche\s+intelligenz|maschine\w*|modèles?\s+(?:de\s+langage|linguistiques?)|assistant\w*|logiciels?|robots?|modelos?\s+(?:de\s+lenguaje|de\s+linguagem)|asistentes?|assistentes?|sistema\s+automático|robôs?|inteligencia\s+artificial"
    r"|modell[oi]\s+linguistic[oi]|assistent[ei]|sistem[ai]\s+automatic[oi]|taalmodel\w*|model\w*\s+językow\w+|asystent\w*|automat\w*|бот\w*|ассистент\w*|помощник\w*|языков\w+\s+модел\w+|нейросет\w*|автоматическ\w+\s+систем\w*|the\s+model)\b|语言模型|机器人|助手|人工智能|自动系统|言語モデル|アシスタント|ボット|人工知能|自動応答"
)
"""Names for a text generator."""

MUST: Final = (
    r"\b(?:must|shall|should|has\s+to|have\s+to|is\s+to|are\s+to|required|ought|always|please|needs?\s+to|muss|müssen|soll(?:en|te)?|hat\s+zu|haben\s+zu|bitte|stets|immer|verpflichtet|doit|doivent|devra|toujours|est\s+tenu|merci\s+de|debe\w*|ha\s+de|han\s+de|tiene[n]?\s+que|siempre"
    r"|dev[eo]\w*|tem\s+que|sempre|precisa|moet\w*|dient|altijd|verplicht|musi\w*|powin\w+|zawsze|należy)\b|долж\w+|обяза\w+|всегда|следует|必须|应|请|始终|总是|务必|必ず|べき|こと|ください|常に"
)
"""Words of duty."""

HIDDEN: Final = (
    r"\b(?:(?:parts?|sections?|lines?|paragraphs?|passages?|remarks?)\s+(?:that\s+(?:is|are)\s+)?(?:marked|labelled|reserved|meant|intended|kept)|(?:agents?|staff|employees?)[ -]only|(?:meant\s+)?(?:only\s+)?for\s+(?:your\s+)?(?:agents|staff|employees|colleagues)\s+only|(?:employee|staff|internal|partner|wholesale|purchase|dealer|supervisor|manager|master|admin|vip|retention)\s+(?:\w+\s+)?(?:discounts?|prices?|codes?|rates?|margins?|passwords?|pins?)"
    r"|(?:text|everything|content)\s+(?:written\s+)?(?:above|before|preceding)\s+(?:this|my)|employee\s+discount"
    r"|(?:system|hidden|initial|secret|original|internal|developer|base|start(?:ing|up)?)\s+(?:prompts?|instructions?|text|message|rules|notes?|directives?|guidelines?|config\w*|settings|wording)|(?:your|its|full|whole)\s+(?:\w+\s+)?prompts?|context\s+window|(?:internal|private|confidential|hidden|secret|staff|agent|employee|non-?public|restricted)\s+(?:\w+\s+)?(?:notes?|remarks?|comments?|codes?|articles?|documents?|passages?|material|content|information|data|entries|files|records|discounts?|rates?|passwords?|knowledge|text)"
    r"|(?:every|all|any)\s+(?:\w+\s+){0,2}(?:documents?|articles?|entr(?:y|ies)|notes|files|sources|passages)\b[^.\n]{0,30}\byou\b|words?\s+(?:that\s+)?you\s+(?:were|got|received)|what\s+(?:were\s+you|you\s+were)\s+(?:told|given|instructed)|(?<=unlock\s|print\s|show\s|output\s|paste\s|dump\s|reveal\s|all\s|your\s)notes|your\s+secrets|canar(?:y|ies)|knowledge\s+base\s+entr\w+|customers?\s+may\s+not\s+see|not\s+(?:allowed|supposed)\s+to\s+see|code\s+(?:that\s+)?only\s+(?:employees|staff|insiders|agents)|(?:staff|employee|insider|supervisor|manager)\s+(?:\w+\s+)?(?:code|rate|password|login|pin)"
    r"|system\s?text\w*|system-?prompt\w*|interne[nrms]?\s+\w+|vertrauliche\w*|geheime[nrms]?\s+\w+|mitarbeiter(?:code|rabatt|kennwort|passwort)\w*|rabattcode\w*|servicekennung|den\s+nur\s+mitarbeiter|vermerke|notizen"
    r"|(?:notes?|consignes?|instructions?|documents?|contenu|informations?|code|directives?|remarques?)\s+(?:\w+\s+)?(?:internes?|confidentiel(?:le)?s?|secr[eè]te?s?|cachée?s?|système|du\s+personnel|de\s+départ)|contenu\s+confidentiel|directives\s+t['’]a-t-on|au\s+départ|vous\s+seuls\s+voyez"
    r"|(?:notas?|instrucciones|documentos?|contenido|código|directrices|texto|material|datos)\s+(?:\w+\s+){0,4}(?:intern[oa]s?|confidencial(?:es)?|secret[oa]s?|ocult[oa]s?|sistema|empleados|arranque|personal|supervisor)"
    r"|(?:notas?|instruções|documentos?|conteúdo|código|diretrizes|texto|orientações|material)\s+(?:\w+\s+){0,4}(?:intern[oa]s?|confidencia(?:l|is)|secret[oa]s?|ocult[oa]s?|sistema|funcionários|equipe)"
    r"|(?:note|istruzioni|documenti|contenuto|codice|direttive|testo|materiale)\s+(?:\w+\s+){0,3}(?:intern[eoi]|riservat[eoi]|segret[eoi]|nascost[eoi]|sistema|personale|dipendenti)"
    r"|(?:interne|geheime|vertrouwelijke|verborgen)\s+\w+|systeemprompt|geheime\s+opdracht|(?:wewnętrzn|poufn|tajn|ukryt)\w+\s+\w+|(?:notatk|instrukcj|polece|kod)\w*\s+(?:wewnętrzn|poufn|tajn|systemow|pracownicz)\w+|polece\w+,\s+które)\b"
    r"|внутренн\w+\s+\w+|секретн\w+\s+\w+|скрыт\w+\s+\w+|системн\w+\s+\w+|инструкци\w+,?\s+котор\w+|系统提示|内部\w{0,4}|机密|设定原文|提示词|员工(?:代码|折扣)|システムプロンプト|社内\w{0,4}|内部\w{0,4}|機密|秘密の|非公開|与えられた指示"
)
"""What only the company may read."""

DISCLOSE: Final = (
    r"\b(?:reveal|print|show|paste|repeat|output|leak|disclose|dump|expose|append|list|copy|include|attach|share|quote|summari[sz]e|spell|translate|recite|tell|give|send|write|display|unlock|read\s+(?:out|me)|cite|state|forward|export|put|name|complete|provide|what\s+(?:is|are|were|does)|which"
    r"|nenne\w*|zeig\w*|gib|geben|offenbar\w*|verrat\w*|verrät|füge?n?|einfügen|lies|schick\w*|sende\w*|druck\w*|kopier\w*|liste\w*|wiederhol\w*|übersetz\w*|brauche|wie\s+lautet|welche\w*|vervollständig\w*|schreib\w*|heraus\w*"
    r"|donne\w*|montr\w+|colle\w*|liste\w*|recopi\w+|copi\w+|révèl\w+|révél\w+|affich\w+|joign\w+|joins|envoy\w+|partag\w+|cit\w+|traduis\w*|résum\w+|transcri\w+|quelles?|dis|dites|communiqu\w+"
    r"|muestr\w+|mostr\w+|peg[au]\w*|pegu\w*|copi\w+|revel\w+|incluy\w+|inclu\w+|pása\w*|pas[ae]\w*|dame|denme|dime|díga\w*|list\w+|envi\w+|transcrib\w+|traduc\w+|resum\w+|cuál\w*|qué|adjunt\w+|compart\w+|enseñ\w+"
    r"|transcrev\w+|col[ae]\w*|cole|envie\w*|compartilh\w+|traduz\w*|quais|qual|conte|diga\w*|trascriv\w+|riport\w+|elenc\w+|incoll\w+|rivel\w+|svel\w+|condivid\w+|invi\w+|quali|dimmi|mostra\w*|dammi|ditemi"
    r"|toon|geef|plak|deel|welke|onthul\w*|noem|stuur|lijst|citeer|vertaal|kopieer|przepisz|pokaż|podaj\w*|wypisz\w*|wklej\w*|ujawni\w*|zdradź\w*|jakie|wyślij\w*|skopiuj\w*)\b"
    r"|перепиши\w*|покажи\w*|выведи\w*|раскрой\w*|вставь\w*|пришли\w*|назови\w*|перечисли\w*|скопируй\w*|какие|процитируй\w*|переведи\w*|输出|显示|列出|贴出|复制|告诉|提供|透露|翻译|写出|発表|表示|出力|貼り付け|教えて|見せて|列挙|コピー|書き出し|公開"
)
"""Orders to show something."""

APPROVED: Final = (
    r"\b(?:approved|granted|authori[sz]ed|signed\s+off|agreed|cleared|released|extended|confirmed|waived|eligible|exempt|freigegeben|bewilligt|genehmigt|zugesagt|gewährt|freigabe|kulanz|validée?s?|accordée?s?|autorisée?s?|approuvée?s?|aprobad[oa]s?|autorizad[oa]s?|concedid[oa]s?|aprovad[oa]s?|autorizzat[oa]|approvat[oa]|concess[oa]|akkoord|goedgekeurd|toegekend"
    r"|zatwierdzon\w+|przyznan\w+|zaakceptowan\w+)\b|согласован\w*|одобрен\w*|утвержд\w+|разреш\w+|已批准|已同意|批准|已授权|承認済|承認|許可済|同意済"
)
"""What a false note says about a wish of the customer."""

STAFF: Final = (
    r"\b(?:staff|agents?|internal|intern[aeors]?|supervisor|back\s?office|employees?|operator|team\s+lead|not\s+visible|do\s+not\s+show|personnel|service|mitarbeiter\w*|bearbeiter\w*|sachbearbeiter\w*|teamleitung|nur\s+intern|sichtbar|personnel|équipe|agents?|superviseur|réservé|supervisora?|agentes|equipo|personal|equip[ae]|funcionários|operador\w*|personale|operatori|riservato|medewerkers?|pracownik\w*|wewnętrzn\w+|kierownik\w*)\b"
    r"|сотрудник\w*|оператор\w*|внутренн\w+|员工|内部|客服|主管|备注|担当者|社内|スタッフ|内部|責任者"
)
"""Who reads internal notes."""
