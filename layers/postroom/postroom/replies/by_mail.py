"""What speaks against sending on what an agent wrote by mail, before it is a draft: a table. Pure.

What speaks against any answer of a person comes after these: `postroom.replies.by_hand`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from postroom.message import Attachment, Parsed
from postroom.reasons import Reason
from postroom.replies import notice
from postroom.threads.by_agents import COMMANDS, Address, Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why nothing is sent; `told` says it to the agent, and what they can do."""

    reason: Reason
    told: str


def objection(parsed: Parsed, wanted: Asked) -> Objection | None:
    """The first that there is."""
    return next((found for check in CHECKS if (found := check(parsed, wanted))), None)


_ADDRESSES = {
    Address.ANOTHERS: Objection(
        reason=Reason.NOT_YOUR_NOTICE,
        told="the address that you wrote to is for the answers of the one whom we sent that notice, for 45 days; "
        "answer a notice of your own, or use `postroom reply`",
    ),
    Address.DESKS: Objection(
        reason=Reason.ADDRESS_LOST,
        told="you answered our notice at the desk's own address, where nothing is sent on; write to the address that "
        "the notice has in Reply-To",
    ),
}


def _address(_: Parsed, wanted: Asked) -> Objection | None:
    return _ADDRESSES.get(wanted.address)


def _command(_: Parsed, wanted: Asked) -> Objection | None:
    if wanted.command is not None:
        return None
    known = ", ".join(filter(None, COMMANDS))
    return Objection(reason=Reason.UNKNOWN_COMMAND, told=f"it begins with a command that is none of {known}")


def _quote(_: Parsed, wanted: Asked) -> Objection | None:
    if not notice.remains(wanted.text):
        return None
    return Objection(reason=Reason.QUOTE_NOT_CUT, told="write above all that your mail client quotes")


def _files(parsed: Parsed, _: Asked) -> Objection | None:
    files = [each.safe_filename for each in parsed.message.attachments if not _is_shown(each)]
    if not files:
        return None
    told = f"files are not sent on ({', '.join(files[:5])}): `postroom reply --attach` sends them"
    return Objection(reason=Reason.ATTACHED_BY_MAIL, told=told)


def _is_shown(attached: Attachment) -> bool:
    """Whether it is an image that stands in the text. Some clients give every file a Content-ID."""
    return bool(attached.content_id) and attached.content_type.startswith("image/")


#: In their order: where it was sent comes first, since nothing else matters there.
CHECKS: tuple[Callable[[Parsed, Asked], Objection | None], ...] = (_address, _command, _quote, _files)
