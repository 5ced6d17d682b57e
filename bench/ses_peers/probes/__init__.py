"""Every probe, by subject."""

from bench.ses_peers.probe import Probe
from bench.ses_peers.probes import (
    account,
    configuration_sets,
    errors,
    events,
    identities,
    receiving,
    rules,
    sending,
    smtp,
    suppression,
    templates,
)

PROBES: tuple[Probe, ...] = tuple(
    probe
    for subject in (
        rules, receiving, sending, templates, configuration_sets, events, suppression, identities, account, errors,
        smtp,
    )
    for group in subject.GROUPS
    for probe in group.probes
)  # fmt: skip
