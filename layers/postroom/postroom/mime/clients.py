"""The words that mail clients and people write around what they quote, forward or sign: data, by language.

Words are lower case, as `fold` makes a line, with bars between them. To teach Postroom a language or a client, add its
words here; the rules stand in `quotes`, `signatures` and `forward`.
"""

from enum import StrEnum

INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u2060"


class Role(StrEnum):
    """What a line of a quoted header block says."""

    FROM = "from"
    TO = "to"
    CC = "cc"
    SUBJECT = "subject"
    DATE = "date"
    OTHER = "other"


#: Names of header lines that clients translate (Outlook, Thunderbird, Apple Mail, Gmail, HubSpot, QQ, Yahoo).
HEADER_NAMES: dict[Role, dict[str, str]] = {
    Role.FROM: {
        "en": "from|sender",
        "de": "von|absender",
        "fr": "de|expéditeur",
        "es": "de|remitente",
        "it": "da|mittente",
        "pt": "de|remetente",
        "nl": "van|afzender",
        "da": "fra|afsender",
        "sv": "från|avsändare",
        "no": "fra|avsender",
        "fi": "lähettäjä",
        "pl": "od|nadawca",
        "cs": "od|odesílatel",
        "ru": "от|от кого|отправитель",
        "uk": "від|від кого|відправник",
        "ja": "差出人|送信元|送信者|from",
        "zh": "发件人|寄件者|寄件人|發件人",
        "ko": "보낸 사람|보낸사람|발신",
        "tr": "kimden|gönderen",
        "hu": "feladó",
        "ro": "de la|expeditor",
        "hr": "šalje",
        "et": "saatja",
        "el": "από",
    },
    Role.TO: {
        "en": "to|recipients",
        "de": "an",
        "fr": "à|pour|a|destinataire",
        "es": "para|a",
        "it": "a",
        "pt": "para",
        "nl": "aan",
        "da": "til",
        "sv": "till",
        "no": "til",
        "fi": "vastaanottaja|kenelle",
        "pl": "do",
        "cs": "komu|pro",
        "ru": "кому|получатель",
        "uk": "кому",
        "ja": "宛先|送信先",
        "zh": "收件人|收件者",
        "ko": "받는 사람|받는사람|수신",
        "tr": "kime|alıcı",
        "hu": "címzett",
        "ro": "către|la",
        "hr": "prima",
        "et": "saaja",
        "el": "προς",
    },
    Role.CC: {
        "en": "cc|copy",
        "de": "kopie|kopie (cc)",
        "fr": "copie à|copie",
        "es": "copia|con copia",
        "it": "per conoscenza|copia",
        "pt": "com cópia|cópia",
        "nl": "kopie",
        "da": "kopi",
        "sv": "kopia",
        "no": "kopi",
        "fi": "kopio",
        "pl": "dw|do wiadomości",
        "cs": "kopie",
        "ru": "копия",
        "uk": "копія",
        "zh": "抄送|副本",
        "ko": "참조",
        "tr": "bilgi",
        "hu": "másolat",
    },
    Role.SUBJECT: {
        "en": "subject",
        "de": "betreff",
        "fr": "objet|sujet",
        "es": "asunto",
        "it": "oggetto",
        "pt": "assunto",
        "nl": "onderwerp",
        "da": "emne",
        "sv": "ämne",
        "no": "emne",
        "fi": "aihe",
        "pl": "temat",
        "cs": "předmět",
        "ru": "тема",
        "uk": "тема",
        "ja": "件名",
        "zh": "主题|主旨|主題",
        "ko": "제목",
        "tr": "konu",
        "hu": "tárgy",
        "ro": "subiect",
        "hr": "naslov",
        "et": "teema",
        "el": "θέμα",
    },
    Role.DATE: {
        "en": "sent|date|sent on|received",
        "de": "gesendet|datum",
        "fr": "envoyé|date|envoyé le",
        "es": "enviado|fecha|enviado el",
        "it": "inviato|data",
        "pt": "enviado|data|enviada em|enviado em",
        "nl": "verzonden|datum",
        "da": "sendt|dato",
        "sv": "skickat|datum",
        "no": "sendt|dato",
        "fi": "lähetetty|päivämäärä|päiväys|pvm",
        "pl": "wysłano|data|wysłane",
        "cs": "odesláno|datum",
        "ru": "отправлено|дата|отправлен",
        "uk": "надіслано|дата",
        "ja": "送信日時|日付|日時",
        "zh": "发送时间|日期|傳送時間|寄件日期|发送日期|時間|时间",
        "ko": "보낸 날짜|날짜|보낸날짜",
        "tr": "gönderme tarihi|tarih|gönderildi",
        "hu": "elküldve|dátum",
        "ro": "trimis|dată",
        "hr": "datum",
        "et": "kuupäev",
        "el": "ημερομηνία",
    },
    Role.OTHER: {
        "en": (
            "bcc|reply-to|reply to|importance|attachments|message-id|organization|priority|resent-from|"
            "resent-to|mailing list"
        ),
        "de": "antwort an|wichtigkeit|anlagen",
        "fr": "répondre à|importance",
        "es": "responder a|importancia",
        "it": "rispondi a|priorità",
        "pt": "responder a|prioridade",
    },
}

#: Words that say "wrote" in the line above a quote.
WROTE: dict[str, str] = {
    "en": "wrote|writes|said",
    "de": "schrieb|schreibt|hat geschrieben|geschrieben|schrieben",
    "fr": "a écrit|écrit|a ecrit",
    "es": "escribió|escribio|escribe",
    "it": "ha scritto|scrive|scritto",
    "pt": "escreveu|escreve",
    "nl": "schreef|geschreven|schrijft",
    "da": "skrev|følgende",
    "sv": "skrev|skriver",
    "no": "skrev",
    "fi": "kirjoitti",
    "pl": "napisał|napisała|napisał(a)|pisze",
    "cs": "napsal|napsala|napsal(a)",
    "ru": "написал|написала|написал(а)|пишет|писал|писал(а)",
    "uk": "написав|написала|пише|писав|написав(-ла)",
    "ja": "書きました|のメッセージ|wrote",
    "zh": "写道|寫道|写到|寫到",
    "ko": "작성|썼습니다|쓴 글",
    "tr": "yazdı|yazmış|şunları yazdı|şunu yazdı",
    "hu": "írta|ezt írta",
    "ro": "a scris",
    "hr": "napisao|je napisao/la",
    "sk": "napísal|napísal(a)",
    "et": "kirjutas",
    "vi": "đã viết",
    "el": "έγραψε",
}

#: How the line above a quote starts, where it doesn't start with a date or a name.
OPENERS: dict[str, str] = {
    "en": "on|at|quoting|in message",
    "de": "am|zitat von|zitiere",
    "fr": "le|en date de",
    "es": "el|en",
    "it": "il|in data|il giorno",
    "pt": "em|no dia|a",
    "nl": "op|in een bericht",
    "da": "den|citat",
    "sv": "den|på|citerar",
    "no": "den|på",
    "pl": "w dniu|dnia",
    "cs": "dne|on",
    "uk": "від",
    "zh": "在|于",
    "hu": "ezt írta",
    "hr": "dana",
    "vi": "vào",
    "el": "στις",
}

#: Lines that stand between dashes above a quoted mail.
ORIGINAL: dict[str, str] = {
    "en": "original message|original appointment|reply message|original e-mail|message from|original mail",
    "de": "ursprüngliche nachricht|originalnachricht|original-nachricht|ursprünglicher termin",
    "fr": "message d'origine|message d’origine|message original|message initial",
    "es": "mensaje original",
    "it": "messaggio originale",
    "pt": "mensagem original",
    "nl": "oorspronkelijk bericht|origineel bericht",
    "da": "oprindelig meddelelse|original meddelelse|oprindelig besked",
    "sv": "ursprungligt meddelande|originalmeddelande",
    "no": "opprinnelig melding|original melding",
    "fi": "alkuperäinen viesti|alkuperäinen sanoma",
    "pl": "wiadomość oryginalna|oryginalna wiadomość|wiadomość pierwotna",
    "cs": "původní zpráva|původní e-mail",
    "ru": "исходное сообщение|оригинальное сообщение|исходное письмо",
    "uk": "вихідне повідомлення|оригінальне повідомлення",
    "ja": "元のメッセージ|オリジナルメッセージ|original message",
    "zh": "原始邮件|原始郵件|邮件原件|原邮件",
    "ko": "원본 메시지|원본 메일|원본메시지",
    "tr": "orijinal ileti|özgün ileti|orijinal mesaj",
    "hu": "eredeti üzenet",
    "ro": "mesaj original",
}

#: The same above a forwarded mail (between dashes, or with a colon).
FORWARDED: dict[str, str] = {
    "en": (
        "forwarded message|begin forwarded message|forwarded by|forwarded mail|"
        "start of forwarded message|forwarded e-mail|forwarded email|forwarded letter"
    ),
    "de": (
        "weitergeleitete nachricht|anfang der weitergeleiteten nachricht|"
        "anfang der weitergeleiteten e-mail|weitergeleitete e-mail|weitergeleitet von"
    ),
    "fr": (
        "message transféré|début du message transféré|début du message réexpédié|message transmis|"
        "message réexpédié|mail transféré|transféré par"
    ),
    "es": "mensaje reenviado|inicio del mensaje reenviado|mensaje reenviado por|reenviado por",
    "it": "messaggio inoltrato|inizio messaggio inoltrato|inizio del messaggio inoltrato|inoltrato da",
    "pt": (
        "mensagem encaminhada|início da mensagem encaminhada|mensagem reencaminhada|início da mensagem reencaminhada"
    ),
    "nl": "doorgestuurd bericht|begin doorgestuurd bericht|begin van doorgestuurd bericht|doorgezonden bericht",
    "da": "videresendt meddelelse|videresendt besked|start på videresendt besked|begin videresendt besked",
    "sv": (
        "vidarebefordrat meddelande|vidarebefordrat brev|vidarebefordrat mejl|"
        "början på vidarebefordrat brev|början på vidarebefordrat meddelande"
    ),
    "no": "videresendt melding|start på videresendt melding|videresendt e-post",
    "fi": "välitetty viesti|edelleenlähetetty viesti|välitetty viesti alkaa|edelleen lähetetty viesti",
    "pl": (
        "przekazana wiadomość|wiadomość przekazana|treść przekazanej wiadomości|"
        "początek przekazywanej wiadomości|początek przekazanej wiadomości|przekazywana wiadomość"
    ),
    "cs": "přeposlaná zpráva|přeposlaný e-mail|začátek přeposílané zprávy|začátek přeposlané zprávy",
    "ru": (
        "пересылаемое сообщение|пересланное сообщение|перенаправленное сообщение|"
        "начало переадресованного сообщения|начало пересылаемого сообщения|конец пересылаемого сообщения|"
        "переадресованное сообщение|пересылаемое письмо"
    ),
    "uk": (
        "переслане повідомлення|початок листа, що пересилається|початок пересланого повідомлення|"
        "переадресоване повідомлення"
    ),
    "ja": "転送メッセージ|転送されたメッセージ|メッセージを転送|転送メール|転送されたメール",
    "zh": (
        "转发邮件|转发的邮件|转发的消息|下面是被转发的邮件|下面是被转发的邮件的信息|轉寄郵件|轉寄的郵件|轉寄的訊息|已转发邮件|转发邮件信息|以下是轉寄的郵件|開始轉寄郵件|轉寄訊息|"
        "forwarded message"
    ),
    "ko": "전달된 메시지|전달된 메일|전달된 이메일|전달 메시지|전달받은 메시지",
    "tr": "iletilen ileti|iletilmiş ileti|iletilen mesaj|iletilmiş mesaj|yönlendirilen ileti|iletilen e-posta",
    "hu": "továbbított üzenet|továbbított levél|a továbbított üzenet kezdete",
    "ro": "mesaj redirecționat|mesaj redirecţionat|început mesaj redirecționat",
    "hr": "proslijeđena poruka",
}

#: What a subject starts with when its mail was forwarded.
FORWARD_SUBJECTS: dict[str, str] = {
    "en": "fw|fwd",
    "de": "wg|wtr",
    "fr": "tr|fs",
    "es": "rv|renv",
    "it": "i|r: i",
    "pt": "enc|res: enc",
    "nl": "doorst",
    "da": "vs",
    "sv": "vb",
    "no": "vs",
    "fi": "vl",
    "pl": "pd",
    "ru": "пересл",
    "ja": "転送",
    "zh": "转发|轉寄",
    "ko": "전달",
    "tr": "ilt",
    "hu": "továbbítás",
}

#: Lines that apps and phones add below a text.
SENT_FROM: dict[str, str] = {
    "en": (
        "sent from|sent with|sent via|sent by|sent using|get outlook for|sent on the go|sent through|"
        "download outlook for|from my iphone|from my android"
    ),
    "de": (
        "von meinem|gesendet mit|gesendet von|gesendet aus|diese nachricht wurde von meinem|outlook für|"
        "von outlook für|holen sie sich outlook für|versendet mit"
    ),
    "fr": (
        "envoyé de|envoyé depuis|envoyé à partir|envoyé avec|envoyé via|télécharger outlook pour|obtenez outlook pour"
    ),
    "es": "enviado desde|enviado de|enviado con|obtener outlook para|enviado a través",
    "it": "inviato da|inviato con|inviato dal|scarica outlook per|ottieni outlook per|inviata da",
    "pt": (
        "enviado do|enviado a partir|enviado de|enviado via|enviado pelo|obter o outlook para|obtenha o outlook para"
    ),
    "nl": "verzonden vanaf|verstuurd vanaf|verzonden met|verstuurd vanuit|verzonden via|outlook voor",
    "da": "sendt fra|sendt med|hent outlook til",
    "sv": "skickat från|skickades från|skickat med|hämta outlook för",
    "no": "sendt fra|sendt med|skaff deg outlook",
    "fi": "lähetetty|hanki outlook",
    "pl": "wysłane z|wysłano z|pobierz outlook dla",
    "cs": "odesláno z|odesláno pomocí|získat outlook pro",
    "ru": "отправлено с|отправлено из|отправлено от|скачать outlook",
    "uk": "надіслано з|відправлено з",
    "ja": "iphoneから送信|androidから送信|ipadから送信|outlook for",
    "zh": "发自我的|從我的|发自|發自|从我的|获取 outlook",
    "ko": "나의 iphone에서|내 iphone에서|iphone에서 보냄",
    "tr": "iphone'umdan|iphone’umdan|android'den",
}

#: How people end a mail, above their name.
CLOSINGS: dict[str, str] = {
    "en": (
        "regards|best regards|kind regards|warm regards|best|all the best|best wishes|many thanks|thanks|"
        "thank you|thanks in advance|thanks again|cheers|sincerely|yours sincerely|yours faithfully|"
        "yours truly|kindest regards|with best regards|with kind regards|thx|take care|br|kr|"
        "thanks and regards|thanks & regards|thank you in advance|respectfully|cordially|yours"
    ),
    "de": (
        "mit freundlichen grüßen|mit freundlichem gruß|viele grüße|liebe grüße|beste grüße|schöne grüße|"
        "freundliche grüße|herzliche grüße|mit besten grüßen|mfg|lg|vg|gruß|grüße|viele gruesse|"
        "mit freundlichen gruessen|vielen dank|danke|besten dank|hochachtungsvoll"
    ),
    "fr": (
        "cordialement|bien cordialement|bien à vous|sincères salutations|salutations|"
        "meilleures salutations|merci|merci d'avance|merci beaucoup|cdlt|amicalement|bonne journée|"
        "très cordialement|respectueusement"
    ),
    "es": (
        "saludos|un saludo|saludos cordiales|atentamente|gracias|muchas gracias|cordialmente|"
        "un cordial saludo|un abrazo|cordiales saludos"
    ),
    "it": (
        "cordiali saluti|saluti|distinti saluti|grazie|grazie mille|un saluto|cordialmente|un cordiale saluto|a presto"
    ),
    "pt": (
        "atenciosamente|cumprimentos|com os melhores cumprimentos|melhores cumprimentos|obrigado|"
        "obrigada|abraços|saudações|cordialmente|att|grato|muito obrigado"
    ),
    "nl": (
        "met vriendelijke groet|met vriendelijke groeten|vriendelijke groeten|groeten|groet|mvg|bedankt|"
        "alvast bedankt|hartelijke groet|hartelijke groeten"
    ),
    "da": (
        "med venlig hilsen|venlig hilsen|mvh|hilsen|de bedste hilsner|bedste hilsner|kh|vh|tak|mange tak|"
        "kærlig hilsen|venlige hilsner|på forhånd tak"
    ),
    "sv": (
        "med vänlig hälsning|med vänliga hälsningar|vänliga hälsningar|vänlig hälsning|hälsningar|tack|"
        "tack på förhand|bästa hälsningar|mvh"
    ),
    "no": "med vennlig hilsen|vennlig hilsen|beste hilsen|takk|på forhånd takk|hilsen|mvh",
    "fi": "ystävällisin terveisin|terveisin|parhain terveisin|kiitos|kiitos etukäteen|yt|t",
    "pl": (
        "pozdrawiam|z poważaniem|z powazaniem|pozdrowienia|z wyrazami szacunku|serdecznie pozdrawiam|"
        "dziękuję|z pozdrowieniami|dzięki|pozdrawiam serdecznie"
    ),
    "cs": "s pozdravem|děkuji|díky|s přáním hezkého dne|zdravím|s úctou|hezký den",
    "ru": "с уважением|спасибо|с наилучшими пожеланиями|всего доброго|заранее спасибо",
    "uk": "з повагою|дякую|з найкращими побажаннями|наперед дякую",
    "ja": "よろしくお願いします|よろしくお願いいたします|敬具|宜しくお願い致します",
    "zh": "此致|谢谢|祝好|敬上|謝謝|顺祝商祺",
    "ko": "감사합니다|고맙습니다",
    "tr": "saygılarımla|teşekkürler|iyi çalışmalar|selamlar|saygılar|sevgiler|iyi günler|teşekkür ederim",
}


def flat(table: dict[str, str]) -> tuple[str, ...]:
    """All words of a table, the longest first."""
    words = {word for line in table.values() for word in line.split("|")}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


ROLES: dict[str, Role] = {name: role for role, table in HEADER_NAMES.items() for name in flat(table)}


def line_feeds(text: str) -> str:
    """The text with LF alone at the ends of its lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def visible(text: str) -> str:
    """The text without what is invisible. (`translate` takes ten times as long, where there is nothing to do.)"""
    if text.isascii():
        return text
    for character in INVISIBLE:
        text = text.replace(character, "")
    return text


def fold(text: str) -> str:
    """Lower case, single spaces, nothing invisible: how a line is compared with the tables."""
    return " ".join(visible(text).lower().split())
