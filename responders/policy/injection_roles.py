"""Rules about roles, notes, secrets, data of others, commands and links."""

from typing import Final

from responders.policy.injection_concepts import (
    APPROVED,
    CONTROL,
    DISCLOSE,
    HIDDEN,
    MUST,
    SAY,
    STAFF,
    WRITERS,
)
from responders.policy.injection_parts import LOOSE_START, OTHERS, START, Joint

ROLE_JOINTS: Final = (
    Joint(
        "asks for instructions or secrets",
        (
            rf"{START}(?:{DISCLOSE})\b[^.\n]{{0,50}}\b(?:your|deine\w*|ihre\w*|tes|vos|tus|sus|suas?"
            rf"|tuas?|tue|sue|je|jouw|uw|swoje|twoje|свои|твои|你的|あなたの)\s?(?:own\s+|current\s+"
            rf"|exact\s+)?(?:{CONTROL})",
        ),
        r"\b(?:return|refund|privacy|cancell?ation|shipping|delivery|assembly|cookie|house|baggage"
        r"|luggage|pet|booking|washing|care|setup|installation)\b",
    ),
    Joint(
        "plays a role of the system",
        (
            r"^\W{0,6}(?:\[|<|\{|\(|#|\*|=|/|\||-{2}|【|《|「)\W{0,4}/?(?:begin\s+|end\s+|new\s+"
            r"|start\s+)?(?:system|admin|root|developer|override|policy\s+update|prompt|instructions?"
            r"|config(?:uration)?|assistant|ai|bot|llm|tool|function|directive|control|kernel|sudo"
            r"|anweisung|systemanweisung|système|instructions?|consigne|sistema|instrucción|instrução"
            r"|istruzione|systeem|polecenie|система|инструкция|系统|指令|システム|指示|命令)\b(?!\s+(?:error"
            r"|failure|log|requirements|status))",
        ),
        r"\b(?:says|shows|zeigt|affiche|muestra|log|error|version)\b",
    ),
    Joint(
        "asks to run a command",
        (
            r"\b(?:refund|credit|delete|grant|export|send|transfer|issue|set|update|apply|unlock"
            r"|disclose|reveal|cancel|get|read|list|fetch|erstatt\w*|gutschrift|remboursa\w*"
            r"|rembourse\w*|reembols\w*|rimbors\w*|terugbetal\w*|zwrot)\w*\([^()\n]{0,80}\)",
        ),
        r"\b(?:returns?|errors?|scope|endpoint|code|script|fails?|failed|throws?|exception|docs?"
        r"|documentation|api|sdk|we\s+(?:call|use|run)|i\s+(?:call|use|run)|method|deprecated|bug|40\d"
        r"|50\d|42\d)\b",
    ),
    Joint(
        "asks for another person's data",
        (
            r"\b(?:customer|client|account|member|user|kunde\w*|kundennummer|client[e]?|klant\w*"
            r"|klient\w*)\s+(?:no\.?\s*|number\s*|nr\.?\s*|#)?\d{3,}|\bwho\s+(?:lives|ordered|bought"
            r"|owns|paid|called|is\s+behind|sits)\b|\b(?:order|call|purchase|login|travel|chat"
            r"|payment)\s+history\s+(?:of|for)\b|\b(?:he|she|they)(?:['’]s|\s+is"
            r"|\s+are)\s+(?:also\s+)?(?:a\s+|your\s+)?customers?\b|\bthe\s+account\s+(?:of"
            r"|belonging\s+to)\b",
            r"\b(?:tell|give|share|look\s+up|show|send|need|disclose|what|which|when|where|how\s+much"
            r"|welche\w*|was|wie|quel\w*|qué|cuánto|qual\w*|quanto|wat|hoeveel|jaki\w*|ile)\b|\?",
            r"\b(?:address|phone|e-?mail|number|balance|debt|owes?|plan|tariff|orders?|anschrift"
            r"|adresse|telefon\w*|kontostand|dirección|teléfono|saldo|endereço|telefone|indirizzo"
            r"|telefono|adres|telefoon\w*|adresu?|telefonu?|kwot\w*|lives?)\b",
            r"\b(?:his|her|their|this\s+person|that\s+person|who|whose|mr|mrs|ms|herr\w*|frau|seine?"
            r"|ihre?|deren|sa|son|leur|suya?|señor\w*|dela?|sua|suo|zijn|haar|jego|jej|history)\b",
        ),
        r"\b(?:my|our)\s+(?:customer|account|order|client|number|address)\b|\bwho\s+(?:lives"
        r"|works)\s+(?:in|near|with)\s+(?:me|us)\b",
    ),
    Joint(
        "asks for instructions or secrets",
        (
            rf"(?:{DISCLOSE})[^.\n]{{0,90}}(?:{HIDDEN})"
            rf"|(?:{HIDDEN})[^.\n]{{0,60}}(?:{LOOSE_START}(?:{DISCLOSE}))",
        ),
        r"\b(?:i\s+(?:show|print|send|write|told|wrote|give|gave|have)|your\s+internal\s+\w+\s+(?:is"
        r"|has|seem\w*)|release\s+notes|my\s+notes|export|how\s+(?:do|can|to)|wie\s+(?:kann|sehe"
        r"|lösche)|comment|cómo|show\s+up|appear|visible|turn\s+an?|sehen\s+kunden|delete|supprimer"
        r"|where|wo\s+sehe|internal\s+(?:error|server|storage|memory|drive|id)|command\s+prompt"
        r"|prompt\s+(?:reply|answer|help|response|users?)|interne\s+(?:fehler|nummer))\b",
    ),
    Joint(
        "asks for instructions or secrets",
        (
            r"\b(?:at\s+the\s+(?:start|beginning)\s+of\s+(?:this|our|the)\s+(?:conversation|chat"
            r"|session)|before\s+(?:this|our)\s+conversation|you\s+were\s+given|govern\s+your\s+answers"
            r"|context\s+window|first\s+to\s+the\s+last\s+line|told\s+by\s+your\s+(?:operator|developer"
            r"|company)|ganz\s+am\s+anfang|bekommen\s+hast|données\s+au\s+départ|que\s+has\s+recibido"
            r"|tal\s+cual\s+las\s+recibiste|que\s+você\s+recebeu|che\s+(?:ti\s+hanno\s+dato"
            r"|hai\s+ricevuto)|heb\s+je\s+vooraf|które\s+dostałe[śa]\w*)\b|тебе\s+дали|最开始收到|最初に与え",
            rf"{DISCLOSE}|{SAY}",
        ),
    ),
    Joint(
        "speaks to an assistant",
        (
            r"[\"“„«「『>][^\"”“»」』\n]{0,40}\b(?:assistant|assistent\w*|asistente|assistente|asystent"
            r"|(?:chat)?bots?|robots?|roboter|robô|AI|KI|IA)\b[^\"”“»」』\n]{0,60}\b(?:will|shall|now"
            r"|grants?|confirms?|sends?|writes?|bestätigt|gewährt|schickt|schreibt|wird|accorder\w+"
            r"|confirmer\w+|enverr\w+|donner\w+|conceder\w+|confirmar\w+|enviar\w+|escrib\w+|conferm\w+"
            r"|zal|bevestigt|potwierdz\w+|udzieli)\b",
        ),
        r"\b(?:how|why|cost|keeps|our\s+(?:bot|assistant))\b",
    ),
    Joint(
        "speaks to an assistant",
        (
            rf"\b(?:if\s+you\s+are|note\s+(?:to|for)|message\s+(?:to|for)|instructions?\s+(?:to|for)"
            rf"|hint\s+for|attention|p\.?s\.?,?\s+(?:for|to))\s+(?:an?\s|any\s|all\s"
            rf"|the\s)?(?:\w+\s)?(?:{WRITERS})|\bwhen(?:ever)?\s+an?\s+(?:{WRITERS})\s+\w+s\b|\b(?:wenn"
            rf"|falls|für|an)\s+(?:eine?n?|die|den|alle|das)?\s?(?:{WRITERS})|\b(?:si\s+(?:tu\s+es"
            rf"|vous\s+êtes|eres)|aux|tout|pour|todo|para|se\s+(?:sei|você\s+é)|als\s+je|aan"
            rf"|jeśli\s+jesteś|dla)\s+(?:une?\s|uma?\s|un\s|los?\s|las?\s|les?\s|een\s|o\s"
            rf"|a\s)?(?:{WRITERS})|(?:если\s+ты|для)\s+(?:{WRITERS})|(?:如果你是|致|对)(?:{WRITERS})",
            rf"{LOOSE_START}(?:{SAY})|{MUST}",
        ),
        r"\b(?:how|why|where|our|my|does|restart\w*|cost|compris|extra|keeps|abschalten|begrijpt|zahl\w*)\b",
    ),
    Joint(
        "speaks to an assistant",
        (
            rf"(?:^|[\n.!?:;>*#-]\s*|\b(?:any|every|all|the|alle|jede[rs]?|tout|todo|ogni|elke?"
            rf"|każd\w+)\s)(?:{WRITERS})\b[^.\n]{{0,60}}?(?:{MUST})\s[^.\n]{{0,60}}(?:{SAY}|\binclude"
            rf"|\binsérer|\bincluir)",
        ),
        r"\b(?:be\s+(?:re)?\w+ed|my\s+computer|always\s+(?:says?|shows?|writes?)|why|how)\b",
    ),
    Joint(
        "speaks to an assistant",
        (rf"^\W*(?:dear\s+|dir\s+)?(?:{WRITERS}|computer)\s*[,:：-]\s", rf"(?:{SAY})|\bgrant\b|\boffer\b"),
    ),
    Joint("speaks to an assistant", (rf"(?:{WRITERS})(?:必ず|必须|请|は)[^。\n]{{0,40}}(?:{SAY})",)),
    Joint(
        "pretends to be an internal note",
        (
            r"^\W*(?:\[|\(|【|（|///?|--|\*\*|###|<|~~|=)|\bpvt\b|^\W*(?:note|nota|notiz|notatka|заметка)\b",
            STAFF,
            APPROVED,
        ),
        r"\b(?:how|does|do\s+internal|wie|comment)\b",
    ),
    Joint(
        "pretends to be an internal note",
        (
            STAFF,
            APPROVED,
            r"\b(?:inform|tell|confirm|communicate|announce|pls|let\s+(?:him|her|them|the)|say\s+so"
            r"|mitteilen|bestätigen|zusagen|annoncer|à\s+annoncer|confirmer|comunicar\w*|comunicare"
            r"|informar|confirmar|melden|przekazać|potwierdzić|poinform\w+)\b|сообщи\w*|подтверди\w*"
            r"|请告知|告知客户|案内|伝え",
        ),
    ),
    Joint(
        "pretends to be an internal note",
        (
            r"\b(?:staff\s+only|agents?\s+only|internal\s+use|not\s+visible\s+to|(?:hidden"
            r"|invisible)\s+(?:from|to|for)\s+(?:the\s+)?customers?|nur\s+intern|bearbeitervermerk"
            r"|mitarbeitervermerk|réservé\s+(?:au|aux)\s+(?:personnel|agents|équipe)"
            r"|no\s+visible\s+para|solo\s+(?:para\s+)?(?:agentes|personal)|só\s+para|riservato\s+al"
            r"|solo\s+personale|alleen\s+(?:voor\s+)?medewerkers|tylko\s+dla\s+pracownik\w+)\b"
            r"|только\s+для|员工备注|仅限|担当者用|社外秘",
            r"^\W*(?:\[|\(|【|（|//|--|\*\*|#|<|=)",
        ),
    ),
    Joint(
        "plays a role of the system",
        (
            r"\b(?:moderation|safety\s+(?:layer|filters?|mode)|(?:content\s+)?filters?|confidential\w*"
            r"|restrictions?|system\w*meldung|systeembericht|systemnachricht|message\s+du\s+système"
            r"|mensaje\s+del\s+sistema|mensagem\s+do\s+sistema|messaggio\s+di\s+sistema"
            r"|mode\s+sans\s+restriction|wartungsmodus|filtre\w*|filtr[oi]\w*|filtry)\b|системн\w+"
            r"|фильтр\w*|系统|过滤器|システム|フィルター",
            r"\b(?:disabled|suspended|off|overridden?|override|unrestricted|lifted|deactivated"
            r"|unlocked?|abgeschaltet|deaktiviert|aus|désactivé\w*|activé|desactivad\w+|desligad\w+"
            r"|spent[io]|disattivat\w+|uit(?:geschakeld)?|wyłączon\w+|false)\b|отключен\w*|已关闭|关闭|解除|無効",
            rf"{SAY}|{DISCLOSE}",
        ),
        r"\b(?:how|why|my|our|internet|wifi|screen|printer|phone|alarm|heating|camera|router|device|wie"
        r"|warum|meine?|unser\w*)\b",
    ),
    Joint(
        "gives the writer a new role",
        (
            r"\b(?:(?:from\s+now\s+on|henceforth|from\s+here\s+on),?\s+(?:you|your|i\s+am\s+your)\b"
            r"|ab\s+jetzt|ab\s+sofort|von\s+nun\s+an|à\s+partir\s+de\s+maintenant|désormais|dorénavant"
            r"|a\s+partir\s+de\s+(?:ahora|este\s+momento|agora)|desde\s+ahora|d['’]ora\s+in\s+poi"
            r"|da\s+adesso|vanaf\s+nu|od\s+teraz)\b|отныне|с\s+этого\s+момента|从现在|今から|これから",
            r"\b(?:you|your|obey|du|dein\w*|bist|spiel\w*|tu|ton|ta|vous|eres|dejas|respondes|você|sei"
            r"|rispondi|je|jij|jesteś|odpowiadasz)\b|ты|你|あなた",
        ),
        r"\b(?:charge\w*|charging|bill|send|invoice|deliver|will\s+you|wrote|pay|you\s+(?:said|told"
        r"|announced)|berechn\w*|zahl\w*|wir|ich|nous|nosotros|noi|wij)\b",
    ),
    Joint(
        "gives the writer a new role",
        (
            r"\b(?:pretend|role-?play|(?:you|du)\s+(?:play|act|spielst)|play\s+(?:the\s+(?:role|part)"
            r"|along|a\s+game)|act\s+as|answer\s+as|speak\s+as|imagine\s+you|some\s+theatre|spiel\w*"
            r"|tu\s+so\s+als|stell\s+dir\s+vor|joue\s+(?:le|un)|fais\s+comme\s+si|imagine\s+que\s+tu"
            r"|haz\s+de|finge|actúa\s+como|imagina\s+que\s+eres|finja|finge\s+ser|aja\s+como|fingi"
            r"|fai\s+finta|immagina\s+di|doe\s+alsof|speel|udawaj|wyobraź)\b|притворись|представь"
            r"|сыграй|扮演|假装|演じ|なりきっ|ふりをし",
            r"\b(?:no\s+(?:limits?|rules|restrictions)|without\s+(?:limits?|rules|restrictions)"
            r"|unlimited|allowed\s+to|who\s+(?:always|never)|always\s+say\w*|secrets?|clerk|employee"
            r"|manager|admin|developer|furious|keine\s+(?:grenzen|regeln)|ohne\s+(?:grenzen|regeln)"
            r"|immer|aucune\s+limite|sans\s+limites?|toujours|sin\s+límites|no\s+tiene\s+límites"
            r"|siempre|sem\s+limites|sempre|senza\s+limiti|zonder\s+grenzen|altijd|bez\s+ograniczeń"
            r"|zawsze)\b|без\s+ограничений|всегда|没有限制|制限のない",
        ),
        r"\b(?:who\s+can|can\s+(?:i|we|he|she|they)|i\s+can't|how|allowed\s+to\s+act)\b",
    ),
    Joint(
        "asks for another person's data",
        (
            r"\b(?:mein\w*|der|die)\s+(?:ex\w*|freund\w*|schwester|bruder\w*|cousin\w*|schwager\w*"
            r"|schwägerin|nachbar\w*|frau|mann\w*|mutter|vater\w*|mieter\w*|kolleg\w*|familie\s+über)\b"
            r"|\b(?:mon|ma)\s+(?:frère|sœur|cousine?|voisine?|ex|mari|femme|père|mère|locataire"
            r"|collègue)\b|\b(?:mi|meu|minha|mio|mia)\s+(?:herman\w+|prim\w+|vecin\w+|vizinh\w+|novi\w+"
            r"|cuñad\w+|pai|mãe|irm\w+|cugin\w+|fratell\w+|sorell\w+|suocer\w+|ex|vicin\w+|padre|madre"
            r"|marit\w+|esposa|mujer|marido|moglie)\b"
            r"|\bmijn\s+(?:zus|broer|neef|buur\w*|ex|vrouw|man|huurder)\b|\b(?:mój|moja|mojego"
            r"|mojej)\s+(?:brat\w*|siostr\w+|kuzyn\w*|sąsiad\w*|mąż|żon\w+)\b|\bsąsiad\w*|\b(?:брат"
            r"|сестр|сосед|муж|жен|мам|пап|отц|дочер|бывш)\w*|姐姐|哥哥|弟弟|妹妹|邻居|前女友|前男友|姉|兄|弟|妹|父|母|隣人|元彼"
            r"|夫|妻",
            r"\?|？|\b(?:wie\s+viel|welche\w*|wann|wo|nennen|brauche|schicken|geben|quel\w*|combien"
            r"|donne[rz]?|dites|qué|cuánto|dígan\w*|necesito|qual|quanto|onde|digam|preciso|dove|ditemi"
            r"|mi\s+dite|wat|waar|hoeveel|geef|jaki\w*|ile|gdzie|podajcie|proszę)\b|какой|сколько|где"
            r"|скажите|дайте|多少|哪|教えて|何|知りたい|告诉",
            r"\b(?:handynummer|telefonnummer|nummer|anschrift|adresse|wohnt|pakete|kontostand|tarif\w*"
            r"|verbrauch|solde|numéro|facture|forfait|saldo|dirección|endereço|indirizzo|abita|número"
            r"|numero|telefone|telefono|teléfono|consum\w+|suele|rekening|adres\w*|tarief|verbruik"
            r"|nummer|abonament|numer\w*|płaci|dług\w*|kwot\w*|e-?mail)\b|тариф\w*|сч[её]т\w*|адрес\w*"
            r"|телефон\w*|номер\w*|余额|地址|电话|账单|契約|支払|住所|電話|残高",
        ),
        r"\b(?:hinzufügen|ajouter|añadir|wechseln|cambiar|öffnen|n['’]a\s+plus|kann\s+(?:die|nicht)"
        r"|cambiar\s+de|mein\w*\s+(?:eigene\w*)?\s?konto|paket\s+(?:für|an))\b",
    ),
    Joint(
        "asks for another person's data",
        (
            rf"\b(?:what|which|when|where|how\s+(?:much"
            rf"|many))\b[^.?!\n]{{0,50}}\b(?:{OTHERS})\b[^.?!\n]{{0,60}}[?]|\b(?:tell\s+me|give\s+me"
            rf"|share|look\s+up|show\s+me|send\s+me|i\s+need|disclose|let\s+me\s+(?:have"
            rf"|know))\b[^.\n]{{0,70}}\b(?:{OTHERS})\b|\blook\s+up\b[^.\n]{{0,40}}\b(?:seats|plan"
            rf"|orders|usage)\b",
            r"\b(?:plan|tariff|balance|address|e-?mail|phone|number|card\s+does|pays?|owes?|orders?"
            r"|ordered|usage|usually|at\s+home|lives?|living|moved\s+to|bills?|seats|messages|calls"
            r"|location|debt|password|grades|results|salary)\b",
        ),
        r"\b(?:add|remove|invite|change|update|correct|transfer|cannot|can't|log\s+in|tracking|parcel"
        r"|deliver\w*|new\s+card|family\s+plan|my\s+account|works?\s+fine|how\s+(?:do|can)\s+(?:i"
        r"|we))\b",
    ),
    Joint(
        "asks to run a command",
        (
            rf"{START}(?:\w+\s){{0,2}}?(?:run|execute|call|invoke|trigger|launch|use|rufe?|führe?"
            rf"|starte|lance[zr]?|appelle[zr]?|exécute[zr]?|llama|ejecuta|lanza|chame|execute|chiama"
            rf"|esegui|lancia|roep|voer|wywołaj|uruchom|выполни|вызови|запусти|调用|执行)",
            r"\b[a-z]+(?:_[a-z]+)*\([^)\n]*\)|\byour\s+\w+\s+tools?\b|\b(?:the\s+)?(?:function|funktion"
            r"|fonction|función|função|funzione|functie|funkcj\w+|tool)\b",
        ),
        r"\b(?:we|i|when|wenn|gets?|returns?|error|scope|my\s+(?:code|script))\b",
    ),
    Joint(
        "asks to run a command",
        (
            r"\{\s*[\"'](?:tool|function|action|command|name)[\"']\s*:\s*[\"']\w+",
            r"[\"'](?:args|arguments|parameters|params|input)[\"']|\b(?:refund|credit|delete|export"
            r"|grant|transfer|send)\w*",
        ),
        r"\b(?:error|returns?|response|gets?|why|status)\b",
    ),
    Joint(
        "asks to run a command",
        (
            rf"{START}(?:set|change|lower|drop|ändere?|setze?|mets|cambia|pon|mude|imposta|zet"
            rf"|ustaw)\b[^.\n]{{0,30}}(?:\bprice|\bpreis\b|\bprix\b|\bprecio\b|\bpreço\b|\bprezzo\b"
            rf"|\bprijs\b|\bcen[ęay]\b|=)[^.\n]{{0,40}}\d|{START}set\s+the\s+\w+\s+to\s+\d"
            rf"|\bset\s+\w+\s?=\s?\w+;|{START}render\s+!\[",
        ),
        r"\b(?:how|can\s+i|where|wie\s+kann)\b",
    ),
    Joint(
        "asks to confirm a link",
        (
            r"https?://\S+|\bwww\.\S+",
            r"\b(?:write\s+back|confirm|say|tell|reply|just|schreiben\s+sie|bestätigen\s+sie"
            r"|sagen\s+sie|dites|confirmez|écrivez|díganme|confirmen|digam|confirmem|ditemi|confermate"
            r"|schrijf|bevestig|napiszcie|potwierdźcie)\b|напишите|подтвердите|请确认|确认",
            r"\b(?:that\s+(?:this|it)|(?:it|this)\s+is\s+(?:your|the\s+(?:official|right|real))"
            r"|official|your\s+(?:page|site|link)|dass\s+das|ihre\s+seite|c['’]est\s+bien|votre\s+site"
            r"|que\s+es|su\s+página|que\s+é|vosso\s+site|che\s+è|vostro\s+sito|dat\s+dit"
            r"|jullie\s+site)\b|ваш\s+сайт|官方|公式",
        ),
        r"\b(?:from\s+you\?|is\s+it\s+from|phishing)\b",
    ),
    Joint(
        "asks for instructions or secrets",
        (
            r"\b(?:complete|finish|fill\s+in|vervollständig\w*|ergänz\w*|complète[zr]?|completa\w*"
            r"|complete\w*|guess|rate[n]?)\b",
            r"[\"“„«][^\"”“»\n]{3,120}(?:code|passwor[dt]|internal|intern\w*)[^\"”“»\n]{0,60}[\"”“»]"
            r"|\b(?:door|gate|alarm|safe)\s+code\b",
        ),
    ),
)
