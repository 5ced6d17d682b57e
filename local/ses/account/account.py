"""The account: what it owns, what it may, and whether it may send now."""

from dataclasses import dataclass, field
from time import monotonic

from local.ses.account.configuration_sets import MAX_SETS, ConfigurationSet
from local.ses.account.identities import Identities
from local.ses.account.quota import Quota
from local.ses.account.statistics import Statistics
from local.ses.account.suppression import REASONS, SuppressionList
from local.ses.account.templates import Templates
from local.ses.refused import Refused
from local.ses.values import Json

SIMULATOR = "simulator.amazonses.com"  # "Using the mailbox simulator": it may be sent to from the sandbox
ENFORCEMENTS = ("HEALTHY", "PROBATION", "SHUTDOWN")  # API_GetAccount: EnforcementStatus


def is_simulator(address: str) -> bool:
    """Simulator addresses are never put on the suppression list, and not counted (developer guide)."""
    return address.lower().endswith(f"@{SIMULATOR}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What AWS decides for an account. The defaults are production, and more than one machine sends."""

    sandbox: bool = False
    max_send_rate: float = 1000.0  # recipients a second
    max_24_hour_send: float = 1_000_000.0  # recipients; -1: no end
    enforcement: str = "HEALTHY"


# "Request production access": 200 messages in 24 hours, one a second, and only to verified addresses.
SANDBOX = Limits(sandbox=True, max_send_rate=1.0, max_24_hour_send=200.0)


@dataclass(slots=True, kw_only=True)
class Account:
    limits: Limits = field(default_factory=Limits)
    configuration_sets: dict[str, ConfigurationSet] = field(default_factory=dict)
    suppression: SuppressionList = field(default_factory=SuppressionList)
    suppressed_reasons: tuple[str, ...] = REASONS
    identities: Identities = field(default_factory=Identities)
    templates: Templates = field(default_factory=Templates)
    statistics: Statistics = field(default_factory=Statistics)
    sending_enabled: bool = True
    sandbox: bool = field(init=False)
    details: dict[str, Json] = field(default_factory=dict)
    quota: Quota = field(init=False)

    def __post_init__(self) -> None:
        self.sandbox = self.limits.sandbox
        self.quota = Quota(max_send_rate=self.limits.max_send_rate, max_24_hour_send=self.limits.max_24_hour_send)

    @property
    def sent(self) -> int:
        """How many recipients the last 24 hours had."""
        return self.quota.sent(monotonic())

    def verified(self, address: str) -> bool:
        """Whether this address may send.

        Outside of the sandbox, an account without identities may send as anybody: so that nothing has to be set up. One
        with some, or in the sandbox, as these.
        """
        if not self.identities and not self.sandbox:
            return True
        return any(one.verified for one in self.identities.of(address))

    def may_receive(self, address: str) -> bool:
        """Whether this address may be sent to: in the sandbox only one that is verified, or the simulator's."""
        return not self.sandbox or is_simulator(address) or self.verified(address)

    def suppresses(self, address: str, configuration_set: ConfigurationSet | None) -> bool:
        """Whether a mail through this configuration set is held back from the address."""
        entry = self.suppression.get(address)
        return entry is not None and entry.reason in self.reasons(configuration_set)

    def reasons(self, configuration_set: ConfigurationSet | None) -> tuple[str, ...]:
        """The suppression reasons that count: a configuration set's override the account's."""
        own = configuration_set.suppressed_reasons if configuration_set else None
        return self.suppressed_reasons if own is None else own

    def configuration_set(self, name: str) -> ConfigurationSet:
        if name not in self.configuration_sets:
            raise Refused("ConfigurationSetDoesNotExist", f"Configuration set <{name}> does not exist.")
        return self.configuration_sets[name]

    def add_configuration_set(self, configuration_set: ConfigurationSet) -> None:
        name = configuration_set.name
        if name in self.configuration_sets:
            raise Refused("ConfigurationSetAlreadyExists", f"Configuration set <{name}> already exists.")
        if len(self.configuration_sets) >= MAX_SETS:
            raise Refused("LimitExceeded", f"An account has at most {MAX_SETS} configuration sets.")
        self.configuration_sets[name] = configuration_set
