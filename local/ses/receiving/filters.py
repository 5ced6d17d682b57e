"""IP address filters: from where mail is taken. Pure, but for the book that keeps them.

Source: "IP-based control using IP address filters" and "API_ReceiptFilter". Whoever blocks 0.0.0.0/0 and allows a few
addresses gets mail from those only: the narrowest range that has an address decides. SES's own block list, and its
blocking of Amazon EC2, aren't played.
"""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from local.ses.refused import Refused

MAX_FILTERS = 100
POLICIES = ("Block", "Allow")

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFilter:
    """`cidr` is as it was given, `network` what it means."""

    name: str
    policy: str  # one of POLICIES
    cidr: str
    network: Network


def network(cidr: str) -> Network:
    """The addresses of a CIDR; bits behind the prefix are ignored, as in the API's own example 10.0.0.1/24."""
    try:
        return ip_network(cidr, strict=False)
    except ValueError as error:
        raise Refused("InvalidParameterValue", f"Not an IP address or CIDR range: {cidr}") from error


class FilterBook:
    """Every filter of the account."""

    def __init__(self) -> None:
        self._filters: dict[str, ReceiptFilter] = {}

    def all(self) -> tuple[ReceiptFilter, ...]:
        return tuple(self._filters.values())

    def create(self, one: ReceiptFilter) -> None:
        if one.name in self._filters:
            raise Refused("AlreadyExists", f"Receipt filter already exists: {one.name}")
        if len(self._filters) >= MAX_FILTERS:
            raise Refused("LimitExceeded", f"An account has at most {MAX_FILTERS} IP address filters.")
        self._filters[one.name] = one

    def delete(self, name: str) -> None:
        """Forgets a filter; one that isn't there is no error (API_DeleteReceiptFilter)."""
        self._filters.pop(name, None)

    def blocks(self, client_ip: str) -> bool:
        """Whether mail from this address is refused. Of two filters for the same range, the block wins."""
        address = ip_address(client_ip)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        having = [one for one in self._filters.values() if address in one.network]
        if not having:
            return False
        return max(having, key=lambda one: (one.network.prefixlen, one.policy == "Block")).policy == "Block"
