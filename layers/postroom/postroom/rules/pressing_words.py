"""Word lists that every rules file has as macros ($outage, $deadline, ...): what presses, in nine languages.

A semicolon ends a language, with bars between its phrases; an asterisk leaves an end open. They are the
words in which customers say it of their own matter; what news and newsletters say too ("breach of contract law") isn't
here. A file's own list of the same name takes the place of one of these.
"""

from collections.abc import Mapping

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ja")

_LISTS = {
    "outage": """
        outage | is down | are down | production down | completely down | service unavailable | nobody can log in |
        nothing works | system failure | data loss ;
        totalausfall | systemausfall | serverausfall | ausgefallen | komplett ausgefallen | nicht verfügbar |
        nichts geht mehr | nichts funktioniert | betriebsunterbrechung | datenverlust ;
        en panne | panne générale | hors service | service indisponible | ne fonctionne plus | plus rien ne marche |
        plus rien ne fonctionne | perte de données ;
        está caído | está caída | caída del servicio | caída del sistema | fuera de servicio | no funciona nada |
        nada funciona | pérdida de datos ;
        è fermo | non funziona più niente | non funziona nulla | fuori servizio | servizio non disponibile |
        blocco totale | perdita di dati ;
        fora do ar | sistema caiu | nada funciona | indisponível | parado completamente | perda de dados ;
        ligt plat | grote storing | storing melden | ligt eruit | niets werkt | niets doet het | niet bereikbaar |
        gegevensverlies ;
        nie działa nic | nic nie działa | awaria | przestój | niedostępny serwis | utrata danych ;
        障害発生 | システム障害 | サーバーダウン | 停止しています | 全く使えない | データ消失
    """,
    "deadline": """
        urgent | urgently | asap | as soon as possible | deadline | by today | by tomorrow | by end of day |
        immediately ;
        dringend | eilig | eilt | frist | fristablauf | fristgerecht | fristsetzung | bis heute | bis morgen | sofort |
        umgehend | unverzüglich ;
        urgent | urgence | au plus vite | dès que possible | date limite | avant demain | d'ici demain | immédiatement |
        sans délai ;
        urgente | urgentemente | con urgencia | lo antes posible | cuanto antes | fecha límite | antes de mañana |
        inmediatamente ;
        urgente | urgenza | al più presto | il prima possibile | scadenza | entro oggi | entro domani | immediatamente ;
        urgente | com urgência | o mais rápido possível | o quanto antes | prazo final | até hoje | até amanhã |
        imediatamente ;
        dringend | spoed | zo snel mogelijk | met spoed | uiterlijk vandaag | uiterlijk morgen | onmiddellijk ;
        pilne | pilnie | jak najszybciej | natychmiast | termin upływa | do jutra | do dzisiaj | bezzwłocznie ;
        至急 | 緊急 | 締め切り | 締切 | 本日中 | 明日まで | 早急に
    """,
    "cancellation": """
        cancel my subscription | cancel our subscription | cancel my contract | cancel our contract | cancel my account
        | cancel my membership | cancel my order | cancel the order | cancellation | terminate my contract |
        terminate our contract | delete my account | close my account ;
        kündigung* | kündigen | kündige | stornieren | storniere | stornierung* | abbestellen | abo beenden |
        vertrag beenden | konto löschen ;
        résilier | résiliation | annuler mon abonnement | annuler ma commande | annuler notre contrat |
        supprimer mon compte | fermer mon compte ;
        cancelar mi suscripción | cancelar mi pedido | cancelar el contrato | darme de baja | dar de baja |
        eliminar mi cuenta | cerrar mi cuenta ;
        disdire | disdetta | annullare il mio abbonamento | annullare il mio ordine | recedere dal contratto |
        cancellare il mio account | chiudere il mio account ;
        cancelar minha assinatura | cancelar meu pedido | cancelar o contrato | rescindir | encerrar minha conta |
        excluir minha conta ;
        opzeggen | opzegging | abonnement stopzetten | bestelling annuleren | contract beëindigen |
        account verwijderen ;
        wypowiedzenie umowy | rozwiązać umowę | anulować zamówienie | anulować subskrypcję | zrezygnować z |
        usunąć konto | zamknąć konto ;
        解約 | 退会 | キャンセルしたい | 注文をキャンセル | 契約を終了
    """,
    "legal": """
        legal action | my lawyer | our lawyer | our lawyers | my solicitor | cease and desist | small claims court |
        data protection authority | subject access request | right to erasure | gdpr request ;
        rechtsanwalt | rechtsanwältin | anwaltlich* | mahnbescheid | abmahnung | rechtliche schritte |
        einstweilige verfügung | gerichtlich* | datenschutzbehörde | auskunft nach art 15 | löschung nach art 17 ;
        mon avocat | notre avocat | action en justice | poursuites judiciaires | mise en demeure | saisir le tribunal |
        droit à l'effacement ;
        mi abogado | nuestro abogado | acciones legales | vía judicial | requerimiento legal | derecho de supresión |
        demanda judicial ;
        il mio avvocato | il nostro avvocato | azione legale | azioni legali | vie legali | diffida |
        diritto alla cancellazione ;
        meu advogado | nosso advogado | ação judicial | medidas legais | medidas judiciais | notificação extrajudicial ;
        mijn advocaat | onze advocaat | juridische stappen | gerechtelijke stappen | ingebrekestelling |
        recht op verwijdering ;
        mój prawnik | nasz prawnik | kroki prawne | drogę sądową | wezwanie do zapłaty | pozew |
        prawo do usunięcia danych ;
        弁護士 | 法的措置 | 訴訟 | 内容証明
    """,
    "security": """
        security incident | security breach | data breach | data leak | vulnerability | account was hacked |
        account has been hacked | account is compromised | phishing | unauthorised access | unauthorized access ;
        sicherheitsvorfall | sicherheitslücke | datenleck | datenpanne | konto wurde gehackt | konto gehackt |
        unbefugter zugriff | unberechtigter zugriff ;
        incident de sécurité | faille de sécurité | fuite de données | compte a été piraté | compte piraté |
        accès non autorisé | hameçonnage ;
        incidente de seguridad | brecha de seguridad | fuga de datos | cuenta hackeada | hackearon mi cuenta |
        acceso no autorizado ;
        incidente di sicurezza | violazione dei dati | fuga di dati | account violato | account hackerato |
        accesso non autorizzato ;
        incidente de segurança | vazamento de dados | conta invadida | conta hackeada | acesso não autorizado ;
        beveiligingsincident | beveiligingslek | datalek | account gehackt | onbevoegde toegang |
        ongeautoriseerde toegang ;
        incydent bezpieczeństwa | wyciek danych | włamanie na konto | konto zhakowane | nieautoryzowany dostęp ;
        情報漏洩 | 不正アクセス | 乗っ取られ | 脆弱性
    """,
}  # fmt: skip


def _parts(listed: str) -> list[tuple[str, ...]]:
    """The phrases of each language."""
    return [tuple(" ".join(each.split()) for each in part.split("|") if each.strip()) for part in listed.split(";")]


#: List to the phrases of each language, in the order of LANGUAGES.
BY_LANGUAGE: Mapping[str, list[tuple[str, ...]]] = {name: _parts(listed) for name, listed in _LISTS.items()}
#: List to all its phrases.
WORDS: Mapping[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(phrase for line in lines for phrase in line)) for name, lines in BY_LANGUAGE.items()
}
