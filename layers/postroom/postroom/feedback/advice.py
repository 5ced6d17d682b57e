"""What the desk can do where a mail of ours did not arrive: one sentence for each reason. Total."""

from collections.abc import Mapping

from postroom.feedback.report import BounceReason

_R = BounceReason

ADVICE: Mapping[BounceReason, str] = {
    _R.NO_SUCH_USER: "Ask the customer for another address, by phone or by post: this one gets nothing any more.",
    _R.MAILBOX_INACTIVE: "Ask the customer for another address, or call: nobody reads this one.",
    _R.MAILBOX_FULL: "Try again in some days, or call.",
    _R.DOMAIN_ERROR: "Look at the part behind the @ for a slip of the pen; if there is none, try again in a week.",
    _R.NETWORK_OR_TIMEOUT: "Try again tomorrow, or call: their server could not be reached.",
    _R.RATE_LIMITED: "Try again in an hour; if it comes often, tell whoever runs the desk.",
    _R.SPAM_OR_BLOCKED: "Tell whoever runs the desk: it is about us. Meanwhile call, or write from elsewhere.",
    _R.AUTHENTICATION: "Tell whoever runs the desk: SPF, DKIM or DMARC of our domain want mending.",
    _R.REJECTED_POLICY: "Call, or ask them to let our address in; if it comes often, tell whoever runs the desk.",
    _R.RELAY_DENIED: "Look at the part behind the @, or call: their domain points to a server that doesn't know it.",
    _R.TOO_LARGE: "Leave large files out, or send links to them, and answer again.",
    _R.CONTENT_REJECTED: "Leave the files out, or send links to them, and answer again.",
    _R.SYSTEM_ERROR: "Try again tomorrow, or call: something is broken at their side.",
    _R.PROTOCOL_ERROR: "Try again; if it comes again, tell whoever runs the desk, with what the server said.",
    _R.SUPPRESSED: "See `postroom suppressions show` for since when, and lift it if they want our mail.",
    _R.VACATION: "Nothing: it has arrived, and they are away.",
    _R.COMPLAINT: "Write no more, unless they write again and ask for an answer.",
    _R.DELIVERED: "Nothing: it has arrived.",
    _R.OTHER: "Read what their server said (`postroom bounces`), or call.",
}
