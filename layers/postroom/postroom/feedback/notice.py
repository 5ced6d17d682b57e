"""The text for people in a bounce: what makes it one, where its notice ends, and whether it is only a delay."""

import re
from dataclasses import dataclass

from postroom.feedback.fields import Group, headers
from postroom.feedback.wordings import any_of

_LONGEST_NOTICE = 32 * 1024  # characters

#: "Undeliverable", "not delivered", "delivery failed", in a subject and in a sentence.
UNDELIVERED_ABROAD = r"""
    (?:unzustellbar|nicht (?:zugestellt|übermittelt|erreicht)|konnte nicht|zustellung .{0,40}(?:fehlgeschlagen|nicht))
    (?:non (?:remis|distribu|délivr|delivr)|n'a pas pu|échec|echec)
    (?:no (?:se (?:puede|pudo|ha podido)|ha podido|entregad|ha llegado)|devuelto|(?:error|fallo) (?:de|en la) entrega)
    (?:impossibile (?:recapitare|consegnare)|non (?:recapit|consegnat)|manca(?:ta consegna|to recapito))
    (?:n[ãa]o (?:é possível entregar|foi (?:possível|entregue)|p[oô]de ser|entregue)|falha na entrega)
    (?:onbestelbaar|niet (?:te bestellen|bezorgd|afgeleverd)|bezorging .{0,60}mislukt)
    (?:niedostarcz|nie (?:mo(?:ż|z)na|uda(?:ł|l)o si(?:ę|e)|powiod(?:ł|l)o si(?:ę|e)|dostarczono))
    (?:недостав|не (?:удалось|может быть|был[аои]?) |не ?доставлен|невозможно доставить)
    (?:(?:kan|kunde) (?:inte|ikke) lever|ikke lever|olevererbar|uleverbar|leverans.{0,60}misslyck)
    (?:ei voi(?:tu)? toimit|toimit.{0,60}epäonnistui|nedoru[čc]|nepoda[řr]ilo|teslim edile|iletileme|kézbesíthetetlen)
    (?:配信(?:でき|不能|不可|エラー)|送信(?:できま|エラー)|届けられ|メールエラー)
    (?:未(?:能|传递|送達|送达)|[无無]法(?:送|投|发|傳|传)|退[信回]|投[递遞]失[败敗])
    (?:배달(?:되지|하지|할 수)|전송(?:하지|할 수|에 실패)|반송)
"""

#: Who writes bounces. Compared with the From field: display name or local part.
_ROBOT = any_of(
    r"""
    mailer[-_. ]?(?:daemon|deamon)
    mail[-_. ]?daemon
    \bmdaemon\b
    postmaster
    mail[-_. ]deliver(?:y|er)?[-_. ](?:sub)?system
    mail[-_. ]administrator
    system[-_. ]administrator
    mail[-_. ](?:system|router|error|server)
    \bmta\b
    \bbounces?\b
    non-?delivery
    microsoft ?exchange
    \bmail\b.{0,20}\bdelivery
    delivery (?:subsystem|agent|status|notification)
    (?:mail|virus|spam|smtp).{0,16}(?:scan|sweep|wall|gateway|filter)
    """
)

_SUBJECT_LEAD = (
    r"(?:\W{0,8}(?:warning|notice|automatic|error|mail system|e-?mail|mail|message|your|the|a|important|urgent)\W{1,3})"
    r"{0,3}\W{0,8}"
)
#: A subject that begins so announces a failure. "Re:" and "Fwd:" in front of it were put there by a person.
_SUBJECT = any_of(
    r"""
    undeliver
    un-?delivered
    non-?deliver
    nondeliver
    not delivered
    returned (?:e?-?mail|message|to sender)
    return(?:ed|ing) (?:message|mail|to sender)
    fail(?:ed|ure) (?:notice|mail|delivery|to deliver)
    failed\b
    failure\b
    bounced?\b
    deliver(?:y|ed)? (?:status|fail|error|problem|report|notification|has failed|unsuccessful|delay|\
        incomplete|notice|could)
    delivery (?:was )?(?:delayed|failed)
    could ?(?:not|n't) (?:be )?(?:deliver|send|sent)
    permanent (?:delivery )?(?:fail|error)
    processing error
    error sending
    there was an error
    unable to deliver
    address (?:error|unknown)
    unknown (?:user|address)
    delayed\b
    mail deliver
    mailbox (?:full|unavailable)
    zustellung
    配信
    .{0,30}退信
    """
    + UNDELIVERED_ABROAD,
    before=_SUBJECT_LEAD,
)

#: A sentence that says so.
_FAILED = any_of(
    r"""
    \b(?:could|can|was|were|has|have|had|is|are|did|been|be)(?: ?not|n't|n[o']t|\
         never)(?: yet)? (?:yet )?(?:been |be |successfully )?(?:deliver|reach|sent|send|transmitted|\
        receive a copy|accepted|processed)
    \b(?:unable|not able|impossible|failed|inability) to (?:be )?(?:deliver|send|transmit|process|relay)
    \bwas(?: ?not|n't) able to deliver
    \bundeliver(?:able|ed)\b
    \bnot (?:be )?delivered\b
    \bcannot be (?:delivered|sent)
    \bdelivery (?:\w{1,12} )?(?:to .{0,120} )?(?:has |had |was |have )?(?:permanently )?(?:fail|abort|suspend|\
        delay|unsuccess|impossible|error|problem)
    \bfail(?:ed|ure) (?:address|recipient|notice|delivery|permanently|to deliver)
    \bpermanent (?:fatal )?(?:delivery )?(?:error|failure)
    \bfatal (?:delivery )?error
    \bdelivery problems?\b
    \bdelivery (?:errors?|failures?)\b
    \b(?:following|these) (?:\w{1,12} )?(?:address|recipient)(?:\(?e?s\)?)? (?:\w{1,8} )?(?:fail|had|did|do|\
        does|was|were|could)
    \breturned (?:to (?:the )?sender|mail|because|undeliver)
    \bhas been returned\b
    \b(?:non-?delivery|delivery) (?:report|status) ?notif
    \bmail ?box (?:is )?(?:full|unavailable)
    \bwas automatically rejected
    \brejected (?:recipient|your message|the message|for the following)
    \b(?:mail|message) .{0,40}\b(?:was|been) (?:rejected|refused|bounced)
    \binvalid (?:final )?delivery
    \btrouble delivering
    \berrors? (?:was |were )?(?:occurr|encounter|sending|while)
    \bno valid recipients
    \bunknown (?:user|recipient|address)
    \b(?:user|recipient|address) (?:is )?unknown
    \bdelivery .{0,30}\bwas not successful
    \bdoes ?n[o']t exist
    \bno such user
    \bnon-deliver
    \bundeliverable address
    \bunsuccessful\b
    \bcould not send\b
    """
    + UNDELIVERED_ABROAD
)

#: The server is still trying.
_DELAYED = any_of(
    r"""
    \b(?:will|is|are|be) (?:\w{1,12} )?(?:continue|keep|still)(?: on| to)? (?:be )?(?:try|retry|attempt|\
        trying|retrying|attempting|retried|attempted)
    \bwill (?:continue|keep) (?:to |on )?(?:be )?(?:re-?)?(?:try|attempt|tr)
    \b(?:has|have) (?:not yet|not) been delivered (?:yet|after|within|for|in)
    \bnot yet been delivered
    \byou do(?: ?not|n't) need to resend
    \bno action is required
    \b(?:delivery|message|mail) (?:is |has been |was |still )?(?:temporarily )?delayed\b
    \bdelivery attempts will continue
    \btemporary problem\b.{0,80}\btry
    \bstill undelivered\b
    \bwarning (?:message )?only\b
    \bnot been able to deliver .{0,60}\bstill
    \bwill retry\b
    \bretrying\b
    \bdelivery delay
    \btransient (?:non-?fatal )?(?:delivery )?errors
    \bnon-?fatal errors?\b
    \bkeep(?:s)? trying\b
    (?:verzögert|weiterhin versucht|a été retardé|se ha retrasado|è in ritardo|foi adiada|vertraagd|opóźnion)
    (?:задержан|fördröj|forsinket|gecikti|遅延|遅れて|延迟|延遲|지연)
    """
)

#: A line after which the returned message stands.
_RETURNED = any_of(
    r"""
    below (?:this|the next) line is a copy
    (?:this is )?a copy of the (?:original |bounced )?(?:message|mail)
    original message
    (?:the )?headers? of the (?:original|returned)
    returned (?:mail|message) follows
    unsent message follows
    message (?:text|header)s? follows
    (?:the )?(?:original|returned|undelivered|bounced|failed) (?:message|mail)(?: headers?| text| body)?\
        \b(?! (?:was|has|had|could|will|to|from|that|you)\b)
    message header
    content of (?:the )?(?:original|message)
    your (?:original )?message (?:follows|reads)
    copy of (?:your|the) message
    undelivered message follows
    start of (?:the )?(?:returned|original)
    begin(?:ning)? of (?:returned|original|the)
    message contents
    full (?:message|headers)
    ursprüngliche nachricht
    received:
    return-path:
    dkim-signature:
    message-id:
    delivered-to:
    """,
    before=r"^[ \t>|*=_#~-]{0,40}",
)
#: The fields of RFC 3464, where the parts of a report stand in one text. They are read as fields, never as words.
_STATUS_FIELDS = re.compile(r"^[ \t]{0,8}(?:reporting-mta|(?:final|original)-recipient):", re.IGNORECASE | re.MULTILINE)
_PRECEDENCES = frozenset({"bulk", "junk", "auto_reply"})
_NOBODY = re.compile(r"\bno[-_.]?reply|\bndr@|\bdo[-_.]?not[-_.]?reply|\bsmtp[-_.]|[-_.]smtp\b", re.IGNORECASE)
_HEADER_LINE = re.compile(r"^[A-Za-z][\w-]{1,40}:", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`words` is what the server wrote; `returned` are the headers of the message given back in the same text."""

    words: str
    returned: Group


def split(text: str) -> Notice:
    """The notice and the headers of what is returned below it. The first line is always the notice's."""
    text = text[:_LONGEST_NOTICE]
    first = next((found for found in _RETURNED.finditer(text) if text[: found.start()].strip()), None)
    if first is None:
        return Notice(words=_without_fields(text), returned=Group())
    below = text[first.start() :]
    start = _HEADER_LINE.search(below)
    returned = headers(below[start.start() :]) if start else Group()
    return Notice(words=_without_fields(text[: first.start()]), returned=returned)


def _without_fields(words: str) -> str:
    found = _STATUS_FIELDS.search(words)
    return words[: found.start()] if found and words[: found.start()].strip() else words


def is_failure(fields: Group, words: str, report_type: str, gives_back: bool) -> bool:
    """Whether a mail that has no machine-readable report is a bounce or a delay all the same.

    One sign alone is never enough: people write about bounces, and robots write about other things. Where no mail
    server's name stands on it ("Delivery failed", about a parcel), it must also be a machine's, or give a mail back.
    """
    if report_type == "delivery-status" or "x-failed-recipients" in fields.values:
        return is_from_robot(fields) or is_announced(fields) or _says_so(words)
    if is_from_server(fields):
        return is_announced(fields) or _says_so(words)
    return is_announced(fields) and (gives_back or _is_by_a_machine(fields)) and _says_so(words)


def _says_so(words: str) -> bool:
    return bool(_FAILED.search(words))


def is_from_server(fields: Group) -> bool:
    """Whether it bears the name of a mail server, on the letter or on the envelope."""
    return any(_ROBOT.search(fields.get(name)[:400]) for name in ("from", "return-path"))


def is_from_robot(fields: Group) -> bool:
    """Whether a mail server wrote it: by its name, or because nobody waits for an answer (RFC 3464 section 2)."""
    return is_from_server(fields) or _has_no_return_path(fields)


def _has_no_return_path(fields: Group) -> bool:
    return fields.get("return-path").replace(" ", "") == "<>"


def _is_by_a_machine(fields: Group) -> bool:
    """RFC 3834 section 5, the Precedence of old, a name that nobody answers to, or the null return path."""
    return (
        fields.get("auto-submitted").lower().startswith("auto-")
        or fields.get("precedence").lower() in _PRECEDENCES
        or bool(_NOBODY.search(fields.get("from")[:400]))
        or _has_no_return_path(fields)
    )


def is_announced(fields: Group) -> bool:
    """Whether the subject says that a delivery failed."""
    return bool(_SUBJECT.match(fields.get("subject")[:400]))


def is_delay(fields: Group, words: str) -> bool:
    """Whether the server is still trying."""
    return bool(
        _DELAYED.search(words)
        or re.search(r"delay|still being retried|for (?:the )?past", fields.get("subject")[:400], re.I)
    )
