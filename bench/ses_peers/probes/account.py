"""The account: its quota, its switches, and how much was sent."""

from bench.ses_peers.probe import Group, same
from bench.ses_peers.target import Target, address, within

_GROUP, _STATISTICS = Group("account"), Group("statistics")
GROUPS = (_GROUP, _STATISTICS)
probe = _GROUP.probe


@probe("v2 GetAccount")
def _(t: Target) -> None:
    found = t.v2.get_account()
    missing = [
        name
        for name in (
            "SendQuota",
            "SendingEnabled",
            "ProductionAccessEnabled",
            "EnforcementStatus",
            "SuppressionAttributes",
        )
        if name not in found
    ]
    same(missing, [], "missing")


@probe("v2 PutAccountSendingAttributes, shown by GetAccount")
def _(t: Target) -> None:
    t.v2.put_account_sending_attributes(SendingEnabled=False)
    try:
        same(t.v2.get_account()["SendingEnabled"], False, "SendingEnabled")
    finally:
        t.v2.put_account_sending_attributes(SendingEnabled=True)


@probe("v2 PutAccountDetails")
def _(t: Target) -> None:
    t.v2.put_account_details(
        MailType="TRANSACTIONAL",
        WebsiteURL="https://example.com",
        UseCaseDescription="A probe",
        ProductionAccessEnabled=True,
    )
    same(t.v2.get_account()["ProductionAccessEnabled"], True, "ProductionAccessEnabled")


@probe("v1 GetSendQuota")
def _(t: Target) -> None:
    found = t.v1.get_send_quota()
    assert found["Max24HourSend"] > 0
    assert found["MaxSendRate"] > 0


@probe("v1 UpdateAccountSendingEnabled, GetAccountSendingEnabled")
def _(t: Target) -> None:
    t.v1.update_account_sending_enabled(Enabled=False)
    try:
        same(t.v1.get_account_sending_enabled()["Enabled"], False, "Enabled")
    finally:
        t.v1.update_account_sending_enabled(Enabled=True)


@_STATISTICS.probe("SentLast24Hours grows with every recipient, in both APIs")
def _(t: Target) -> None:
    before, first = t.v1.get_send_quota()["SentLast24Hours"], t.v2.get_account()["SendQuota"]["SentLast24Hours"]
    t.send(address())
    same(t.v1.get_send_quota()["SentLast24Hours"] - before, 1.0, "growth in v1")
    same(t.v2.get_account()["SendQuota"]["SentLast24Hours"] - first, 1.0, "growth in v2")


@_STATISTICS.probe("v1 GetSendStatistics counts attempts")
def _(t: Target) -> None:
    before = _attempts(t)
    t.send(address())
    assert within(lambda: True if _attempts(t) > before else None, 2), "no attempt is counted"


def _attempts(t: Target) -> int:
    return sum(one.get("DeliveryAttempts", 0) for one in t.v1.get_send_statistics()["SendDataPoints"])
