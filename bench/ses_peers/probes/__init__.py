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
    # Sending comes last: it ends with a mail of 10 MB, which slows some programs down for good.
    for subject in (
        rules, receiving, templates, configuration_sets, events, suppression, identities, account, errors, smtp,
        sending,
    )
    for group in subject.GROUPS
    for probe in group.probes
)  # fmt: skip
