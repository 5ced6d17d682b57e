"""Why something was, or was not, done with a mail: one closed list for records, logs, metrics and the command line.

`Disposition` is what became of a mail, `Treatment` what is done with an attachment; a `Reason` says why, and
`Reason.text` says it to a person.
"""

from dataclasses import dataclass
from enum import StrEnum


class Disposition(StrEnum):
    """What became of a received mail."""

    ACCEPTED = "accepted"  # went through the desk
    QUARANTINED = "quarantined"  # kept, looked at by nobody until a person does; it can be run again
    REFUSED = "refused"  # not for us: the raw mail stays, no stage works on it
    IGNORED = "ignored"  # no mail at all, such as SES's setup notification


class Treatment(StrEnum):
    """What is done with one attachment."""

    ALLOW = "allow"  # stored, and a link can be made
    QUARANTINE = "quarantine"  # stored apart, and no link is ever made
    REFUSE = "refuse"  # not stored; the raw mail has it still


class Reason(StrEnum):
    """One named reason. The value is stable: it stands in records and metrics for ever."""

    # accepted
    ORDINARY = "ordinary"
    RESUBMISSION = "resubmission"
    HANDLED_BY_RULE = "handled_by_rule"

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
    QUARANTINED_BY_RULE = "quarantined_by_rule"

    # refused
    REFUSED_BY_RULE = "refused_by_rule"

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
    AGENT = "agent"
    LOOP = "loop"
    NO_SENDER = "no_sender"
    NO_REPLY_ADDRESS = "no_reply_address"
    SENDER_NOT_AUTHENTICATED = "sender_not_authenticated"
    SUPPRESSED = "suppressed"
    DOMAIN_FAILING = "domain_failing"
    ALREADY_ACKNOWLEDGED = "already_acknowledged"
    ANSWERS_OUR_MAIL = "answers_our_mail"
    SENDER_BUDGET = "sender_budget"
    DOMAIN_BUDGET = "domain_budget"
    ACCOUNT_BUDGET = "account_budget"
    SEND_UNCERTAIN = "send_uncertain"
    SEND_REFUSED = "send_refused"
    TOO_OLD = "too_old"
    REPLIES_OFF = "replies_off"
    NO_REPLY_BY_RULE = "no_reply_by_rule"
    BREAKER_OPEN = "breaker_open"
    SENDING_PAUSED = "sending_paused"
    UNDER_REVIEW = "under_review"
    QUOTA_RESERVED = "quota_reserved"
    LISTED_BY_SES = "listed_by_ses"
    TOO_LARGE_TO_SEND = "too_large_to_send"
    TOO_MANY_RECIPIENTS = "too_many_recipients"
    FILE_TYPE_REFUSED = "file_type_refused"
    UNSENDABLE_FORM = "unsendable_form"
    ANSWERED_MEANWHILE = "answered_meanwhile"
    QUIET_HOURS = "quiet_hours"
    NO_LONGER_DUE = "no_longer_due"
    FOLLOWED_UP_BEFORE = "followed_up_before"
    UNSUBSCRIBES = "unsubscribes"
    UNSUBSCRIBED = "unsubscribed"
    SURVEYED_BEFORE = "surveyed_before"
    NOBODY_ANSWERED = "nobody_answered"

    # answers of people that did not go out
    NOTHING_WRITTEN = "nothing_written"
    NO_RECIPIENT = "no_recipient"
    ADDRESS_NOT_SENDABLE = "address_not_sendable"
    NOT_IN_CONVERSATION = "not_in_conversation"
    ANSWERED_BEFORE = "answered_before"
    ANSWER_UNCERTAIN = "answer_uncertain"
    NOT_TAKEN = "not_taken"

    # what an agent wrote to the desk, to be sent on
    RELAYED = "relayed"
    STAYS_INTERNAL = "stays_internal"
    UNKNOWN_COMMAND = "unknown_command"
    ATTACHED_BY_MAIL = "attached_by_mail"
    QUOTE_NOT_CUT = "quote_not_cut"
    NOT_YOUR_NOTICE = "not_your_notice"
    ADDRESS_LOST = "address_lost"
    STATE_SET = "state_set"

    # replies sent
    TOLD_OF_CLOSING = "told_of_closing"
    AGENT_TOLD = "agent_told"
    AGENT_NOT_TOLD = "agent_not_told"
    FOLLOWED_UP = "followed_up"
    SURVEYED = "surveyed"
    ACKNOWLEDGED = "acknowledged"

    # feedback
    RECORDED = "recorded"
    NOTHING_REPORTED = "nothing_reported"
    NOT_OURS = "not_ours"
    COUNTED = "counted"

    # attachments: the stage's own
    STORED = "stored"
    ATTACHMENTS_HELD = "attachments_held"

    # attachments: what is seen in one of them, or of it (docs/attachments.md)
    NOTHING_AGAINST = "nothing_against"
    VIRUS_SES = "virus_ses"
    VIRUS_CLAMD = "virus_clamd"
    NOT_SCANNED = "not_scanned"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    TOO_LARGE_TOGETHER = "too_large_together"
    TOO_DEEP = "too_deep"
    TOO_MANY_FILES = "too_many_files"
    TOO_COSTLY = "too_costly"
    ARCHIVE_BOMB = "archive_bomb"
    ARCHIVE_UNREADABLE = "archive_unreadable"
    ENCRYPTED_ARCHIVE = "encrypted_archive"
    EXECUTABLE = "executable"
    EXECUTABLE_IN_ARCHIVE = "executable_in_archive"
    SHORTCUT = "shortcut"
    DISK_IMAGE = "disk_image"
    DOUBLE_EXTENSION = "double_extension"
    DISGUISED_NAME = "disguised_name"
    TYPE_MISMATCH = "type_mismatch"
    MACROS = "macros"
    REMOTE_TEMPLATE = "remote_template"
    EMBEDDED_OBJECT = "embedded_object"
    ENCRYPTED_DOCUMENT = "encrypted_document"
    ENCRYPTED_PDF = "encrypted_pdf"
    PDF_LAUNCH = "pdf_launch"
    PDF_SCRIPT = "pdf_script"
    HTML_SMUGGLING = "html_smuggling"
    SCRIPT_IN_SVG = "script_in_svg"
    NAME_LISTED = "name_listed"
    TYPE_LISTED = "type_listed"

    # opinions: why there is none (docs/bedrock.md)
    OPINION_NOTHING_TO_READ = "opinion_nothing_to_read"
    OPINION_BUDGET = "opinion_budget"
    OPINION_TOO_SLOW = "opinion_too_slow"
    OPINION_UNAVAILABLE = "opinion_unavailable"
    OPINION_REFUSED = "opinion_refused"
    OPINION_FILTERED = "opinion_filtered"
    OPINION_CUT = "opinion_cut"
    OPINION_ODD = "opinion_odd"

    # ledger
    WITHOUT_OUTCOME = "without_outcome"

    @property
    def text(self) -> str:
        """The reason as a sentence for a person."""
        return _TEXT[self]


_TEXT: dict[Reason, str] = {
    Reason.ORDINARY: "an ordinary mail",
    Reason.RESUBMISSION: "the same mail (Message-ID, sender and content) had come before",
    Reason.HANDLED_BY_RULE: "SES took it for spam, and a rule of the desk takes it in all the same",
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
    Reason.QUARANTINED_BY_RULE: "a rule of the desk keeps it apart",
    Reason.REFUSED_BY_RULE: "a rule of the desk refuses it; the raw mail is kept",
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
    Reason.AGENT: "it comes from one of the desk's own people",
    Reason.LOOP: "it carries a header field of a desk's own, or has gone to and fro too often: our mail has come back",
    Reason.NO_SENDER: "it names no sender that could be answered",
    Reason.NO_REPLY_ADDRESS: "the sender's address says that nobody reads it (noreply)",
    Reason.SENDER_NOT_AUTHENTICATED: "neither DMARC nor an aligned SPF result vouches for the sender: it may be forged",
    Reason.SUPPRESSED: "the address bounced or complained before",
    Reason.DOMAIN_FAILING: "nothing gets to its domain at the moment: mails to several addresses there failed today",
    Reason.ALREADY_ACKNOWLEDGED: "this conversation has had its acknowledgement",
    Reason.ANSWERS_OUR_MAIL: "it answers a mail of ours, so whoever wrote it knows that we are there",
    Reason.SENDER_BUDGET: "this sender has had as many automatic replies as one gets in a day",
    Reason.DOMAIN_BUDGET: "this sender's domain has had as many automatic replies as one gets in an hour",
    Reason.ACCOUNT_BUDGET: "the desk has sent as many automatic replies as it may in an hour",
    Reason.SEND_UNCERTAIN: "an earlier try may have sent it: an automatic reply is never sent twice",
    Reason.SEND_REFUSED: "SES refused to send it",
    Reason.TOO_OLD: "the mail waited so long that an acknowledgement would only puzzle",
    Reason.REPLIES_OFF: "automatic replies are switched off for this desk",
    Reason.NO_REPLY_BY_RULE: "a rule of the desk says that it gets no automatic reply",
    Reason.BREAKER_OPEN: "too much of what the desk sent bounced, or was complained of",
    Reason.SENDING_PAUSED: "the account may not send at the moment",
    Reason.UNDER_REVIEW: "SES has the account under review: until that is over, nothing goes out by itself",
    Reason.QUOTA_RESERVED: "what is left of SES's daily quota is kept for the answers of people",
    Reason.LISTED_BY_SES: "the address is on SES's suppression list, so it would get nothing",
    Reason.TOO_LARGE_TO_SEND: "the mail is larger than SES takes",
    Reason.TOO_MANY_RECIPIENTS: "it has more recipients than SES takes",
    Reason.FILE_TYPE_REFUSED: "SES sends no files of this type, since viruses come in them",
    Reason.UNSENDABLE_FORM: "the mail has a form that servers refuse",
    Reason.ANSWERED_MEANWHILE: "somebody of the desk was quicker: the conversation is not new any more",
    Reason.QUIET_HOURS: "these are the quiet hours of the desk: it is looked at again when they are over",
    Reason.NO_LONGER_DUE: "something has happened in the conversation since, so it is not due any more",
    Reason.FOLLOWED_UP_BEFORE: "the customer was asked for an answer to this mail before, and is not asked twice",
    Reason.UNSUBSCRIBES: "it asks for no more surveys, and none is sent to this person from now on",
    Reason.UNSUBSCRIBED: "they asked for no more surveys",
    Reason.SURVEYED_BEFORE: "they were asked in this conversation, or in another not long ago",
    Reason.NOBODY_ANSWERED: "no person of the desk has answered in it",
    Reason.NOTHING_WRITTEN: "there is nothing in it to read",
    Reason.NO_RECIPIENT: "nobody is named whom it could go to",
    Reason.ADDRESS_NOT_SENDABLE: "SES takes no such address",
    Reason.NOT_IN_CONVERSATION: "an address takes no part in the conversation, or was never shown to be its owner's",
    Reason.ANSWERED_BEFORE: "this very answer has been sent already",
    Reason.ANSWER_UNCERTAIN: "an earlier try may have sent this very answer",
    Reason.NOT_TAKEN: "SES took nothing at the moment, so nothing was sent",
    Reason.RELAYED: "what the agent wrote was sent on in the desk's name",
    Reason.STAYS_INTERNAL: "the agent wanted it to stay an internal note",
    Reason.NOT_YOUR_NOTICE: "the notice that it answers was for somebody else of the desk, or is over 45 days old",
    Reason.ADDRESS_LOST: "it answers a notice, and is not to the address that the notice gave for answers",
    Reason.STATE_SET: "the agent wanted the conversation's state to be set, and wrote nothing to send",
    Reason.UNKNOWN_COMMAND: "its first line begins as a command does, and is none",
    Reason.ATTACHED_BY_MAIL: "files that an agent attaches are not sent on",
    Reason.QUOTE_NOT_CUT: "what the agent wrote can't be told from what they quote",
    Reason.ACKNOWLEDGED: "the sender was told that the mail has arrived",
    Reason.AGENT_TOLD: "the agent was told that the conversation is theirs",
    Reason.AGENT_NOT_TOLD: "nobody was told of the assignment: the desk doesn't want it, or there was nobody to tell",
    Reason.FOLLOWED_UP: "the customer was asked for the answer that the desk waits for",
    Reason.SURVEYED: "the customer was asked how content they were",
    Reason.TOLD_OF_CLOSING: "the customer was told that the conversation will be closed",
    Reason.RECORDED: "the reports in it were recorded",
    Reason.NOTHING_REPORTED: "it reports on no recipient",
    Reason.NOT_OURS: "it reports on a mail that we never sent, or not to that address, so it changes nothing",
    Reason.COUNTED: "it was counted, and changes nothing",
    Reason.STORED: "its attachments were stored",
    Reason.ATTACHMENTS_HELD: "some of its attachments are held back: each has its reason",
    Reason.NOTHING_AGAINST: "nothing was seen in it that the policy minds",
    Reason.VIRUS_SES: "SES found a virus in the mail",
    Reason.VIRUS_CLAMD: "clamd found a virus in it",
    Reason.NOT_SCANNED: "clamd can't scan it: it is larger than clamd takes",
    Reason.TOO_MANY: "the mail has more attachments than the policy takes",
    Reason.TOO_LARGE: "it is larger than the policy takes",
    Reason.TOO_LARGE_TOGETHER: "the mail's attachments together are larger than the policy takes",
    Reason.TOO_DEEP: "it lies deeper in archives or attached messages than the policy looks",
    Reason.TOO_MANY_FILES: "there are more files in it than the policy looks at",
    Reason.TOO_COSTLY: "looking into it takes more time than the policy gives",
    Reason.ARCHIVE_BOMB: "it unpacks to many times its size",
    Reason.ARCHIVE_UNREADABLE: "it holds files that can't be looked into",
    Reason.ENCRYPTED_ARCHIVE: "it is an archive under a password",
    Reason.EXECUTABLE: "it is a program or a script",
    Reason.EXECUTABLE_IN_ARCHIVE: "there is a program or a script in it",
    Reason.SHORTCUT: "it is a shortcut that starts or opens something else",
    Reason.DISK_IMAGE: "it is a disk image, whose files the receiver's machine trusts",
    Reason.DOUBLE_EXTENSION: "its name shows one type and hides another",
    Reason.DISGUISED_NAME: "its name has characters that show it as another",
    Reason.TYPE_MISMATCH: "its bytes are of another type than it says",
    Reason.MACROS: "there are macros in the document",
    Reason.REMOTE_TEMPLATE: "the document fetches its template from elsewhere",
    Reason.EMBEDDED_OBJECT: "there is a file of another program embedded in the document",
    Reason.ENCRYPTED_DOCUMENT: "it is a document under a password",
    Reason.ENCRYPTED_PDF: "it is an encrypted PDF",
    Reason.PDF_LAUNCH: "the PDF starts a program",
    Reason.PDF_SCRIPT: "there is a script in the PDF",
    Reason.HTML_SMUGGLING: "the page puts a file together by script",
    Reason.SCRIPT_IN_SVG: "there is a script in the image",
    Reason.NAME_LISTED: "its name is on the policy's list",
    Reason.TYPE_LISTED: "its type is on the policy's list",
    Reason.OPINION_NOTHING_TO_READ: "there is no visible text that the model could be asked about",
    Reason.OPINION_BUDGET: "the model has been asked as often as it may be in a day",
    Reason.OPINION_TOO_SLOW: "the model has kept this function waiting too long to be asked again now",
    Reason.OPINION_UNAVAILABLE: "the model could not be reached, was busy, or gave no answer in time",
    Reason.OPINION_REFUSED: "Bedrock refused the question: the model's id, its access or its region is wrong",
    Reason.OPINION_FILTERED: "a filter of Bedrock stopped the question or the answer",
    Reason.OPINION_CUT: "the answer was longer than an answer may be",
    Reason.OPINION_ODD: "the answer was not of the form asked for, and was thrown away",
    Reason.WITHOUT_OUTCOME: "it has no outcome after every try: a person must look",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An attachment that is not allowed, by the path that it has in the parsed document. `detail` is a few words for
    people, and may quote the mail's file names."""

    path: str
    treatment: Treatment
    reason: Reason
    detail: str = ""
