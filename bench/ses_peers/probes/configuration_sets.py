"""Configuration sets and their event destinations, of both APIs."""

from typing import TYPE_CHECKING

from bench.ses_peers.probe import Group, refused, same
from bench.ses_peers.target import Target, fresh, within

if TYPE_CHECKING:
    from types_boto3_sesv2.type_defs import EventDestinationDefinitionTypeDef

_GROUP = Group("configuration sets")
GROUPS = (_GROUP,)
probe = _GROUP.probe


def _set(t: Target) -> str:
    name = fresh("set")
    t.v2.create_configuration_set(ConfigurationSetName=name)
    return name


def _definition(arn: str, *, enabled: bool = True) -> "EventDestinationDefinitionTypeDef":
    return {"Enabled": enabled, "MatchingEventTypes": ["BOUNCE"], "SnsDestination": {"TopicArn": arn}}


def _destination(t: Target, name: str, arn: str) -> None:
    t.v2.create_configuration_set_event_destination(
        ConfigurationSetName=name, EventDestinationName="topic", EventDestination=_definition(arn)
    )


@probe("v2 CreateConfigurationSet, GetConfigurationSet")
def _(t: Target) -> None:
    name = _set(t)
    same(t.v2.get_configuration_set(ConfigurationSetName=name)["ConfigurationSetName"], name, "ConfigurationSetName")


@probe("v2 ListConfigurationSets")
def _(t: Target) -> None:
    name = _set(t)
    assert name in t.v2.list_configuration_sets(PageSize=1000)["ConfigurationSets"], "it isn't listed"


@probe("v2 DeleteConfigurationSet")
def _(t: Target) -> None:
    name = _set(t)
    t.v2.delete_configuration_set(ConfigurationSetName=name)
    refused(lambda: t.v2.get_configuration_set(ConfigurationSetName=name), "NotFoundException")


@probe("v2 PutConfigurationSet… Sending, Suppression, Tracking, Delivery, Reputation options")
def _(t: Target) -> None:
    name = _set(t)
    t.v2.put_configuration_set_sending_options(ConfigurationSetName=name, SendingEnabled=False)
    t.v2.put_configuration_set_suppression_options(ConfigurationSetName=name, SuppressedReasons=["BOUNCE"])
    t.v2.put_configuration_set_delivery_options(ConfigurationSetName=name, TlsPolicy="REQUIRE")
    t.v2.put_configuration_set_reputation_options(ConfigurationSetName=name, ReputationMetricsEnabled=True)
    t.v2.put_configuration_set_tracking_options(ConfigurationSetName=name, CustomRedirectDomain="t.example.com")
    found = t.v2.get_configuration_set(ConfigurationSetName=name)
    same(found["SendingOptions"]["SendingEnabled"], False, "SendingEnabled")
    same(found["SuppressionOptions"]["SuppressedReasons"], ["BOUNCE"], "SuppressedReasons")
    same(found["DeliveryOptions"]["TlsPolicy"], "REQUIRE", "TlsPolicy")


@probe("v2 event destinations: create, get, update, delete")
def _(t: Target) -> None:
    name, topic = _set(t), t.topic()
    _destination(t, name, topic.arn)
    t.v2.update_configuration_set_event_destination(
        ConfigurationSetName=name, EventDestinationName="topic", EventDestination=_definition(topic.arn, enabled=False)
    )
    found = t.v2.get_configuration_set_event_destinations(ConfigurationSetName=name)["EventDestinations"]
    same([(one["Name"], one.get("Enabled")) for one in found], [("topic", False)], "destinations")
    t.v2.delete_configuration_set_event_destination(ConfigurationSetName=name, EventDestinationName="topic")
    left = t.v2.get_configuration_set_event_destinations(ConfigurationSetName=name).get("EventDestinations", [])
    same(left, [], "left")


@probe("A new SNS destination is tried out with a message that isn't JSON")
def _(t: Target) -> None:
    name, topic = _set(t), t.topic()
    _destination(t, name, topic.arn)
    heard = within(lambda: topic.ear.messages() or None)
    assert heard, "nothing is heard"
    assert "Successfully validated SNS topic" in heard[0], "another message"


@probe("A topic that isn't there is refused")
def _(t: Target) -> None:
    name, arn = _set(t), f"arn:aws:sns:us-east-1:000000000000:{fresh('missing')}"
    refused(lambda: _destination(t, name, arn), "BadRequestException", "NotFoundException")


@probe("A set that is there already: AlreadyExists")
def _(t: Target) -> None:
    name = _set(t)
    refused(lambda: t.v2.create_configuration_set(ConfigurationSetName=name), "AlreadyExistsException")


@probe("v1 CreateConfigurationSet, Describe…, List…, Delete…")
def _(t: Target) -> None:
    name = fresh("set")
    t.v1.create_configuration_set(ConfigurationSet={"Name": name})
    same(t.v1.describe_configuration_set(ConfigurationSetName=name)["ConfigurationSet"]["Name"], name, "Name")
    assert name in [one["Name"] for one in t.v1.list_configuration_sets()["ConfigurationSets"]], "it isn't listed"
    t.v1.delete_configuration_set(ConfigurationSetName=name)
    refused(lambda: t.v1.describe_configuration_set(ConfigurationSetName=name), "ConfigurationSetDoesNotExist")


@probe("v1 CreateConfigurationSetEventDestination, shown by DescribeConfigurationSet")
def _(t: Target) -> None:
    name, destination, topic = fresh("set"), fresh("topic"), t.topic()
    t.v1.create_configuration_set(ConfigurationSet={"Name": name})
    t.v1.create_configuration_set_event_destination(
        ConfigurationSetName=name,
        EventDestination={
            "Name": destination,
            "Enabled": True,
            "MatchingEventTypes": ["bounce"],
            "SNSDestination": {"TopicARN": topic.arn},
        },
    )
    found = t.v1.describe_configuration_set(
        ConfigurationSetName=name, ConfigurationSetAttributeNames=["eventDestinations"]
    )
    same([one["Name"] for one in found["EventDestinations"]], [destination], "EventDestinations")
