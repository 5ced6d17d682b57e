"""What the rules, the desk's model and an opinion have seen in a mail, in words for people."""

import re
from collections.abc import Mapping

from cli.explaining.paragraph import said
from postroom.opinions.effect import OPINION
from postroom.stages.categorising import MODEL

#: By the whole signal, where its value is no name or number.
_WHOLE: Mapping[str, str] = {
    "attachments:yes": "it has attachments",
    "attachments:no": "it has no attachments",
    "business_hours:yes": "it came within the opening hours",
    "business_hours:no": "it came outside the opening hours",
    "holiday:yes": "it came on a holiday",
    "holiday:no": "it came on no holiday",
    "model:unusable": "the desk's model could not be used (the log says why)",
    "opinion:category": "the category is that of the opinion",
    "opinion:priority": "the priority is that of the opinion",
}

#: By the word before the colon.
WORDS: Mapping[str, str] = {
    "subject": "the subject has “{}”",
    "text": "the text has “{}”",
    "to": "it was written to {}@",
    "kind": "its kind is {}",
    "language": "its language is {}",
    "category": "an earlier rule gave it the category {}",
    "tag": "an earlier rule gave it the tag {}",
    "spf": "SPF says {}",
    "dkim": "DKIM says {}",
    "dmarc": "DMARC says {}",
    "spam": "the spam check says {}",
    "virus": "the virus check says {}",
    "sender": "its sender is {}",
    "weekday": "it came on a {}",
    "time": "it came between {}",
    "from": "its author fits {}",
    "mail_from": "its envelope sender fits {}",
    "rcpt_to": "its envelope recipient fits {}",
    "header": "its header has the field {}",
    "attachments": "attachments of this sort: {}",
    "size": "its size is {} bytes",
    "customer_tag": "a conversation of this customer has the tag {}",
    "mails_before": "mails of this customer before: {}",
    "days_since_last": "days since this customer's last mail: {}",
    "open_conversations": "open conversations of this customer: {}",
    "waiting_days": "days that this customer waits already: {}",
    "urgency": "it presses: {}",
    "model": "the desk's model {} was asked",
    "unsure": "the model was not sure: {}",
    "word": "the model goes by “{}”",
    **dict.fromkeys(("business_hours", "holiday", "opinion"), ""),  # whole ones only
}
_GUESS = re.compile(r"(?P<sort>category|unsure):(?P<label>.+) (?P<share>[01]\.\d\d)")
_POINTS = re.compile(r"urgency:(?P<name>.+)(?P<points>[+-]\d{1,6})")


def seen(signal: str) -> str:
    """The signal in words; itself where it is of another version and has none here."""
    if signal in _WHOLE:
        return _WHOLE[signal]
    if guess := _GUESS.fullmatch(signal):
        sure = "the model says" if guess["sort"] == "category" else "the model was not sure: perhaps"
        return f"{sure} {guess['label']} ({100 * float(guess['share']):.0f} % sure)"
    if pressing := _POINTS.fullmatch(signal):
        return f"it presses: {pressing['name'].replace('_', ' ')} ({pressing['points']} points)"
    name, _, value = signal.partition(":")
    return said(WORDS.get(name, ""), value) or signal


def who(by: str) -> str:
    """Who gave the category: the rule of this name, the desk's model, or a second opinion."""
    if by == OPINION:
        return "a second opinion"
    return f"the desk's model {by.removeprefix(MODEL)}" if by.startswith(MODEL) else f"the rule “{by}”"
