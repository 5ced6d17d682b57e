"""The account's suppression list."""

from bench.ses_peers.probe import Group, refused, same
from bench.ses_peers.target import Target, address, within

_GROUP = Group("suppression")
GROUPS = (_GROUP,)
probe = _GROUP.probe


def _put(t: Target) -> str:
    listed = address()
    t.v2.put_suppressed_destination(EmailAddress=listed, Reason="BOUNCE")
    return listed


@probe("PutSuppressedDestination, GetSuppressedDestination")
def _(t: Target) -> None:
    listed = _put(t)
    found = t.v2.get_suppressed_destination(EmailAddress=listed)["SuppressedDestination"]
    same((found["EmailAddress"], found["Reason"]), (listed, "BOUNCE"), "SuppressedDestination")


@probe("ListSuppressedDestinations, by reason")
def _(t: Target) -> None:
    listed = _put(t)
    bounced = t.v2.list_suppressed_destinations(Reasons=["BOUNCE"], PageSize=1000)["SuppressedDestinationSummaries"]
    assert listed in [one["EmailAddress"] for one in bounced], "it isn't listed"
    others = t.v2.list_suppressed_destinations(Reasons=["COMPLAINT"], PageSize=1000)["SuppressedDestinationSummaries"]
    assert listed not in [one["EmailAddress"] for one in others], "it is listed under another reason"


@probe("DeleteSuppressedDestination; one that isn't there: NotFoundException")
def _(t: Target) -> None:
    listed = _put(t)
    t.v2.delete_suppressed_destination(EmailAddress=listed)
    refused(lambda: t.v2.get_suppressed_destination(EmailAddress=listed), "NotFoundException")


@probe("PutAccountSuppressionAttributes, shown by GetAccount")
def _(t: Target) -> None:
    t.v2.put_account_suppression_attributes(SuppressedReasons=["BOUNCE"])
    try:
        same(t.v2.get_account()["SuppressionAttributes"]["SuppressedReasons"], ["BOUNCE"], "SuppressedReasons")
    finally:
        t.v2.put_account_suppression_attributes(SuppressedReasons=["BOUNCE", "COMPLAINT"])


@probe("A mail to a listed address: accepted, and a Bounce OnAccountSuppressionList")
def _(t: Target) -> None:
    (name, topic), listed = t.published("BOUNCE"), _put(t)
    assert t.send(listed, through=name)
    topic.hears(("bounce.bounceType", "Permanent"), ("bounce.bounceSubType", "OnAccountSuppressionList"))


@probe("A mail to a listed address does not go out; to others it does")
def _(t: Target) -> None:
    listed, other = _put(t), address()
    t.send(listed)
    t.send(other)
    t.sent(other)
    same(within(lambda: t.mails.to(listed), 0.5), None, "the mail to the listed address")


@probe("A configuration set that suppresses nothing sends to a listed address")
def _(t: Target) -> None:
    (name, topic), listed = t.published("DELIVERY", "BOUNCE"), _put(t)
    t.v2.put_configuration_set_suppression_options(ConfigurationSetName=name, SuppressedReasons=[])
    t.send(listed, through=name)
    topic.hears(("eventType", "Delivery"))
