"""What becomes of a sent mail, recipient by recipient: the mailbox simulator's addresses, and all others. Pure.

Source: "Using the mailbox simulator" (SES developer guide). A label (`bounce+label@`) changes nothing. Domains under
`.invalid` exist nowhere (RFC 6761 section 6.4): mail to them bounces, and their addresses, unlike the simulator's, then
go on the suppression list; `complaint@` and `ooto@` there do what they do at the simulator.
"""

from enum import StrEnum

SIMULATOR = "simulator.amazonses.com"


class Fate(StrEnum):
    DELIVERED = "delivered"
    BOUNCED = "bounced"  # 550 5.1.1
    OUT_OF_OFFICE = "out_of_office"  # delivered, and answered: a Bounce of type Transient, General
    COMPLAINED = "complained"  # delivered, and then marked as spam
    GLOBALLY_SUPPRESSED = "globally_suppressed"  # on SES's own list
    REJECTED = "rejected"  # taken, and then found to hold a virus
    SUPPRESSED = "suppressed"  # on the account's list: accepted, never sent


HELD_BACK = frozenset({Fate.GLOBALLY_SUPPRESSED, Fate.SUPPRESSED, Fate.REJECTED})  # these recipients are not sent to

_FATES = {
    "success": Fate.DELIVERED,
    "bounce": Fate.BOUNCED,
    "ooto": Fate.OUT_OF_OFFICE,
    "complaint": Fate.COMPLAINED,
    "suppressionlist": Fate.GLOBALLY_SUPPRESSED,
}


def fate(address: str) -> Fate:
    """What the world makes of a mail to this address. All but those of the simulator and `.invalid` get it."""
    local, _, domain = address.lower().rpartition("@")
    name = local.partition("+")[0]
    if domain == SIMULATOR:
        return _FATES.get(name, Fate.BOUNCED)
    if domain.endswith(".invalid"):
        return _FATES[name] if name in ("complaint", "ooto") else Fate.BOUNCED
    return Fate.DELIVERED


def is_simulator(address: str) -> bool:
    """Simulator addresses are never put on the suppression list (developer guide)."""
    return address.lower().endswith(f"@{SIMULATOR}")
