"""The commonest words, at large and at a desk, of languages in the Latin and Cyrillic scripts, by ISO 639-1 code."""

from collections.abc import Mapping

_LISTED = {
    "en": """
        the and of to is in that it for you with on are this have not be was but from we my your can at as i would
        please thanks thank hello dear what when how has will they there which been do an if or me our could any want
        why where does don't can't isn't didn't who get got were help about its it's yet still should since after into
        also need i'm i've us order invoice payment received
    """,
    "de": """
        der die das und ist nicht ich sie ein eine zu den mit von auf für im dem es auch wir mir mich bitte danke
        hallo ihr ihre ihren haben habe hat wird werden kann können dass oder aber bei nach noch wie als sich am vom
        zum zur aus einen einem einer sehr geehrte damen herren mein meine vielen dank gruß grüße sind war wenn uns wo
        bleibt meinen meiner meinem unser unsere über warum wann wer damit durch diese dieser dieses bereits leider
        bestellung rechnung bekommen erhalten möchte gerne schon keine kein sowie aufgrund wegen bitten guten tag
    """,
    "fr": """
        le la les et est de des un une du en que qui dans pour pas ne je vous nous avec sur ce cette mon ma mes votre
        vos bonjour merci au aux il elle sont plus par mais ou où être avoir ai avez été j'ai suis bien cordialement
        comme très si c'est n'ai d'une leur sans peut fait reçu commande facture toujours pourquoi quand comment
        j'aimerais voudrais notre nos encore depuis aujourd'hui jour s'il lui tout l'ai qu'il n'est
    """,
    "es": """
        el la los las y es de que en un una por para con no se su sus mi mis me lo le del al pero como más muy está
        gracias hola usted ustedes tengo ha he son este esta esto buenos días saludos cuando donde sin favor puede
        también hay ya o si qué estoy nos fue ser recibido pedido factura todavía aún necesito quiero cuándo cómo
        dónde nuestro nuestra desde hasta sobre porque estimado estimados cordial hemos
    """,
    "it": """
        il lo la i gli le e è di che in un una per con non si sono mi ci del della dei delle al alla nel nella ma come
        più grazie buongiorno salve vostro vostra mio mia ho ha questo questa anche o se da dal dalla cordiali saluti
        essere stato molto quando dove vorrei posso ordine fattura ricevuto ancora perché nostro nostra vorremmo
        gentile buonasera cosa sul sulla
    """,
    "pt": """
        o a os as e é de que em um uma por para com não se seu sua meu minha me do da dos das no na nos nas ao à mas
        como mais muito está obrigado obrigada olá você vocês tenho são este esta isso bom dia cumprimentos quando
        onde sem favor pode também já ou foi ser estou pelo pela há encomenda fatura recebi ainda quero preciso porque
        minhas meus nosso nossa até sobre prezados atenciosamente
    """,
    "nl": """
        de het een en is van ik dat niet in te op met voor zijn aan er om ook maar wij we u uw mijn naar bij dit die
        deze als hebben heb heeft wordt kan kunnen graag bedankt hallo beste geachte groet groeten nog wel geen of wat
        hoe wanneer uit door over dan was mij jullie bestelling factuur ontvangen waarom onze ons kunt alvast
        vriendelijke hartelijk worden meer nu al
    """,
    "pl": """
        i w z na do nie się jest to że o jak ale po co za od przez dla czy są ten ta moje mój proszę dziękuję dzień
        dobry witam pozdrawiam państwa pana pani mam być był było już tylko kiedy gdzie które który mnie mi zamówienie
        zamówienia faktura faktury otrzymałem otrzymałam jeszcze mojego mojej dlaczego gdy oraz chciałbym chciałabym
        nadal będzie szanowni
    """,
    "sv": """
        och att det i en är på som för inte med den av till har jag om ett men vi er ni kan min mitt mina från eller
        hej tack vänliga hälsningar när hur var vad skulle blir också så nu mig oss hade ska beställning faktura fått
        varför inget ännu ingen detta denna får någon
    """,
    "da": """
        og at det i en er på som for ikke med den af til har jeg om et men vi jer kan min mit mine fra eller hej tak
        venlig hilsen når hvordan hvor hvad skulle bliver også så nu mig os havde skal kunne meget blev gerne ordre
        faktura modtaget hvorfor hvornår endnu ingen dette denne får nogen mvh mange jeres
    """,
    "no": """
        og at det i en er på som for ikke med den av til har jeg om et men vi dere kan min mitt mine fra eller hei
        takk vennlig hilsen når hvordan hvor hva skulle blir også så nå meg oss hadde skal kunne veldig ble gjerne
        bestilling bestillingen faktura mottatt hvorfor ennå ingen dette denne får noen deres
    """,
    "fi": """
        ja on ei että se en hän mutta ole olen minun minä mitä kun niin kuin myös tai jos voi vain nyt hei kiitos
        terveisin ystävällisin olisi voisitteko teidän sen ovat oli tämä tämän meidän saada siitä vielä jo ette tilaus
        tilaukseni lasku saanut miksi milloin koska
    """,
    "cs": """
        a v se na je že to s z do i o k ale jak pro jsem si za po by aby ve jsou nebo když jen jako už co tak dobrý
        den děkuji děkuju prosím pozdravem mám můj moje být není který které která byl bylo mi vás vám objednávka
        objednávku faktura faktury kdy proč jsme vaše ještě mohu
    """,
    "sk": """
        a v sa na je že to s z do aj o k ale ako pre som si za po by aby vo sú alebo keď len už čo tak dobrý deň
        ďakujem prosím pozdravom mám môj moje byť nie ktorý ktoré ktorá bol bolo mi vás vám objednávka objednávku
        faktúra kedy prečo sme vaše ešte môžem nedostal
    """,
    "hu": """
        a az és hogy nem is egy van meg ez de ha csak volt már mint vagy én kérem köszönöm üdvözlettel tisztelt jó
        napot szeretném nekem mert lehet kell még el ki be ön önök hogyan mikor rendelés rendelésem számla miért
        kaptam
    """,
    "ro": """
        și în de la cu pe nu este că un o să pentru din care mai am ce sunt dar sau vă mulțumesc bună ziua aș stimate
        fi au fost meu mea nostru acest această prin despre când unde comanda comandă factura factură încă primit
        salut vreau
    """,
    "tr": """
        ve bir bu için ile da de ne var mi çok daha gibi ama en olarak olan kadar sonra değil ben sen biz siz merhaba
        teşekkürler teşekkür lütfen iyi günler saygılarımla benim bana nasıl ya yok ki her mı mu sipariş siparişim
        fatura henüz zaman neden gelmedi nerede istiyorum
    """,
    "id": """
        yang dan di ini itu dengan untuk tidak dari dalam akan pada saya kami anda adalah ke bisa ada terima kasih
        mohon sudah belum juga atau karena seperti kepada apakah
    """,
    "ru": """
        и в не на я что с по это как но к у за из от мы вы он она для же бы мне меня вас вам нас был была было есть
        или если когда уже здравствуйте спасибо пожалуйста уважением добрый день мой моя при так то о до заказ счёт
        счет получил получила почему где ещё еще пор свой этот может можно сих
    """,
    "uk": """
        і в не на я що з по це як але до у за від ми ви він вона для ж би мені мене вас вам нас був була було є або
        якщо коли вже дякую будь ласка повагою добрий день мій моя при так та про замовлення рахунок отримав отримала
        чому де ще свій цей можна
    """,
    "bg": """
        и в не на аз че с по това как но към у за от ние вие той тя да ще ли ми ме ви са е съм или ако когато вече
        здравейте благодаря моля поздрави мой моя при така то до има няма поръчка поръчката фактура защо кога още
        получил получих
    """,
}

STOP_WORDS: Mapping[str, frozenset[str]] = {language: frozenset(words.split()) for language, words in _LISTED.items()}
