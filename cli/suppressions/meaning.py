"""The states of an address in words: what each means, and what follows when a person lifts it. Total."""

from collections.abc import Mapping

from postroom.address import State

MEANS: Mapping[State, str] = {
    State.HEALTHY: "mail goes to it",
    State.SOFT_ONCE: "the last mail did not arrive, for a passing reason; mail goes to it",
    State.SOFT_TWICE: "the last two mails did not arrive, for passing reasons; mail goes to it",
    State.SOFT_OFTEN: "three mails or more did not arrive; mail goes to it, and somebody should look at it",
    State.MAILBOX_FULL: "its mailbox was full; mail goes to it, and may come back",
    State.NO_DOMAIN: "its domain doesn't exist, or takes no mail; nothing is sent until the week is over",
    State.HARD: "no mailbox is there, as a server or a person has said; nothing is sent until a person lifts it",
    State.LISTED: "it is on SES's suppression list; nothing is sent until it is off that",
    State.COMPLAINED: "its owner complained of our mail; nothing is sent until they ask for it and a person lifts it",
}

_AGAIN = "The next mail goes out, and if it bounces hard, the address is held back again at once"
_COUNTED = "It starts anew: what did not arrive before counts no more"

AFTER_LIFTING: Mapping[State, str] = {
    State.HEALTHY: _AGAIN,
    State.SOFT_ONCE: _COUNTED,
    State.SOFT_TWICE: _COUNTED,
    State.SOFT_OFTEN: _COUNTED,
    State.MAILBOX_FULL: _COUNTED,
    State.NO_DOMAIN: "The next mail goes out, and if the domain still takes none, the address waits another week",
    State.HARD: _AGAIN,
    State.LISTED: _AGAIN,
    State.COMPLAINED: "The next mail goes out; a further complaint counts, and SES reviews an account from 0.1 % on",
}

DOMAIN_AWAY = "Several addresses of {domain} failed today because of their domain: mail to all of them waits for a day"


def named(state: State) -> str:
    return state.replace("_", " ")
