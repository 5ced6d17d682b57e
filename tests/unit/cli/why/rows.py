"""Rows of the ledger as the stages write them, one for each way that a mail may go."""

from collections.abc import Mapping

from postroom.ids import SesId
from postroom.outcome import MailRow, Stage, StageRecord
from postroom.reasons import Disposition, Held, Reason, Treatment

RECEIVED = "2026-11-24T07:29:00.000Z"
_AT = {
    Stage.PARSE: "2026-11-24T07:29:00.412Z",
    Stage.ATTACHMENTS: "2026-11-24T07:29:01.100Z",
    Stage.CLASSIFY: "2026-11-24T07:29:00.905Z",
    Stage.REPLY: "2026-11-24T07:29:01.630Z",
    Stage.FEEDBACK: "2026-11-24T07:29:04.250Z",
}
_SENT_ID = "0102019ab2-1d2e-4f3a-9c4b-5d6e7f8a9b0c-000000"
ACCEPTED = Disposition.ACCEPTED
BILLING = "subject:*invoice"
PASSED = ("replies_on", "loop_header", "references", "kind", "null_return_path")

_READ = {
    "kind": "person",
    "confidence": "90",
    "language": "en",
    "category": "billing",
    "category_rule": "billing in the subject",
    "category_confidence": "80",
    "priority": "normal",
    "rule_set": "b243af8d0e9b",
}
_OPENED = {"conversation": "m67ymg35rpfsmoed", "opened": "yes", "state": "new"}


def row(*records: StageRecord) -> MailRow:
    return MailRow(
        ses_id=SesId("o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"),
        received_at=RECEIVED,
        records={record.stage: record for record in records},
    )


def record(
    stage: Stage,
    reason: Reason = Reason.ORDINARY,
    disposition: Disposition = Disposition.ACCEPTED,
    rule: str = "",
    signals: tuple[str, ...] = (),
    held: tuple[Held, ...] = (),
    /,
    **facts: str,
) -> StageRecord:
    return StageRecord(
        stage=stage,
        at=_AT[stage],
        disposition=disposition,
        reason=reason,
        rule=rule,
        signals=signals,
        facts=facts,
        held=held,
    )


def parse(reason: Reason = Reason.ORDINARY, signals: tuple[str, ...] = (), /, **facts: str) -> StageRecord:
    usual = {
        "from": "ann@example.com",
        "from_name": "Ann",
        "subject": "Where is my invoice?",
        "size": "4213",
        "attachments": "0",
        "vouched": "proven",
        "way": "2 hops in 9 s, 9 s of them to inbound-smtp.eu-west-1.amazonaws.com",
        "authentication": "spf=pass example.com, dkim=pass example.com, dmarc=pass example.com",
    }
    return record(Stage.PARSE, reason, ACCEPTED, "", signals, **{**usual, **facts})


def classify(*signals: str, **facts: str) -> StageRecord:
    """A person's mail, which opened its conversation."""
    return record(Stage.CLASSIFY, Reason.ORDINARY, ACCEPTED, "person", signals, **{**_READ, **_OPENED, **facts})


def robot(kind: str, rule: str, /, *signals: str, **facts: str) -> StageRecord:
    """A mail that a machine wrote, and that no rule of the desk fits."""
    read = {**_READ, "kind": kind, "confidence": "95", "category": "", "category_rule": "", "priority": ""}
    return record(Stage.CLASSIFY, Reason.ORDINARY, ACCEPTED, rule, signals, **{**read, **_OPENED, **facts})


def unwanted(reason: Reason) -> StageRecord:
    return record(Stage.CLASSIFY, reason, Disposition.QUARANTINED, "person", (BILLING,), **_READ)


def sent() -> StageRecord:
    facts = {"template": "acknowledgement", "sent_id": _SENT_ID, "to": "ann@example.com"}
    return record(Stage.REPLY, Reason.ACKNOWLEDGED, ACCEPTED, "every check passed", PASSED, **facts)


def withheld(reason: Reason, check: str = "", detail: str = "") -> StageRecord:
    decided = check or reason.value
    facts = {"detail": detail} if detail else {}
    return record(Stage.REPLY, reason, ACCEPTED, decided, (*PASSED[:3], decided), **facts)


def stored(reason: Reason, *held: Held, disposition: Disposition = Disposition.ACCEPTED, **counts: str) -> StageRecord:
    rule = "virus_verdict" if disposition is Disposition.QUARANTINED else "policy"
    none = {"stored": "0", "quarantined": "0", "refused": "0"}
    seen = tuple(each.reason.value for each in held)
    return record(Stage.ATTACHMENTS, reason, disposition, rule, seen, held, **{**none, **counts})


def came_back(reason: Reason, recipients: str, *reasons: str) -> StageRecord:
    facts = {"feedback": "bounce", "reports": str(len(reasons)), "recipients": recipients}
    return record(Stage.FEEDBACK, reason, ACCEPTED, "", reasons, **facts)


def quarantined(stage: Stage, reason: Reason, rule: str, /, **facts: str) -> StageRecord:
    return record(stage, reason, Disposition.QUARANTINED, rule, **facts)


_JOINING = "our_mail (70) in references: participant, so join"
_ASIDE = "reference (60) in references: stranger, so side"
_NOT_HEARD = "sibling (50) in references: stranger, so new"
_MACROS = Held(path="2", treatment=Treatment.QUARANTINE, reason=Reason.MACROS, detail="order.docm")
_PROGRAM = Held(path="3.1", treatment=Treatment.REFUSE, reason=Reason.EXECUTABLE, detail="setup.exe")
_VIRUS = Held(path="2", treatment=Treatment.QUARANTINE, reason=Reason.VIRUS_SES, detail="invoice.zip")
_TOLD_BEFORE = withheld(Reason.ALREADY_ACKNOWLEDGED, "conversation_opened", "the mail did not open its conversation")
_ABSENCE = robot(
    *("out_of_office", "automatic answer: absence", "auto_replied", "label_auto_reply", "text_absence"),
    opened="no",
    state="pending",
    follow_up_on="2026-12-01",
)

#: By the name of the golden file. The second value is how many minutes after its receipt somebody asks.
CASES: Mapping[str, tuple[MailRow, int]] = {
    "answered": (row(parse(), classify(BILLING), sent()), 5),
    "joined": (
        row(parse(), classify(BILLING, _JOINING, opened="no", state="open", standing="participant"), _TOLD_BEFORE),
        5,
    ),
    "side": (
        row(
            parse(vouched="unproven", authentication="spf=none, dmarc=none", **{"from": "eve@example.net"}),
            classify(BILLING, _ASIDE, _NOT_HEARD, linked_to="hc5wv3uu5dclzsbm", standing="stranger"),
            withheld(Reason.SENDER_NOT_AUTHENTICATED, "authentication", "DMARC GRAY, SPF GRAY for eve@example.net"),
        ),
        5,
    ),
    "forged": (
        row(
            parse(vouched="forged", authentication="spf=fail example.com, dmarc=fail example.com"),
            classify(BILLING),
            withheld(Reason.SENDER_NOT_AUTHENTICATED, "authentication", "DMARC FAIL, SPF FAIL for x@example.org"),
        ),
        5,
    ),
    "out_of_office": (
        row(
            parse(subject="Automatic reply: Your order"),
            _ABSENCE,
            withheld(Reason.OUT_OF_OFFICE, "kind", "its kind is out_of_office"),
        ),
        5,
    ),
    "list": (
        row(
            parse(list="Talk <talk.example.com>", subject="[talk] hello"),
            robot("list", "list", "list_post", "list_id", language=""),
            withheld(Reason.MAILING_LIST, "kind", "its kind is list"),
        ),
        5,
    ),
    "bounce_report": (
        row(
            parse(subject="Undelivered Mail Returned to Sender", vouched="unproven", attachments="2"),
            stored(Reason.STORED, stored="2"),
            robot("bounce", "status: failed", "delivery_status", "action_failed", "null_return_path"),
            withheld(Reason.BOUNCE, "kind", "its kind is bounce"),
            came_back(Reason.NOT_OURS, "bob@example.org, dora@example.org", "no_such_user", "mailbox_full"),
        ),
        5,
    ),
    "reply_bounced": (
        row(parse(), classify(BILLING), sent(), came_back(Reason.RECORDED, "ann@example.com", "mailbox_full")),
        5,
    ),
    "ruled": (
        row(
            parse(),
            classify(
                BILLING,
                rules="billing in the subject; large customers",
                tags="vip invoice",
                assign="eve@staff.example",
                reply="none",
                notify="billing",
                due_at="2026-11-24T11:29:00.000Z",
            ),
            withheld(Reason.REPLIES_OFF),
        ),
        5,
    ),
    "model": (
        row(
            parse(),
            classify(
                *("model:3f2a91c0b1d2", "category:billing 0.88", "word:refund", "urgency:waited_two_days+20"),
                category_rule="model:3f2a91c0b1d2",
                category_confidence="88",
            ),
            sent(),
        ),
        5,
    ),
    "opinion": (
        row(
            parse(),
            classify(
                *("model:3f2a91c0b1d2", "unsure:returns 0.41", "opinion:category"),
                category_rule="opinion",
                category_confidence="50",
                opinion="billing normal high",
                opinion_taken="category",
            ),
            sent(),
        ),
        5,
    ),
    "attachments_held": (
        row(
            parse(attachments="3"),
            stored(Reason.ATTACHMENTS_HELD, _MACROS, _PROGRAM, stored="1", quarantined="1", refused="1"),
            classify(BILLING),
            sent(),
        ),
        5,
    ),
    "resubmission": (
        row(parse(Reason.RESUBMISSION, first="0a1b2c3d4e5f6071"), classify(BILLING, opened="no"), _TOLD_BEFORE),
        5,
    ),
    "spam": (row(parse(), unwanted(Reason.SPAM)), 5),
    "virus": (
        row(
            parse(attachments="1"),
            stored(Reason.VIRUS, _VIRUS, disposition=Disposition.QUARANTINED, quarantined="1"),
            unwanted(Reason.VIRUS),
        ),
        5,
    ),
    "failed": (row(quarantined(Stage.PARSE, Reason.TOO_COMPLEX, "poison", detail="more than 1,000 parts")), 5),
    "given_up": (
        row(
            parse(),
            classify(BILLING),
            quarantined(Stage.REPLY, Reason.WITHOUT_OUTCOME, "ledger", tries="3", waited_since=RECEIVED),
        ),
        3 * 60,
    ),
    "answered_and_stopped": (
        row(
            parse(attachments="1"),
            classify(BILLING),
            sent(),
            quarantined(Stage.ATTACHMENTS, Reason.DOCUMENT_UNUSABLE, "poison", detail="there is no parsed document"),
        ),
        5,
    ),
    "waiting": (row(parse(attachments="1")), 1),
    "late": (row(parse(attachments="1"), classify(BILLING)), 3 * 60),
    "unread_yet": (row(), 1),
    "hostile": (
        row(
            parse(
                *(Reason.ORDINARY, ("no_date", "bad_charset")),
                subject="\x1b]0;owned\x07 a\u202egpj.exe",
                from_name="\x1b[2J",
                secured="signed with S/MIME",
            ),
            classify(BILLING, labels="vip, \x1b[31mred", colour="2026-11-24T11:29:00Z"),
            withheld(Reason.ROBOT, "robot_address"),
        ),
        5,
    ),
}
