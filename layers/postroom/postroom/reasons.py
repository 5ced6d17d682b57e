"""Why something was, or was not, done with a mail: one closed list for records, logs, metrics and the command line.

`Disposition` is what became of a mail; a `Reason` says why, and `Reason.text` says it to a person.
"""

from enum import StrEnum


class Disposition(StrEnum):
    """What became of a received mail."""

    ACCEPTED = "accepted"  # went through the desk
    QUARANTINED = "quarantined"  # kept, looked at by nobody until a person does; it can be run again
    REFUSED = "refused"  # not for us: the raw mail stays, no stage works on it
    IGNORED = "ignored"  # no mail at all, such as SES's setup notification


class Reason(StrEnum):
    """One named reason. The value is stable: it stands in records and metrics for ever."""

    # accepted
    ORDINARY = "ordinary"
    RESUBMISSION = "resubmission"

    # ignored
    SETUP_NOTIFICATION = "setup_notification"
    TOPIC_VALIDATION = "topic_validation"
    NOT_FOR_THIS_STAGE = "not_for_this_stage"

    # quarantined
    UNPARSEABLE = "unparseable"
    TOO_COMPLEX = "too_complex"
    EMPTY_MAIL = "empty_mail"
    RAW_MAIL_MISSING = "raw_mail_missing"
    SEAL_BROKEN = "seal_broken"
    SEAL_UNKNOWN = "seal_unknown"
    SEAL_KEY_GONE = "seal_key_gone"
    DOCUMENT_UNUSABLE = "document_unusable"
    UNREADABLE_EVENT = "unreadable_event"
    VIRUS = "virus"
    SPAM = "spam"

    # replies withheld
    NULL_RETURN_PATH = "null_return_path"
    ROBOT = "robot"
    AUTO_REPLY = "auto_reply"
    OUT_OF_OFFICE = "out_of_office"
    BOUNCE = "bounce"
    DELIVERY_REPORT = "delivery_report"
    COMPLAINT = "complaint"
    MAILING_LIST = "mailing_list"
    BULK_MAIL = "bulk_mail"
    NOTIFICATION = "notification"
    CALENDAR = "calendar"
    CHALLENGE = "challenge"
    ASKED_FOR_SILENCE = "asked_for_silence"
    OUR_OWN_ADDRESS = "our_own_address"
    LOOP = "loop"
    NO_SENDER = "no_sender"
    NO_REPLY_ADDRESS = "no_reply_address"
    SENDER_NOT_AUTHENTICATED = "sender_not_authenticated"
    SUPPRESSED = "suppressed"
    ALREADY_ACKNOWLEDGED = "already_acknowledged"
    SENDER_BUDGET = "sender_budget"
    DOMAIN_BUDGET = "domain_budget"
    ACCOUNT_BUDGET = "account_budget"
    SEND_UNCERTAIN = "send_uncertain"
    SEND_REFUSED = "send_refused"
    TOO_OLD = "too_old"
    REPLIES_OFF = "replies_off"

    # replies sent
    ACKNOWLEDGED = "acknowledged"

    # feedback
    RECORDED = "recorded"
    NOTHING_REPORTED = "nothing_reported"
    NOT_OURS = "not_ours"
    COUNTED = "counted"

    # attachments
    STORED = "stored"

    # ledger
    WITHOUT_OUTCOME = "without_outcome"

    @property
    def text(self) -> str:
        """The reason as a sentence for a person."""
        return _TEXT[self]


_TEXT: dict[Reason, str] = {
    Reason.ORDINARY: "an ordinary mail",
    Reason.RESUBMISSION: "the same mail (Message-ID, sender and content) had come before",
    Reason.SETUP_NOTIFICATION: "SES wrote this object when the receipt rule was made; it is no mail",
    Reason.TOPIC_VALIDATION: "SES validated the topic; it is no mail",
    Reason.NOT_FOR_THIS_STAGE: "the event is none that this stage works on",
    Reason.UNPARSEABLE: "no parser could read it; the raw mail is kept and can be run again",
    Reason.TOO_COMPLEX: "it has more parts, or is nested deeper, than any honest mail",
    Reason.EMPTY_MAIL: "the stored object is empty",
    Reason.RAW_MAIL_MISSING: "the raw mail is not in the bucket any more",
    Reason.SEAL_BROKEN: "SES encrypted it, and the stored object was changed or cut since: it can't be decrypted",
    Reason.SEAL_UNKNOWN: "it is encrypted in a way that this version can't read; the raw mail is kept",
    Reason.SEAL_KEY_GONE: "the KMS key that it was encrypted under does not exist any more",
    Reason.DOCUMENT_UNUSABLE: "its parsed document is gone, or of a form that this version can't read: run it again",
    Reason.UNREADABLE_EVENT: "the event is not one of the forms that this stage knows",
    Reason.VIRUS: "SES found a virus",
    Reason.SPAM: "SES took it for spam",
    Reason.NULL_RETURN_PATH: "the envelope sender is empty (MAIL FROM:<>), so nobody waits for an answer (RFC 3834)",
    Reason.ROBOT: "the envelope sender is a machine's address (mailer-daemon, owner-, -request and the like)",
    Reason.AUTO_REPLY: "it is an automatic reply itself",
    Reason.OUT_OF_OFFICE: "it is an out-of-office message",
    Reason.BOUNCE: "it is a bounce",
    Reason.DELIVERY_REPORT: "it is a delivery report or a receipt",
    Reason.COMPLAINT: "it is a complaint from a feedback loop",
    Reason.MAILING_LIST: "it came over a mailing list",
    Reason.BULK_MAIL: "it is a bulk mail",
    Reason.NOTIFICATION: "a machine wrote it",
    Reason.CALENDAR: "it is a calendar invitation or an answer to one",
    Reason.CHALLENGE: "it asks for a confirmation, as challenge-response filters do",
    Reason.ASKED_FOR_SILENCE: "the sender asked for no automatic replies (X-Auto-Response-Suppress)",
    Reason.OUR_OWN_ADDRESS: "it comes from one of our own addresses",
    Reason.LOOP: "it carries our own automatic header: our reply has come back",
    Reason.NO_SENDER: "it names no sender that could be answered",
    Reason.NO_REPLY_ADDRESS: "the sender's address says that nobody reads it (noreply)",
    Reason.SENDER_NOT_AUTHENTICATED: "neither DMARC nor an aligned SPF result vouches for the sender: it may be forged",
    Reason.SUPPRESSED: "the address bounced or complained before",
    Reason.ALREADY_ACKNOWLEDGED: "this conversation has had its acknowledgement",
    Reason.SENDER_BUDGET: "this sender has had as many automatic replies as one gets in a day",
    Reason.DOMAIN_BUDGET: "this sender's domain has had as many automatic replies as one gets in an hour",
    Reason.ACCOUNT_BUDGET: "the desk has sent as many automatic replies as it may in an hour",
    Reason.SEND_UNCERTAIN: "an earlier try may have sent it: an automatic reply is never sent twice",
    Reason.SEND_REFUSED: "SES refused to send it",
    Reason.TOO_OLD: "the mail waited so long that an acknowledgement would only puzzle",
    Reason.REPLIES_OFF: "automatic replies are switched off for this desk",
    Reason.ACKNOWLEDGED: "the sender was told that the mail has arrived",
    Reason.RECORDED: "the reports in it were recorded",
    Reason.NOTHING_REPORTED: "it reports on no recipient",
    Reason.NOT_OURS: "it reports on a mail that we never sent, so it changes no address",
    Reason.COUNTED: "it was counted, and changes nothing",
    Reason.STORED: "its attachments were stored",
    Reason.WITHOUT_OUTCOME: "it has no outcome after every try: a person must look",
}
