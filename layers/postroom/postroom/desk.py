"""The desk itself: which addresses are ours."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One desk: the address that it answers from, its name, and the recipients that its receipt rule takes.

    `recipients` are as in an SES receipt rule: an address, a domain, or a domain with its subdomains (`.example.com`);
    so are `agents`, the people who work at the desk.
    """

    address: str
    from_name: str
    recipients: tuple[str, ...] = ()
    replies: bool = True
    agents: tuple[str, ...] = ()

    def owns(self, address: str) -> bool:
        """Whether the address is one of ours; a plus-label doesn't matter, nor the case (senders are careless)."""
        local, _, domain = address.strip().lower().rpartition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        return any(_covers(rule.lower(), plain, domain) for rule in (self.address, *self.recipients))

    def employs(self, address: str) -> bool:
        """Whether the address is an agent's. Whether the mail is from its owner is another question."""
        plain = address.strip().lower()
        return any(_covers(rule.lower(), plain, plain.rpartition("@")[2]) for rule in self.agents)


def _covers(rule: str, address: str, domain: str) -> bool:
    if rule.startswith("."):
        return domain.endswith(rule)
    return rule in (address, domain) if "@" in rule else rule == domain
