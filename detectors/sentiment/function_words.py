"""Words by which short prose shows its language: function words, and the plainest words of support.

Chosen by hand. A word of several languages stands in each of their lists and counts for all of them. The
words are in lower case with accents; an elided word stands without its apostrophe.
"""

from typing import Final

_LISTS: Final = {
    "en": (
        "a able about account after again all also am an and any anyone app are as at away back be"
        " because been before being broken but by call came can can't cannot card change charged could"
        " couldn't day days delivered did didn't do does doesn't doing don't done each email even ever"
        " every everything expect fails few find first fix fixed for from get gets getting give given"
        " go good got had hadn't has hasn't have haven't he hello help her here him his how i i'd i'll"
        " i'm i've if in instead into is isn't it it's its just keep keeps know last like login made"
        " make me message months more most much must my need needs never new news next no nobody nope"
        " not nothing now of off ok on once one only open or order other our out over own paid parcel"
        " password phone please pls product refund right same say says see seen sent service she"
        " should show since so some someone something soon still sure than thank thanks that that's"
        " the their them then there these they thing this those though thx time to today too tried try"
        " trying two under until up update us use used using very want wanted was wasn't we we've week"
        " weeks well were what when where which while who why will with without won't work worked"
        " working works would wouldn't wrong yes yesterday yet you you're your"
        " bad bare bent bin car care cheers come comment die do door due era fare great ha ham hat hello"
        " hem hey hi lol male man mate men met min mine nice nvm omg per plus pro really sans slow solo"
        " son tag ten till ty u ugh ur van via war word wtf yep"
    ),
    "de": (
        "aber alle alles als am an auch auf aus bei beim bekomme bekommen bestellt bestellung bin bis"
        " bitte da damit danke das dass dein dem den denn der des die diese diesem diesen dieser"
        " dieses doch du durch ein eine einem einen einer eines endlich er es etwas falsch fehler"
        " fehlgeschlagen funktioniert für geehrte geht gesperrt gibt gute guten habe haben hallo hat"
        " hatte hätte hier hilfe ich ihnen ihr ihre im immer in ist ja jetzt kann kaputt kein keine"
        " keinen können konnte konto könnte kündigen kündigung lange leider lieferung man mehr mein"
        " meine meinem meinen meiner meldet mich mir mit muss nach nein nicht nichts niemand noch nun"
        " nur oder ohne paket passwort rechnung schon sehr seit sich sie sind so sofort soll sondern"
        " tag über um und uns unser unsere unter vergessen viele vielen vom von vor wann warum was weg"
        " weil wenn wer werden wie wieder wir wird wo wurde zu zum zur zwei"
    ),
    "fr": (
        "ai aide ainsi alors après attends au aucun aucune aussi autre aux avec avez avoir avons"
        " beaucoup bien bonjour ça car ce cela ces cet cette chez colis comme commande comment compte"
        " d dans de depuis des deux du elle elles encore en erreur es est et était être facture fait"
        " fois ici il ils impossible j jamais je jour l la le les leur lui m ma mais marche me merci"
        " mes moi mois mon même mot n ne non nos notre nous on ont ou où oublié oui par pas passe"
        " personne peut plus pour pourquoi pouvez puis qu quand que quel quelle qui quoi remboursement"
        " reçu rien s sa sans secours semaine service ses si sommes son sont suis sur ta toujours tous"
        " tout toute très trop un une va veux vos votre vous y à"
    ),
    "es": (
        "a ahora al algo alguien antes aquí así aún ayer ayuda bien buenas buenos cada como con"
        " contraseña cosa cuando cuándo cuenta cómo de del desde donde dos dónde el ella ellos en"
        " entre era eres es esa ese eso espera esperando esta estaba estado está están este esto"
        " estoy factura funciona gracias gustaría ha hace hacer han hasta hay he hola hoy igual la las"
        " le les llegado llevo lo los mal más me mi mis mucho muchas muy nada nadie necesito ni no nos"
        " nosotros nuestra nuestro nunca o otra otro para pedido pero poco por porque puede pueden"
        " puedo qué que quién quiero recibido se señor ser servicio si sí siempre sigo sigue sin sobre solo"
        " son soy su sus también tarde tengo tiene todo todos tres tu un una usted veces y ya yo"
    ),
    "it": (
        "a abbiamo adesso ai al alla anche ancora appena arrivato aspetto aspettando assistenza bene"
        " buongiorno c che chi ci ciao come con cosa così da dal dalla degli dei del della delle di"
        " dopo dov dove due e è era essere fa fare fattura fatto funziona giorni gli grazie ha hai"
        " hanno ho i il in io l la le lei lo loro ma mai male mancano me mi mia mie mio molto ne nei"
        " nel nella nessuno niente noi non nostra nostro nulla nuovo o ogni oggi ordine ora pacco per"
        " perché però più poi possibile posso potete può qualcuno quale quando quanto quello questa"
        " questo qui rimborso risponde salve sempre senza servizio si sono sta sto sua suo sul sulla"
        " tre troppo tutto un una uno va vi voglio volta volte vorrei vostra vostro"
    ),
    "pt": (
        "a agora ainda ajuda alguém antes ao aos aqui as até bem boa boas bom cada com como compra"
        " conta consigo da das de depois desde dia do dois dos e é ela ele em encomenda então entrar"
        " era essa esse esta estão está estou eu fatura faz favor fazer foi fui funciona gostaria há"
        " hoje isso isto já lá mais mas me meu meus mesmo minha muito na nada não nas nem nenhum"
        " ninguém no nos nossa nosso nunca o obrigada obrigado olá ontem onde os ou outra para pedido"
        " pela pelo por porque posso pode pra preciso qual quando quanto que quem quero recebi"
        " reembolso se sem senha ser seu só sobre sou sua também tarde tem tenho tudo um uma veio"
        " vezes vocês você"
    ),
    "nl": (
        "aan al alleen alles als altijd ben bent beste bestelling bij daar dan dank dat de deze die"
        " dit doen doet door dus echt een en er factuur ga gaat gebeld geen geld gewoon goed haar had"
        " heb hebben heeft heel hem het hier hij hoe hoi hulp iemand ik in inloggen is ja jaar je jij"
        " jou jullie kan keer kunnen kunt maar maand mag meer met mij mijn moet na naar nee niemand"
        " niet niets nog nooit nu of om omdat onder ons onze ook op over pakket reactie rekening sinds"
        " staat steeds te terug toch toen tot u uit uw van vandaag vanaf veel verkeerd via voor waar"
        " waarom wachtwoord wanneer want was wat we week weer weg wel werkt wij wil word wordt worden"
        " zeer zij zijn zo zonder"
    ),
    "pl": (
        "a ale aż bardzo bez błąd był była być bym ci co czemu czy dlaczego do dobry dla dwa dzień"
        " dziękuję dziś faktura gdzie go i ich ile ja jak jakiś je jej jest jestem jeszcze już kiedy"
        " konto która które który ktoś ma mam mi mnie mogę można może moja moje mój my na nam nas nasz"
        " nic nie nikt numer od oraz paczka po pomoc pomocy potrafi proszę przed przez przy się są"
        " swoje ta tak tam te tego ten to tu tydzień tylko u w witam więc wy z za zamówienie zawsze ze"
        " znowu żaden że żeby"
    ),
    "sv": (
        "aldrig alla allt att av bara bra ca dag de den det din där efter eller en er ert ett faktura"
        " fel finns fick fortfarande från fungerar få får för fört ha hade har hej hjälp hos hur här i"
        " igen in inga ingen inget ingenting inte jag kan kommer konto kunde lösenord man med mig min"
        " mina mitt mot mycket många måste ni nu någon något när nästa och om oss paket pengar på"
        " sedan sig som så tack till trots två upp ut utan vad var varför varit vara veckor vi vill"
        " väntat åt är även över"
    ),
    "da": (
        "af aldrig alle alt at bare da de dem den der deres det dig din du efter eller en endnu er et"
        " faktura fik for fra få får går ham han har have havde hej her hjælp hos hvad hvor hvorfor"
        " hvordan i igen ikke ind ingen jeg kan kom konto kunne man med meget men mig min mine mit når"
        " nogen noget nu og også om op os pakke på selvom sig skal som stadig så tak til ud uden var"
        " venter vi virker vil være"
    ),
    "no": (
        "alle alt at av bare da de deg dem den der deres det du eller en er et etter faktura fikk for"
        " fortsatt fra få får fått ganger god hadde han har hei her hjelp hos hun hva hvor hvorfor"
        " hvordan i igjen ikke ingen ingenting inn jeg kan kom konto kunne man med meg men min mine"
        " mitt mye må noe noen nå når og også om opp oss pakke på selv som svarer så takk til ut uten"
        " var venter vi vil virker være vært"
    ),
    "fi": (
        "apua ei eikä eivät en ennen enää ette että hei hän ja jo joka jos kanssa kiitos koska kuin"
        " kuinka kukaan kun lasku mikä miksi milloin minua minulla minun minä missä mitä mukaan mutta"
        " myös niin nyt on ovat paketti pitää salasana se sen sitten tai tilaus toimi tämä tämän vaan"
        " vaikka vain vielä voi voiko yhä"
    ),
    "tr": (
        "ama artık ben beni benim bir bize bu bunu çok çalışmıyor da daha de değil diye en fatura"
        " gelmedi gibi hala hâlâ hata hemen henüz hesabım her hiç hiçbir iade için ile iki istiyorum"
        " kadar kargo ki kimse lütfen mı mi merhaba mu müşteri nasıl ne neden nerede niye olarak oldu"
        " olan rağmen sadece sipariş siparişim sonra sürekli şey şifre şimdi teşekkürler tüm var ve"
        " veya ya yardım yok zaman"
    ),
    "cs": (
        "a ale ani až bez bude by být byla bylo co dobrý den dnes děkuji do faktura ho chci chtěl i"
        " jak jako je jeho její jen ještě jsem jsme jsou k kde kdo kdy ke která které který máme mám"
        " mě mi můj může na nám nás náš není nefunguje nic nikdo o objednávka od po pomoc pro prosím"
        " proč před při s se si stále tak také tento ten to už v ve všechno vy z za zase ze že"
    ),
    "ro": (
        "a acest această ai ajutor am ar are asta bine bună ca care când cât ce cel comanda contul cu"
        " cum de dar decât deja din doar două după e este eu factura fără fi foarte încă în la le lor"
        " mai mea mele meu mi mult mulțumesc nici nimeni nimic nu o parola pe pentru peste poate"
        " reușesc sa să salut sau se sunt și te un unde vă vreau ziua"
    ),
    "hu": (
        "a az azt amikor csak csomag csomagom de egy el én és ez ezt fel ha hanem hogy hol ide is jó"
        " kérem kell köszönöm két már még meg mert mi miért mikor minden most működik nagyon ne nekem"
        " nem nincs rendelés s segítség sem senki számla szeretném után újra vagy van vissza volt"
    ),
    "id": (
        "ada adalah akan akun apa atau bagaimana bahwa baik bantu belum bisa dan dapat dari dengan di"
        " harus hari ini itu juga kami kapan kenapa ke kepada lagi lama mohon mau mengapa minggu oleh"
        " pada paket pesanan saat saja sampai sangat saya sebuah sejak selama semua sudah tapi terima"
        " tetapi tidak tolong untuk uang yang kasih"
    ),
    "vi": (
        "anh ai bạn bị biết các chị cho chưa có của cũng đã đang đây để đến đi điều đó được đơn gì"
        " giao giờ giúp hàng hay hơn khi không là làm lại lời mà mình mới mọi một nào nên người như"
        " nhưng những nữa ơn qua ra rất rồi sao sẽ tại thì thế tôi trả trong và vẫn vào về vì với xin"
    ),
}
"""The words by ISO 639-1 code."""


def _turned_round(lists: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, words in lists.items():
        for word in dict.fromkeys(words.split()):
            found[word] = (*found.get(word, ()), code)
    return found


LANGUAGES_OF: Final = _turned_round(_LISTS)
"""The languages of each word."""

FIRST_PERSON: Final = frozenset(
    "i i'm i've i'd i'll me my mine we we've our ours us ich mich mir mein meine meinen meinem meiner"
    " wir uns unser unsere je j m mon ma mes moi nous notre nos yo mi mis nosotros nuestra nuestro tengo"
    " quiero estoy io mia mio noi nostra nostro vorrei voglio eu meu minha nossa nosso tenho quero estou"
    " preciso ik mij mijn onze mam mnie mogę mój moja moje jestem jag mig min mitt mina jeg meg mine mit"
    " minä minun minulla ben beni benim bana istiyorum jsem mám můj nekem én eu mea meu saya kami tôi я"
    " мне меня мой моя мы нам нас у أنا".split()
)
"""Words by which a writer speaks of himself; a program's message seldom has them."""

INTRODUCING: Final = frozenset(
    "error following below says said say reads read shows showing displays displayed letter message text sms"
    " folgende folgender folgendes folgenden meldung fehlermeldung fehler steht schreiben suivant suivante"
    " erreur affiche siguiente mensaje aparece seguente messaggio appare seguinte mensagem melding komunikat"
    " meddelande".split()
)
"""Words of a sentence after which a text of somebody else may stand, as after a colon."""
