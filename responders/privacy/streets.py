"""How streets and places are called, in many countries."""

from typing import Final

AFTER_NAME: Final = (
    r"Street|St|Road|Rd|Avenue|Ave|Av|Lane|Ln|Close|Drive|Dr|Drv|Ct|Pl|Rise|Grove|Crescent|Cres"
    r"|Terrace|Tce|Boulevard|Blvd|Square|Sq|Gardens|Gdns|Walk|Row|Mews|Parkway|Pkwy|Highway|Hwy|Circle"
    r"|Cir|Trl|Quay|Parade|Pde|Heights|Hts|Wharf|Yard|Esplanade|Alley|Aly|Bluff|Brook|Bypass|Causeway"
    r"|Crossing|Dene|Dell|Drove|Embankment|Freeway|Glade|Mead|Meadow|Meadows|Nook|Pines|Promenade"
    r"|Ridge|Spur|Turnpike|Villas|Wynd|Kingsway|Broadway|Nagar|Marg|Colony|Bazaar|Bagh|Chowk|Gali"
    r"|Vihar|Enclave|Puram|Palya|Salai"
)
"""Kinds of streets that follow a name."""

AFTER_NAME_TOO: Final = (
    r"Pass|Passage|Path|Pike|Run|Point|Port|Gate|Link|Field|Fields|Mill|Station|Side|Plaza|Route|Mall"
    r"|Branch|Ring|Bridge|Common|Shore|End|Estate|Extension|Chase|Market|Sector|Pet|Main|Cross|View"
    r"|Island|Isle|Ferry|Loop|Trail|Village|Summit|Falls|Ford|Green|Bend|Glen|Mount|Orchard|Oval|Vista"
    r"|Wood|Woods|Landing|Manor|River|Valley|Vale|Croft|Dale|Park|Way|Place|Court|Hill|Layout|Strand"
    r"|Cl|Cr|Gr|Ter|Cove|Knoll|Hollow|Grange"
)
"""Kinds of streets that are other things as often: more of an address must follow."""

AFTER_NAME_SMALL: Final = (
    r"street|st|road|rd|avenue|ave|lane|ln|close|drive|court|crescent|terrace|boulevard|blvd|gardens|mews"
    r"|way|grove|square|hill|place|parade|highway"
)
BEFORE_NAME: Final = (
    r"Via|Viale|V\.le|Piazza|P\.zza|Piazzale|Corso|C\.so|Vicolo|Strada|Largo|Contrada|Località"
    r"|Lungomare|Lungotevere|Salita|Borgo|Rua|R\.|Avenida|Av\.?|Avda\.?|Alameda|Al\.|Praça"
    r"|Pça\.?|Travessa|Tv\.|Rodovia|Estrada|Largo|Calçada|Beco|Quinta|Urbanização|Bairro|Calle|C/|Cl\.?"
    r"|Paseo|Pº|Plaza|Pza\.?|Plazuela|Ronda|Camino|Carretera|Ctra\.?|Glorieta|Travesía|Pasaje"
    r"|Psje\.?|Carrera|Cra\.?|Kr\.?|Diagonal|Transversal|Calzada|Bulevar|Privada|Jirón|Jr\.|Carrer"
    r"|Gran\s+Vía|Rambla|Rue|Boulevard|Bd\.?|Chaussée|Chemin|Ch\.|Route|Rte\.?|Quai|Place|Allée"
    r"|Impasse|Cours|Square|Passage|Ruelle|Sentier|Faubourg|Résidence|ul\.|al\.|os\.|pl\.|ulica|ulice"
    r"|aleja|plac|osiedle|Ul\.|Al\.|Os\.|Pl\.|Str\.|Strada|Bulevardul|Bd\.|B-dul|Calea"
    r"|Șos\.|Șoseaua|Aleea|Intrarea|Piața|Splaiul|Trg|Ulica|Cesta|Put|Obala|Bulevar|nám\.|Náměstí|Nám\."
    r"|Ulice|tř\.|Třída|Nábřeží|Rruga|Bulevardi|Bul\.|Jl\.|Jln\.?|Jalan|Gg\.|Gang|Lorong|Persiaran"
    r"|Lebuh|Kampung|Soi"
    r"|Thanon|Đường|Phố|Ngõ|đường|phố|ngõ|Triq|Heol|Ffordd|Stryd|Sráid|Bóthar|Rúa|Kalea|Οδός|οδός"
    r"|Λεωφόρος|Λεωφ\.|Πλατεία|Αγίου|Αγίας"
    r"|ул\.|пр\.|просп\.|пер\.|улица|проспект|переулок|бульвар|бул\.|шоссе|наб\.|набережная|площадь"
    r"|пл\.|мкр\.?|вул\.|вулиця|провулок|ул|пр-т|жк|Straße|Platz|Am|An\s+der|An\s+den|Auf\s+dem"
    r"|Auf\s+der|Im|In\s+der|In\s+den|Zum|Zur|Hinter\s+der|Hinterm|Unter\s+den|Unterm|Bei\s+der|Beim"
    r"|Vor\s+dem"
    r"|Obere|Untere|Alte|Neue|Große|Kleine|Oude|Nieuwe|Lange|Korte|Grote|Kleine|Cesta|Tverrveien|Al"
    r"|King|Sheikh|Street"
)
BEFORE_NAME_SMALL: Final = (
    r"rue|avenue|av|boulevard|bd|chaussée|chemin|quai|allée|impasse|ruelle|faubourg|viale|piazza|piazzale|corso"
    r"|vicolo|largo|calle|avenida|avda|paseo|camino|carretera|travesía|rua|travessa|praça|alameda|estrada"
    r"|rodovia|ulica|ulice|ul|str|strada|náměstí|улица|ул|проспект|проспект|пер|jalan|jl|km\s\d+\s\p{L}+"
)
"""Kinds of streets before a name that are also written in small letters, and are no other words."""

COMPOUND_ENDINGS: Final = (
    r"straße|strasse|straat|str\.|str|gasse|allee|weg|platz|ring|damm|ufer|kamp|stieg|steig|wall|brink"
    r"|hain|twiete|deich|redder|koppel|chaussee|hof|markt|graben|zeile|promenade|tor|brücke|leite|halde"
    r"|rain"
    r"|berg|tal|feld|garten|winkel|wiese|höhe|pfad|laan|plein|kade|gracht|singel|dijk|dreef|pad|steeg"
    r"|wal|haven|hof|baan|steenweg|lei|vest|vägen|väg|gatan|gata|gränd|stigen|torget|backen|allén|gade"
    r"|vej|vænge|allé|stræde|torv"
    r"|plads|haven|parken|veien|vegen|vei|gaten|svingen|bakken|lia|tunet|åsen|haugen|katu|tie|kuja"
    r"|polku|puistikko|kaari|tori|rinne|ranta|utca|út|tér|körút|köz|ova|ská|cká|ní|á|vaara|iela|gatvė"
    r"|tänav"
)
NOUNS_AFTER: Final = (
    r"cesta|ulica|ulice|ul\.|utca|utcája|út|útja|tér|tere|körút|köz|sor|krt\.|u\.|Cad\.?|Caddesi|Cd\."
    r"|Sok\.?|Sokak|Sokağı|Sk\.?|Bulvarı|Blv\.?|Mah\.?|Mahallesi|Sitesi|cad\.|sok\.|náměstí|nám\.|třída"
    r"|nábřeží|nábrežie|straat|laan|weg"
    r"|gatvė|g\.|pr\.|prospektas|al\.|iela|bulvāris|prospekts|tänav|tn\.?|mnt|puiestee|pst\.?|prospekt"
    r"|trg|ulica|katu|tie|gata|gade|vej|Straße|Strasse|Str\.|Allee|Gasse|Platz|Weg|Ring|Chaussee|Damm"
    r"|Hauptstraße|Street|Road|Avenue|Lane|Drive|улица|проспект|бульвар|переулок|шоссе|street|gatan|vägen|kalea"
)
BOXES: Final = (
    r"P\.?\s?O\.?\s?Box(?:\s[A-Z]{1,3})?|Post\s?Office\s?Box|Postfach|Postbus|BP|B\.P\.|C\.P\."
    r"|Boîte\s+postale|Apartado(?:\s+de\s+[Cc]orreos|\s+postal)?|Apdo\.?|Casilla(?:\s+de\s+[Cc]orreo"
    r"|\s+postal)?|Caixa\s+[Pp]ostal|Casella\s+[Pp]ostale"
    r"|Private\s+Bag|Locked\s+Bag|GPO\s+Box|Postboks|Postlåda|Box(?=\s\d{2,5},\s\d{3}\s\d{2})"
    r"|Skrytka\s+pocztowa|skr\.\s?poczt\.|Poste\s+restante|Posta\s+kutusu|P\.K\.|а/я|Postilokero|PMB"
    r"|Peti\s+Surat"
)
CUES: Final = (
    r"(?:(?:my|our|the|new|old|correct|home|postal|mailing|shipping|billing|delivery|work|current|full"
    r"|his|her|their|supply|street|registered|pick-?up|collection)\s+){0,3}address(?:\s+(?:is|was"
    r"|on\s+file|changed\s+to|to|now|line\s*1?))?"
    r"|(?:i|we|he|she|they)(?:['’](?:m|re|s|ve))?\s+(?:(?:now|currently|have|just|still"
    r"|recently)\s+)?(?:live|lives|living|lived|reside|resides|moved|moving|based|located|at\s+home"
    r"|relocated|stay|staying|are)\s+(?:in|at|to|from|on)|resid(?:ing|ent|es)\s+(?:at|in|of)"
    r"|(?:deliver(?:ed|y)?|ship(?:ped|ping)?|send|sent|post(?:ed)?|forward(?:ed)?|collect(?:ed)?"
    r"|pick(?:ed)?\s+up|drop(?:ped)?(?:\s+off)?|courier(?:ed)?|bring|went|goes|leave\s+it"
    r"|redirect(?:ed)?|invoice|bill)\s+(?:it\s+|them\s+|this\s+|that\s+|me\s+|everything\s+"
    r"|the\s+\w+\s+)?(?:at|to|from)"
    r"|supply\s+at|property\s+at|premises\s+at|flat\s+(?:is|at)|house\s+(?:is|at)|office\s+(?:is|at"
    r"|moved\s+to)|installation\s+at|meter\s+(?:at|in)|moved\s+(?:to|from|out\s+of|into)"
    r"|domicile[d]?(?:\s+at)?|ship\s+to|bill\s+to|deliver\s+to"
    r"|(?:anschrift|adresse|liefer(?:adresse|anschrift)|rechnungsadresse|wohnadresse|wohnhaft(?:\s+in)?"
    r"|wohne(?:n)?(?:\s+in)?|wohnt(?:\s+in)?|umgezogen\s+(?:nach|in)|geliefert\s+(?:an|nach)"
    r"|senden?\s+an|schick\w*\s+(?:sie\s+)?(?:es\s+)?(?:an|nach)|lieferung(?:\s+bitte)?\s+(?:an|nach"
    r"|in))"
    r"|(?:habit(?:e|ons|ant)|domicili[ée]e?|demeurant|résid(?:e|ant)|livr(?:er|ez|ée?|aison)|envoy(?:er"
    r"|ez)|déménag\w+|adresse(?:\s+(?:de\s+\p{L}+|est|postale))?)(?:\s+(?:au|à|chez|sur|dans))?"
    r"|(?:dirección|domicilio|vivo\s+en|vivimos\s+en|residente\s+en|envíen\w*|entregar|entreguen|enviar"
    r"|mudado\s+a|suministro)(?:\s+(?:de\s+\p{L}+|es|a|en))?"
    r"|(?:indirizzo|abito|abitiamo|residente|domiciliat[oa]|spedi\w+|consegn\w+|recapito"
    r"|fornitura)(?:\s+(?:è|in|a|al))?|(?:morada|endereço|moro|moramos|resido|residente|entregar|enviar"
    r"|mandar)(?:\s+(?:é|na|no|em|à|a|para))?"
    r"|(?:adres|woonadres|woon|woont|wonen|bezorg\w*|leveren|sturen)(?:\s+(?:is|op|aan|in|naar))?"
    r"|(?:adres|zamieszka\w+|mieszkam|wysłać|dostaw\w+)(?:\s+(?:to|na|przy|pod|do))?"
    r"|адрес\w*(?:\s+доставки)?|прожива\w+(?:\s+по\s+адресу)?|живу"
    r"|adress(?:en)?(?:\s+är)?|bor\s+(?:på|i)|adressen\s+er|osoite|adresa|bydliště|bydlím|bytem|lakcím"
    r"|cím(?:em)?|naslov|adres(?:im|i)?|διεύθυνση|alamat|địa\s+chỉ|住所(?:は|：|:)?|地址(?:是|：|:)?|주소(?:는|:)?"
    r"|पता|العنوان"
)
"""Words that an address follows."""
