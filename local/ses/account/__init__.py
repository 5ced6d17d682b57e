"""What an account keeps for sending: identities, configuration sets, templates, suppression list, quotas. In memory."""

from local.ses.account.account import SIMULATOR, Account, Limits, is_simulator
from local.ses.account.configuration_sets import EVENT_TYPES, ConfigurationSet, EventDestination
from local.ses.account.dkim import Dkim, SigningKey
from local.ses.account.identities import Identities, Identity
from local.ses.account.suppression import REASONS, Suppressed, SuppressionList
from local.ses.account.templates import Template, Templates

__all__ = [
    "EVENT_TYPES",
    "REASONS",
    "SIMULATOR",
    "Account",
    "ConfigurationSet",
    "Dkim",
    "EventDestination",
    "Identities",
    "Identity",
    "Limits",
    "SigningKey",
    "Suppressed",
    "SuppressionList",
    "Template",
    "Templates",
    "is_simulator",
]
