"""What servers say in other languages: a few word stems for each, from which the wordings are put together.

English is in `postroom.feedback.answers`; nearly every server says it in English too, so this is asked last.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from postroom.feedback.report import BounceReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Stems of one language, as alternatives of a pattern over text in lower case. An empty one is never matched."""

    person: str  # whom a mail is for: the user, the recipient, the address
    unknown: str  # is not known, does not exist, was not found
    mailbox: str
    full: str
    disabled: str
    message: str
    too_large: str
    domain: str
    spam: str = ""
    timed_out: str = ""
    refused: str = ""


LANGUAGES: tuple[Vocabulary, ...] = (
    Vocabulary(  # German
        person=r"empfänger|benutzer|adress|teilnehmer|kunde",
        unknown=r"unbekannt|nicht (?:gefunden|bekannt|vorhanden|existent|gültig)|existiert nicht|ungültig",
        mailbox=r"postf[aä]ch|mailbox|konto|speicherplatz|quota|kontingent",
        full=r"\bvoll\b|überfüllt|überschritten|erschöpft|ausgeschöpft",
        disabled=r"gesperrt|deaktiviert|abgelaufen|stillgelegt|gekündigt",
        message=r"nachricht|e-?mail|anhang",
        too_large=r"zu gro(?:ß|ss)|größenbeschränkung",
        domain=r"dom[aä]in|host",
        spam=r"als spam|unerwünschte",
        timed_out=r"zeitüberschreitung|nicht erreichbar",
        refused=r"zugriff verweigert|nicht (?:erlaubt|zugelassen|berechtigt)|abgelehnt",
    ),
    Vocabulary(  # French
        person=r"destinataire|utilisateur|adresse|abonné|usager",
        unknown=r"inconnue?s?\b|introuvable|inexistant|invalide|n.existe (?:pas|plus)|non valide|non trouvé",
        mailbox=r"bo[iî]te|messagerie|compte|quota|espace",
        full=r"pleine?\b|remplie|satur|dépassé|depasse",
        disabled=r"bloqu|suspendu|d[ée]sactiv|ferm[ée]|expir|archiv[ée]e",
        message=r"message|courrier|pièce jointe|piece jointe",
        too_large=r"trop (?:gros|grand|volumineu|lourd)",
        domain=r"domaine|h[oô]te",
        spam=r"ind[ée]sirable|pourriel",
        timed_out=r"d[ée]lai (?:.{0,20})?(?:d[ée]pass|expir)",
        refused=r"acc[èe]s refus|refus[ée]e? par|non autoris",
    ),
    Vocabulary(  # Spanish
        person=r"usuario|destinatario|direcci[oó]n|cuenta",
        unknown=r"desconocid|no existe|inexistente|no (?:se )?(?:ha )?encontr|inv[aá]lid|no (?:es )?v[aá]lid",
        mailbox=r"buz[oó]n|cuenta|cuota|espacio",
        full=r"llen[oa]|excedid|agotado|superad",
        disabled=r"suspendid|desactivad|deshabilitad|bloquead|inactiv",
        message=r"mensaje|correo|adjunto",
        too_large=r"demasiado grande|excede el tama",
        domain=r"dominio|servidor",
        spam=r"no deseado",
        timed_out=r"tiempo de (?:espera|conexi[oó]n)",
        refused=r"acceso denegado|no (?:est[aá] )?(?:permitid|autorizad)|rechazad",
    ),
    Vocabulary(  # Italian
        person=r"utente|destinatario|indirizzo",
        unknown=r"sconosciut|inesistente|non (?:esiste|è stato trovato|trovat|valid)",
        mailbox=r"casella|account|quota",
        full=r"\bpiena\b|esaurit|superat",
        disabled=r"disabilitat|disattivat|sospes|bloccat|scadut",
        message=r"messaggio|allegato",
        too_large=r"troppo grande",
        domain=r"dominio",
        spam=r"indesiderat",
        timed_out=r"timeout|tempo scaduto",
        refused=r"accesso negato|non (?:è )?(?:consentit|autorizzat)|rifiutat|respint",
    ),
    Vocabulary(  # Portuguese
        person=r"usu[aá]rio|utilizador|destinat[aá]rio|endere[cç]o|conta",
        unknown=r"desconhecid|inexistente|inv[aá]lid|n[aã]o (?:existe|(?:foi )?encontrad)",
        mailbox=r"caixa|conta|cota|quota|espa[cç]o",
        full=r"cheia|excedid|lotad|esgotad",
        disabled=r"suspens|desativad|bloquead|inativ",
        message=r"mensagem|anexo",
        too_large=r"(?:muito|demasiado) grande",
        domain=r"dom[ií]nio",
        spam=r"n[aã]o solicitad",
        timed_out=r"tempo (?:limite|esgotado)",
        refused=r"acesso negado|n[aã]o (?:permitid|autorizad)|rejeitad|recusad",
    ),
    Vocabulary(  # Dutch
        person=r"gebruiker|ontvanger|geadresseerde|adres",
        unknown=r"onbekend|bestaat niet|niet (?:gevonden|bekend|geldig)|ongeldig",
        mailbox=r"mailbox|postvak|postbus|quot",
        full=r"\bvol\b|overschreden",
        disabled=r"geblokkeerd|gedeactiveerd|uitgeschakeld|opgeheven",
        message=r"bericht|bijlage",
        too_large=r"te groot",
        domain=r"domein",
        spam=r"ongewenst",
        refused=r"toegang geweigerd|niet toegestaan|geweigerd",
    ),
    Vocabulary(  # Polish
        person=r"u[zż]ytkownik|odbiorc|adres|konto",
        unknown=r"nieznan|nie (?:istnieje|znaleziono|zosta[lł]o? znalezion)|nieprawid[lł]ow",
        mailbox=r"skrzynk|konto|quota",
        full=r"pe[lł]na|przepe[lł]nion|przekrocz",
        disabled=r"zablokowan|wy[lł][aą]czon|nieaktywn|zawieszon",
        message=r"wiadomo[sś][cć]|za[lł][aą]cznik",
        too_large=r"zbyt du[zż]|za du[zż]",
        domain=r"domen",
        refused=r"odmowa dost[eę]pu|odrzucon",
    ),
    Vocabulary(  # Russian
        person=r"пользовател|адресат|получател|адрес|ящик|абонент",
        unknown=r"не (?:найден|существует|зарегистрирован|обнаружен)|неизвест|нет такого|несуществующ|недействител",
        mailbox=r"ящик|квот|аккаунт|уч[её]тн",
        full=r"переполнен|превышен|заполнен",
        disabled=r"заблокирован|отключ[её]н|неактив|приостановлен|удал[её]н",
        message=r"сообщени|письм|вложени",
        too_large=r"слишком (?:велик|больш)",
        domain=r"домен|хост",
        spam=r"спам",
        timed_out=r"время ожидания|тайм-?аут",
        refused=r"доступ запрещ|отказано|отклонен",
    ),
    Vocabulary(  # Swedish, Danish, Norwegian
        person=r"mottagar|modtager|mottaker|bruger|bruker|användar|adress",
        unknown=r"okänd|ukendt|ukjent|finns inte|findes ikke|finnes ikke|hittades inte|ikke fundet|ble ikke funnet",
        mailbox=r"postl[åa]da|postkass|postboks|brevl[åa]da|innboks",
        full=r"\bfull\b|fuld\b|överskrid|overskred",
        disabled=r"inaktiv|deaktiver|spärrad|sperret|spærret",
        message=r"meddeland|meddelels|melding",
        too_large=r"för stor|for stor",
        domain=r"domän|domæne|domene",
    ),
    Vocabulary(  # Finnish, Czech, Turkish, Hungarian
        person=r"vastaanottaj|käyttäj|osoit|u[zž]ivatel|p[rř][ií]jemc|adres|kullan[ıi]c|al[ıi]c[ıi]|címzett|felhaszn",
        unknown=r"ei löydy|tuntematon|neexistuj|nezn[aá]m|nenalezen|bulunamad|mevcut değil|ismeretlen|nem létez",
        mailbox=r"postilaatikko|schr[aá]nk|posta kutusu|postaf?iók",
        full=r"täynnä|pln[aá]|dolu\b|megtelt",
        disabled=r"suljettu|zablokov|devre dışı|letiltva",
        message=r"viesti|zpr[aá]v|ileti|mesaj|üzenet",
        too_large=r"liian suuri|p[rř][ií]li[sš] velk|çok büyük|túl nagy",
        domain=r"verkkotunnu|dom[eé]n|alan ad[ıi]",
    ),
    Vocabulary(  # Japanese
        person=r"収件者|受信者|受取人|宛先|アドレス|ユーザ|domino ディレクトリ",
        unknown=r"見つかりません|見つかりませんでした|存在しません|存在しない|不明|ありません|見あたりません|リストされていません",
        mailbox=r"メールボックス|受信箱|容量",
        full=r"いっぱい|一杯|満杯|オーバー|超過|超え",
        disabled=r"停止|無効|休止",
        message=r"メッセージ|メール|サイズ",
        too_large=r"大きすぎ|制限を超え",
        domain=r"ドメイン|ホスト",
        spam=r"スパム|迷惑メール",
        timed_out=r"タイムアウト|接続できません",
        refused=r"拒否|許可されていません",
    ),
    Vocabulary(  # Chinese
        person=r"用户|用戶|收件人|邮箱|郵箱|帐号|账号|帳號|使用者|地址",
        unknown=r"不存在|未找到|找不到|无效|無效|未知",
        mailbox=r"邮箱|郵箱|信箱|容量|空间",
        full=r"已满|已滿|满了|超过|超出|不足",
        disabled=r"停用|禁用|冻结|凍結|锁定|关闭",
        message=r"邮件|郵件|附件",
        too_large=r"太大|过大|過大",
        domain=r"域名|網域|主机|主機",
        spam=r"垃圾",
        timed_out=r"超时|逾時|无法连接|連線失敗",
        refused=r"拒绝|拒絕|没有权限",
    ),
    Vocabulary(  # Korean
        person=r"사용자|수신자|받는 사람|주소|계정",
        unknown=r"찾을 수 없|존재하지 않|없는|알 수 없",
        mailbox=r"사서함|편지함|메일함|용량",
        full=r"가득|초과",
        disabled=r"중지|비활성|정지|휴면",
        message=r"메시지|메일",
        too_large=r"너무 (?:큽|커|큰)",
        domain=r"도메인|호스트",
        spam=r"스팸",
        timed_out=r"시간 초과|시간이 초과",
        refused=r"거부",
    ),
)  # fmt: skip


def answers() -> Iterator[tuple[BounceReason, str]]:
    """Reason and pattern, in the order in which they are tried, as in `postroom.feedback.answers`."""
    yield BounceReason.SPAM_OR_BLOCKED, _any(words.spam for words in LANGUAGES)
    yield BounceReason.MAILBOX_FULL, _any(_near(words.mailbox, words.full) for words in LANGUAGES)
    yield (
        BounceReason.MAILBOX_INACTIVE,
        _any(_near(f"{words.mailbox}|{words.person}", words.disabled) for words in LANGUAGES),
    )
    yield BounceReason.TOO_LARGE, _any(_near(words.message, words.too_large) for words in LANGUAGES)
    yield BounceReason.DOMAIN_ERROR, _any(_near(words.domain, words.unknown) for words in LANGUAGES)
    yield BounceReason.NO_SUCH_USER, _any(_near(words.person, words.unknown) for words in LANGUAGES)
    yield BounceReason.NETWORK_OR_TIMEOUT, _any(words.timed_out for words in LANGUAGES)
    yield BounceReason.REJECTED_POLICY, _any(words.refused for words in LANGUAGES)


def _near(noun: str, said: str) -> str:
    """The two in one sentence, in either order."""
    return rf"(?:{noun})[^.;]{{0,50}}(?:{said})|(?:{said})[^.;]{{0,30}}(?:{noun})"


def _any(patterns: Iterator[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns if pattern)
