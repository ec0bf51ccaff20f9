"""The words that introduce the name of a person, in many languages."""

from typing import Final

INTRODUCTIONS: Final = (
    r"my\s+name\s+is|my\s+name's|my\s+name\s+in\s+full\s+is|i\s+am\s+called|name\s+is|irl\s+name|ich\s+heiße"
    r"|ich\s+heisse|mein\s+name\s+ist|(?:je\s+)?m['’]appelle|mon\s+nom\s+(?:est|c'est)|me\s+llamo"
    r"|mi\s+nombre\s+es"
    r"|mi\s+chiamo|il\s+mio\s+nome\s+è|me\s+chamo|meu\s+nome\s+é|ik\s+heet|mijn\s+naam\s+is|nazywam\s+się"
    r"|jag\s+heter"
    r"|jeg\s+hedder|jeg\s+heter|heter|nimeni\s+on|jmenuji\s+se|volám\s+sa|mă\s+numesc|zovem\s+se|меня\s+зовут"
    r"|мене\s+звати|ονομάζομαι|με\s+λένε|اسمي|שמי|adım|ismim|nama\s+saya|tên\s+tôi\s+là|em\s+là|tôi\s+là"
    r"|naam\s+hai|moje\s+ime\s+je|ime\s+mi\s+je|my\s+full\s+name|(?:the\s+|my\s+)?(?:real|full|legal"
    r"|new|old|correct"
    r"|maiden|married|first|last|family|given)\s+name(?:\s+(?:is|was))?|name\s+(?:was|should\s+be)|olen"
    r"|jmenuju\s+se|volám\s+se"
    r"|numele\s+meu\s+este|називам\s+се|казвам\s+се|vardas|mans\s+vārds\s+ir|minu\s+nimi\s+on|hívnak|nevem"
    r"|ninaitwa|jina\s+langu\s+ni|ang\s+pangalan\s+ko\s+ay|ako\s+si|soy\s+la\s+señora|quien\s+escribe,?\s+es"
)
"""A name follows, also in small letters."""

PRESENCES: Final = (
    r"i\s+am|i['’]m|this\s+is|it['’]s|it\s+is|hier\s+ist|hier\s+spricht|hier\s+schreibt|ich\s+bin|je\s+suis"
    r"|c['’]est"
    r"|ici|soy|habla|sono|sou|aqui\s+é|sunt|ik\s+ben|met|jestem|saya|ben|это|я|ես|আমি|zde|tu|jag\s+är"
    r"|jeg\s+er"
)
"""A name with a capital letter may follow; it must be a known first name or have two words."""

TITLES: Final = (
    r"mr|mrs|ms|miss|mx|dr|dra|docteure?|doctora|dottor(?:essa)?|dott(?:\.ssa)?|doktor(?:in)?|doc"
    r"|maître|me\.|avv(?:ocato)?|ing|lic|abg|ra|rain"
    r"|pc|sgt|sergeant|constable|detective|lieutenant|lt|capt|coach|professeure?|profesora?"
    r"|professore(?:ssa)?|maestr[oa]|bay|sr|herre"
    r"|panu|panem|panią|pani[ąe]|dona|dom|fru|hr|ds|ust|ustadz|pak|ibu|bapak|bu|mas|mbak|"
    r"prof|professor|herrn?|frau|hr|fr|mme|mlle|monsieur|madame|señora?|sra?|don|doña"
    r"|sig(?:nora)?"
    r"|signor|senhora?|pan[ai]?|p|mag|fam(?:ilie|ily)?|dhr|mevr|meneer|mevrouw|sir|captain|rev|judge"
    r"|officer|inspector"
    r"|nurse|aunt|uncle|tante|onkel|oncle|tía|tío|sister|brother|father|mrs|г-н|г-жа|господин|госпожа"
)
RELATIONS: Final = (
    r"(?:my|our|his|her|their|your|the|a|an|il|el|lo|der|die|de|het|meine?[mnrs]?|unsere?[mnrs]?|ihre?[mnrs]?|mon|ma|mes|notre"
    r"|votre|mi|mis"
    r"|nuestr[oa]|su|meu|minha|nosso|nossa|mio|mia|il\s+mio|la\s+mia|mijn|onze|mój|moja|mojego|mojej|min"
    r"|mitt|i)"
)
PEOPLE: Final = (
    r"(?:mother|father|sister|brother|son|daughter)-in-law|step(?:son|daughter|father|mother|brother"
    r"|sister)|spouse"
    r"|godson|goddaughter|housemate|carer|caregiver|guardian|trainee|apprentice|secretary|treasurer|solicitor"
    r"|auditor|freelancer|developer|designer|nanny|babysitter|cleaner|caretaker|plumber|electrician"
    r"|handyman|chef|waiter"
    r"|waitress|barber|stylist|dentist|surgeon|vet|midwife|therapist|physio|gp|consignee|consignor"
    r"|shipper|payee|payer|borrower|lender"
    r"|traveller|traveler|pilot|clerk|cashier|adjuster|broker|underwriter|executor|trustee|applicant"
    r"|candidate|subscriber|resident"
    r"|occupant|lodger|cardholder|account\s+manager|team\s+lead|project\s+manager|head\s+of\s+\w+|ex"
    r"|fiance|late\s+(?:wife|husband)"
    r"|mate|buddy|pal|bestie|hubby|missus|gran|nan|nana|granny|pop|dad(?:dy)?|mummy|mama|papa|rep"
    r"|principal|headteacher|lecturer"
    r"|schwägerin|schwager|schwiegermutter|schwiegervater|schwiegersohn|schwiegertochter|stiefsohn"
    r"|stieftochter|neffe|nichte|tante"
    r"|onkel|cousine|ehefrau|ehemann|lebensgefährt(?:e|in)|partnerin|verlobte[rn]?|vermieterin?"
    r"|hausverwalterin?|halterin?|versicherte[r]?"
    r"|passagierin?|reisende[r]?|bewohnerin?|nachmieterin?|vormieterin?|steuerberaterin?|anwältin"
    r"|anwalt|ärztin|arzt|lehrerin?|trainerin?"
    r"|vorgesetzte[rn]?|mitbewohnerin?|auszubildende[r]?|praktikantin?|hausmeister(?:in)?"
    r"|schüler(?:in)?|student(?:in)?|techniker(?:in)?"
    r"|sachbearbeiter(?:in)?|berater(?:in)?|absender(?:in)?|käufer(?:in)?|verkäufer(?:in)?|gast|herrn"
    r"|belle-sœur|beau-frère|belle-mère|beau-père|gendre|nièce|neveu|oncle|cousin[e]?|compagne"
    r"|compagnon|conjointe?|fiancée?"
    r"|locataire|propriétaire|gardien(?:ne)?|passag(?:er|ère)|patient[e]?|élève|étudiante?|professeure?"
    r"|médecin|infirmi(?:er|ère)"
    r"|comptable|avocate?|associée?|assistante?|stagiaire|technicien(?:ne)?|expéditeur|acheteu(?:r|se)"
    r"|vendeu(?:r|se)|souscripteur"
    r"|cuñad[oa]|suegr[oa]|yerno|nuera|sobrin[oa]|tí[oa]|prim[oa]|abuel[oa]|niet[oa]|novi[oa]|pareja"
    r"|cónyuge|inquilin[oa]|casero"
    r"|portero|pasajer[oa]|alumn[oa]|estudiante|profesora?|médic[oa]|doctora?|enfermer[oa]|abogad[oa]"
    r"|contable|gestora?|asegurad[oa]"
    r"|destinatari[oa]|remitente|comprador[a]?|vendedora?|técnic[oa]|soci[oa]|hermanit[oa]|jef[ea]"
    r"|cognat[oa]|suocer[oa]|genero|nuora|nipote|zi[oa]|cugin[oa]|nonn[oa]|fidanzat[oa]|compagn[oa]"
    r"|coniuge|inquilin[oa]|portiere"
    r"|passegger[oa]|alunn[oa]|studente(?:ssa)?|dottoressa|infermier[ea]|avvocat[oa]|commercialista"
    r"|assicurat[oa]|destinatari[oa]"
    r"|mittente|acquirente|venditore|tecnico|soci[oa]|citofono|referente"
    r"|cunhad[oa]|sogr[oa]|genro|nora|sobrinh[oa]|tia|tio|prim[oa]|avó|avô|net[oa]|namorad[oa]|noiv[oa]"
    r"|companheir[oa]|inquilin[oa]"
    r"|passageir[oa]|alun[oa]|médic[oa]|advogad[oa]|contador[a]?|segurad[oa]|destinatári[oa]|remetente"
    r"|titular|dona"
    r"|schoonmoeder|schoonvader|schoonzus|zwager|neef|nicht|tante|oom|opa|oma|vriend(?:in)?|verloofde"
    r"|huurder|verhuurder|passagier"
    r"|leerling|student|dokter|huisarts|advocaat|boekhouder|verzekerde|ontvanger|afzender|monteur"
    r"|collega|baas|partner"
    r"|siostra|brat|matka|ojciec|babcia|dziadek|ciocia|wujek|kuzyn(?:ka)?|szwagier|teściowa|teść"
    r"|sąsiad(?:ka)?|koleżanka|kolega"
    r"|szef(?:owa)?|najemca|właściciel(?:ka)?|pacjent(?:ka)?|student(?:ka)?|lekarz|kurier|odbiorca"
    r"|nadawca|klient(?:ka)?"
    r"|сестра|брат|мама|папа|мать|отец|бабушка|дедушка|тётя|дядя|сосед(?:ка)?|коллега|начальник"
    r"|пациент(?:ка)?|врач|курьер|отправитель"
    r"|eşim|annem|babam|kardeşim|kızım|oğlum|komşum|arkadaşım|manžel(?:ka)?|bratr|sestra|soused(?:ka)?"
    r"|kolegyně|kolega"
    r"|soţul|soţia|soțul|soția|fratele|sora|mama|tata|vecinul|vecina|make|maka|fru|søster|bror|nabo"
    r"|kone|mand|datter|søn"
    r"|syster|sambo|vaimo|mies|poika|tytär|äiti|isä|son|daughter|mother|father|mum|mom|dad|brother"
    r"|sister|partner|fiancée?|boyfriend"
    r"|girlfriend|boss"
    r"|manager|colleague|coworker|co-worker|teammate|friend|neighbou?r|tenant|landlord|landlady|flatmate"
    r"|roommate"
    r"|assistant|accountant|bookkeeper|lawyer|niece|nephew|aunt|uncle|cousin|grandmother|grandfather"
    r"|grandma|grandpa"
    r"|grandson|granddaughter|ex-?(?:wife|husband)|client|customer|intern|employee|contractor|supervisor"
    r"|director|ceo"
    r"|cto|cfo|administrator|admin|agent|rider|driver|courier|technician|engineer|advisor|adviser|nurse"
    r"|doctor|gp"
    r"|teacher|tutor|student|pupil|child|kid|baby|passenger|patient|policyholder|holder|account\s?holder"
    r"|beneficiary"
    r"|recipient|addressee|emergency\s+contact|contact|buyer|seller|giver|sender|guest|member|insured"
    r"|claimant|witness"
    r"|representative|consultant|receptionist|operator|lady|man|woman|guy|gentleman|person|user|owner"
    r"|co-?owner"
    r"|kollegin|kollege[n]?|chefin?|mann|frau|sohn|tochter|mutter|vater|bruder|schwester|nachbarin?|freundin?"
    r"|beifahrerin?|fahrer(?:in)?(?:\s+(?:war|\d))?|zeugin|zeuge|patientin?|kundin|kunde|kunden|mieterin?"
    r"|inhaberin?"
    r"|kontoinhaber(?:in)?|empfängerin?|ansprechpartnerin?|enkelin?|oma|opa|mitarbeiterin?|azubi|betreuerin?"
    r"|mari|femme|épouse|époux|fils|fille|mère|père|frère|sœur|soeur|collègue|patron(?:ne)?|voisin|voisine"
    r"|titulaire"
    r"|salariée?|destinataire|assurée?|bénéficiaire|représentée\s+par|client|cliente|livreur|conseill(?:er"
    r"|ère)"
    r"|hij[oa]|madre|padre|hermano|hermana|esposa|esposo|marido|mujer|colega|jefe|jefa|titular(?:\s+es)?"
    r"|vecin[oa]"
    r"|paciente|compañer[oa]|a\s+nombre\s+de|beneficiari[oa]|filh[oa]|mãe|pai|irmão|irmã|vizinh[oa]|chefe"
    r"|figli[oa]|moglie|marito|fratello|sorella|collega|capo|intestat[oa]\s+a|titolare|vicin[oa]|cliente"
    r"|paziente"
    r"|vrouw|zoon|dochter|moeder|vader|broer|zus|buurman|buurvrouw|patiënt|pracownik|syn|córka|żona|mąż"
    r"|księgow\w+"
    r"|uczeń|żák|žák|dcera|son|dotter|mamma|pappa|granne|kollega|водитель|клиент|сын|дочь|муж|жена|получатель"
)
"""People of whom somebody speaks; a name with a capital letter follows."""

SPEECH: Final = (
    r"named|called|known\s+as|sent\s+by|written\s+by|shared\s+by|approved\s+by|spoke\s+(?:to|with)"
    r"|talked\s+(?:to|with)|told|asked?|emailed|cc(?:'d)?|attn\.?:?|for\s+the\s+attention\s+of|c/o"
    r"|according\s+to"
    r"|it\s+was|belongs\s+to|gehört\s+zu|name\s+of|name|namens|nom|nombre|nome|naam|nazwisko|imię|fra[gk]"
    r"|spricht\s+mit"
    r"|de\s+la\s+part\s+de|contact(?:ed)?|for|from|with|and|said|remove|add|merge|replace(?:d)?(?:\s+by)?"
    r"|ship\s+to"
    r"|deliver(?:ed)?\s+to|holder|payee|to"
)
"""Words before a name that are followed by other things as often: the name must be a known first name."""

THINGS_OF_PEOPLE: Final = (
    r"parcel|package|letter|gift|present|seat|bed|appointment|booking|reservation|prescription|licen[cs]e"
    r"|invite|invitation|voucher|ticket|login|access|allergy\s+info|visa|passport|badge|payslip|salary|leave"
    r"|birthday|funeral|wedding|paket|päckchen|brief|geschenk|termin|platz|zimmer|zugang|rezept|urlaub|karte"
    r"|colis|lettre|cadeau|rendez-vous|rdv|chambre|ordonnance|paquete|carta|regalo|cita|habitación|receta"
    r"|pacco|lettera|appuntamento|camera|ricetta|encomenda|pacote|presente|consulta|quarto|receita|pakket"
    r"|pakje|cadeau|afspraak|kamer|recept|paczka|przesyłka|wizyta|pokój|recepta|paket|pakke|pakken|time"
)
"""Things that belong to somebody; after "for" or "of" a name follows often."""

SIGNATURES: Final = (
    r"signed(?:\s+by)?|reads\s+[„“\"]|made\s+out\s+to|surname\s+of|first\s+name|last\s+name|surname|mononym"
    r"|legal\s+name|full\s+name|(?:lady|man|woman|guy|person|someone|somebody|family)\s+(?:named|called)"
    r"|holder[\"']?:[\"']?|vertrag\s+von|nome\s+errado:|a\s+nombre\s+de|emergency\s+contact:"
)
"""A name with a capital letter follows."""

GREETINGS: Final = (
    r"hi|hello|dear|hey|hallo|liebe[rs]?|guten\s+(?:tag|morgen|abend)|moin|servus|bonjour|salut|ch[eè]re?"
    r"|hola|ciao"
    r"|estimad[oa]s?|querid[oa]s?|olá|oi|prezad[oa]|caro|cara|gentile|beste|geachte|hej|hei|witam|cześć"
    r"|dzień\s+dobry"
    r"|здравствуйте|привет|добрый\s+день|good\s+(?:morning|afternoon|evening|day)|g'day|morning|привіт"
    r"|dobrý\s+de[nň]"
)
CLOSINGS: Final = (
    r"(?:(?:best|kind|warm|many|with\s+kind|warmest|kindest)\s+)?(?:regards|wishes|rgds)|best|cheers"
    r"|sincerely"
    r"|yours(?:\s+(?:sincerely|faithfully|truly|ever))?|all\s+the\s+best"
    r"|(?:many\s+)?thanks(?:\s+(?:again|a\s+lot|so\s+much|in\s+advance))?"
    r"|thank\s+you(?:\s+(?:very\s+much|so\s+much|in\s+advance))?|thx|ta|love|take\s+care|respectfully|br|kr"
    r"|(?:mit\s+)?(?:freundliche[nm]?|beste[nm]?|liebe[nr]?|viele[nm]?|schöne[nm]?"
    r"|herzliche[nm]?)?(?:\s+und\s+viele)?\s?gr[uü](?:ß|ss)e?n?"
    r"|mfg|lg|vg|danke(?:\s+(?:schön|im\s+voraus|und\s+\w+))?|cordialement|bien\s+à\s+vous"
    r"|merci(?:\s+(?:d'avance|beaucoup))?"
    r"|salutations|(?:un\s+)?(?:cordial\s+)?saludos?|atentamente|gracias|un\s+abrazo|cordiali\s+saluti"
    r"|distinti\s+saluti"
    r"|saluti|grazie(?:\s+mille)?|atenciosamente|cumprimentos|obrigad[oa]|abraços"
    r"|met\s+vriendelijke\s+groet(?:en)?"
    r"|groet(?:en|jes)?|mvg|bedankt|dank\s+u|pozdrawiam|z\s+poważaniem|dziękuję|med\s+vänlig\s+hälsning|mvh"
    r"|hälsningar|tack"
    r"|venlig\s+hilsen|hilsen|terveisin|s\s+pozdravem|cu\s+stimă|mulțumesc|с\s+уважением|спасибо"
    r"|saygılarımla|teşekkürler"
)
"""Words before the name at the end of a mail."""

NO_NAMES: Final = frozenset(
    """
    team support service customer customers client sir madam all there everyone everybody folks guys friends
    colleagues help helpdesk desk billing sales accounts hr it i we you he she they it this that these those
    the a an my our your his her their its january february march april june july august september october
    november december monday tuesday wednesday thursday friday saturday sunday german english french spanish
    italian dutch polish europe germany france spain italy india china japan canada australia damen herren
    zusammen herr frau monsieur madame mesdames messieurs señores señor señora doctor prof good thanks thank
    regards best kind hello hi hey dear please could can would will should is are was were do does did have
    has had how what when where which who whom why if but and or not no yes also just still then now here
    order invoice ticket account plan error page menu button settings dashboard export import version update
    release api sdk url id pdf csv excel windows mac linux chrome firefox safari google microsoft apple
    amazon meta facebook slack stripe github jira zoom teams outlook gmail iphone android ipad mastercard
    visa paypal amex dhl ups fedex online app apps web site website everything nothing something anything
    another other first second third last next new old same only even maybe perhaps really very so too
    customer-service kundenservice kundendienst serviceteam support-team bonjour hola guten tag morgen abend
    morning afternoon evening day night today tomorrow yesterday inc ltd gmbh llc sarl corp co company kg ag
    bv mme mlle mr mrs ms miss mx dr prof mag fam herrn nummer hello-there joke puk pin tan sim im am ich
    wir sie es er die der das ein eine und oder aber nicht kein keine ist sind war hat haben bei mit von
    meine mein ihre ihr ihrer ihrem ihren unser unsere unserer unserem seiner einer
    votre notre nuestra le la les un une des du de je nous vous il elle et ou mais pas el los
    las una yo nosotros usted y o pero no lo gli una io noi voi e ma non o os as um uma eu nós você mas não
    olá ola oi salut ciao hej moin servus liebe lieber sehr geehrte geehrter grüße grüßen gruß bitte
    faithfully truly sincerely cheers saludos saluti abraço
    türkçe english deutsch français español italiano português
    polski sent mobile street road avenue square hotel airport station office city town county school
    university hospital company group bank ltd plc limited foods media systems solutions services software
    grüsse sirs mesdames caballeros signori heren państwo merci danke gracias grazie obrigado
    attention note p.s ps fyi re fwd fw subject from to cc date sent
    """.split()
)
"""Words with a capital letter that are no names."""

PARTICLES: Final = frozenset(
    "le la les de des du del van von der den das da di el il al y e i un una os as".split()
)
"""Words of NO_NAMES that stand inside a name, as in Odile Le Goff."""

THINGS: Final = frozenset(
    """
    portal success area center centre id number role roles login access database database-id app page
    area-code tier plan profile dashboard key keys group groups data name names address record records list
    table view score status
    """.split()
)
"""Words with a capital letter that follow "customer" or "user" in names of products."""

TIMES: Final = frozenset(
    """
    january february march april may june july august september october november december spring summer
    autumn fall winter mai juni juli avril mayo marzo abril monday tuesday wednesday thursday friday
    saturday sunday new general major the real good first
    """.split()
)
"""Names of times and ranks, which are rarely people."""

QUOTES: Final = frozenset("\"“”„«»'‘’")
