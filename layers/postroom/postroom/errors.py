"""The tree of errors. Any other exception is unforeseen and is retried, so that a fix and a redrive recover the mail.

PostroomError
├── Retryable        the queue tries again, then the dead-letter queue: a throttle, a time-out, a race
│   └── Throttled    SES sends so many mails a second: a moment later it takes this one
├── Unanswered       SES may have taken a mail, or not: nobody sends it again by itself
├── Poison           can never succeed: quarantined under a named reason and acknowledged; the raw mail stays
└── Misconfigured    told at start, all faults at once: nothing runs until the set-up is mended
"""

from collections.abc import Sequence

from postroom.reasons import Reason


class PostroomError(Exception):
    """The root: what Postroom raises on purpose. Its text is a sentence for the person who must act."""


class Retryable(PostroomError):
    """It failed now and may succeed later; nothing has been lost."""


class Throttled(Retryable):
    """SES took nothing, since others were quicker this second. A short pause is enough."""


class Unanswered(PostroomError):
    """A mail was handed to SES, and nobody knows what became of it: no answer came, or one that doesn't say."""


class Poison(PostroomError):
    """It can't succeed however often it is tried: `reason` names why, the text says what was seen."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Misconfigured(PostroomError):
    """The set-up is wrong. `faults` holds one sentence each, with the setting's name and what it should be."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)
