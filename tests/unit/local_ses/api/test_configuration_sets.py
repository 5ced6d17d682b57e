"""Configuration sets and event destinations by both APIs."""

import pytest
from types_boto3_ses.type_defs import TrackingOptionsTypeDef
from types_boto3_sesv2.type_defs import CloudWatchDimensionConfigurationTypeDef, EventDestinationDefinitionTypeDef

from tests.unit.local_ses.conftest import EVENTS, Running

BUS = "arn:aws:events:us-east-1:000000000000:event-bus/default"
SNS: EventDestinationDefinitionTypeDef = {
    "Enabled": True,
    "MatchingEventTypes": ["BOUNCE", "DELIVERY_DELAY"],
    "SnsDestination": {"TopicArn": EVENTS},
}
RAW = b"From: desk@example.com\r\nTo: ann@example.org\r\n\r\nx"


def _create(ses: Running, name: str, destination: EventDestinationDefinitionTypeDef) -> None:
    ses.v2.create_configuration_set_event_destination(
        ConfigurationSetName="desk", EventDestinationName=name, EventDestination=destination
    )


def test_options_are_kept_from_creation_on_and_each_can_be_put(ses: Running) -> None:
    ses.v2.create_configuration_set(
        ConfigurationSetName="desk",
        DeliveryOptions={"TlsPolicy": "REQUIRE", "MaxDeliverySeconds": 300},
        ReputationOptions={"ReputationMetricsEnabled": True},
        SendingOptions={"SendingEnabled": False},
        SuppressionOptions={"SuppressedReasons": []},
        TrackingOptions={"CustomRedirectDomain": "click.example.com"},
        Tags=[{"Key": "a", "Value": "b"}],
    )
    got = ses.v2.get_configuration_set(ConfigurationSetName="desk")
    assert got["DeliveryOptions"] == {"TlsPolicy": "REQUIRE", "MaxDeliverySeconds": 300}
    assert got["ReputationOptions"]["ReputationMetricsEnabled"] is True
    assert (got["SendingOptions"]["SendingEnabled"], got["SuppressionOptions"]["SuppressedReasons"]) == (False, [])
    assert (got["TrackingOptions"], got["Tags"][0]["Key"]) == ({"CustomRedirectDomain": "click.example.com"}, "a")
    ses.v2.put_configuration_set_delivery_options(ConfigurationSetName="desk", TlsPolicy="OPTIONAL")
    ses.v2.put_configuration_set_reputation_options(ConfigurationSetName="desk", ReputationMetricsEnabled=False)
    ses.v2.put_configuration_set_sending_options(ConfigurationSetName="desk", SendingEnabled=True)
    ses.v2.put_configuration_set_suppression_options(ConfigurationSetName="desk", SuppressedReasons=["BOUNCE"])
    ses.v2.put_configuration_set_tracking_options(ConfigurationSetName="desk")
    got = ses.v2.get_configuration_set(ConfigurationSetName="desk")
    assert got["DeliveryOptions"] == {"TlsPolicy": "OPTIONAL"}
    assert (got["SendingOptions"]["SendingEnabled"], got["SuppressionOptions"]["SuppressedReasons"]) == (
        True,
        ["BOUNCE"],
    )
    assert (got["ReputationOptions"]["ReputationMetricsEnabled"], "TrackingOptions" in got) == (False, False)


def test_sets_are_listed_in_pages_and_forgotten(ses: Running) -> None:
    for name in ("c", "a", "b"):
        ses.v2.create_configuration_set(ConfigurationSetName=name)
    first = ses.v2.list_configuration_sets(PageSize=2)
    second = ses.v2.list_configuration_sets(PageSize=2, NextToken=first["NextToken"])
    assert [*first["ConfigurationSets"], *second["ConfigurationSets"]] == ["a", "b", "c"]
    ses.v2.delete_configuration_set(ConfigurationSetName="a")
    with pytest.raises(ses.v2.exceptions.NotFoundException):
        ses.v2.delete_configuration_set(ConfigurationSetName="a")
    with pytest.raises(ses.v2.exceptions.AlreadyExistsException):
        ses.v2.create_configuration_set(ConfigurationSetName="b")
    with pytest.raises(ses.v2.exceptions.BadRequestException):
        ses.v2.create_configuration_set(ConfigurationSetName="a b")


def test_destinations_are_described_as_they_were_made(ses: Running) -> None:
    ses.v2.create_configuration_set(ConfigurationSetName="desk")
    dimension: CloudWatchDimensionConfigurationTypeDef = {
        "DimensionName": "d",
        "DimensionValueSource": "MESSAGE_TAG",
        "DefaultDimensionValue": "x",
    }
    made: dict[str, EventDestinationDefinitionTypeDef] = {
        "sns": SNS,
        "bus": {"Enabled": False, "MatchingEventTypes": ["OPEN"], "EventBridgeDestination": {"EventBusArn": BUS}},
        "watch": {
            "Enabled": True,
            "MatchingEventTypes": ["SEND"],
            "CloudWatchDestination": {"DimensionConfigurations": [dimension]},
        },
        "hose": {
            "Enabled": True,
            "MatchingEventTypes": ["SEND"],
            "KinesisFirehoseDestination": {"IamRoleArn": "arn:r", "DeliveryStreamArn": "arn:s"},
        },
    }
    for name, destination in made.items():
        _create(ses, name, destination)
    found = ses.v2.get_configuration_set_event_destinations(ConfigurationSetName="desk")["EventDestinations"]
    assert found == [{"Name": name, **destination} for name, destination in made.items()]


def test_a_destination_is_changed_and_removed(ses: Running) -> None:
    ses.v2.create_configuration_set(ConfigurationSetName="desk")
    _create(ses, "feedback", SNS)
    ses.v2.update_configuration_set_event_destination(
        ConfigurationSetName="desk",
        EventDestinationName="feedback",
        EventDestination={**SNS, "Enabled": False, "MatchingEventTypes": ["CLICK"]},
    )
    (found,) = ses.v2.get_configuration_set_event_destinations(ConfigurationSetName="desk")["EventDestinations"]
    assert (found["Enabled"], found["MatchingEventTypes"]) == (False, ["CLICK"])
    ses.v2.delete_configuration_set_event_destination(ConfigurationSetName="desk", EventDestinationName="feedback")
    named = {"ConfigurationSetName": "desk", "EventDestinationName": "feedback"}
    with pytest.raises(ses.v2.exceptions.NotFoundException):
        ses.v2.delete_configuration_set_event_destination(**named)
    with pytest.raises(ses.v2.exceptions.NotFoundException):
        ses.v2.update_configuration_set_event_destination(**named, EventDestination=SNS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"MatchingEventTypes": []},
        {"MatchingEventTypes": ["NOTHING"]},
        {"SnsDestination": {"TopicArn": EVENTS + "-missing"}},
        {"EventBridgeDestination": {"EventBusArn": BUS}},
        {"SnsDestination": None, "EventBridgeDestination": {"EventBusArn": BUS + "-not"}},
        {"SnsDestination": None},
    ],
    ids=["no types", "type", "topic", "two places", "bus", "no place"],
)
def test_a_destination_that_can_not_be_is_refused(ses: Running, wrong: dict[str, object]) -> None:
    ses.v2.create_configuration_set(ConfigurationSetName="desk")
    destination = {name: value for name, value in {**SNS, **wrong}.items() if value is not None}
    with pytest.raises(ses.v2.exceptions.BadRequestException):
        _create(ses, "feedback", destination)  # type: ignore[arg-type] # wrong on purpose
    assert not ses.v2.get_configuration_set_event_destinations(ConfigurationSetName="desk")["EventDestinations"]


def test_a_set_that_is_paused_sends_nothing(ses: Running) -> None:
    ses.v1.create_configuration_set(ConfigurationSet={"Name": "desk"})
    ses.v1.update_configuration_set_sending_enabled(ConfigurationSetName="desk", Enabled=False)
    with pytest.raises(ses.v2.exceptions.SendingPausedException, match="desk"):
        ses.v2.send_email(Content={"Raw": {"Data": RAW}}, ConfigurationSetName="desk")
    with pytest.raises(ses.v1.exceptions.ConfigurationSetSendingPausedException):
        ses.v1.send_raw_email(RawMessage={"Data": RAW}, ConfigurationSetName="desk")


def test_the_set_of_an_identity_is_used_where_a_mail_names_none(ses: Running) -> None:
    ses.v2.create_configuration_set(ConfigurationSetName="desk", SendingOptions={"SendingEnabled": False})
    ses.v2.create_email_identity(EmailIdentity="example.com", ConfigurationSetName="desk")
    with pytest.raises(ses.v2.exceptions.SendingPausedException):
        ses.v2.send_email(Content={"Raw": {"Data": RAW}})


def test_the_first_api_sees_the_same(ses: Running) -> None:
    ses.v1.create_configuration_set(ConfigurationSet={"Name": "desk"})
    ses.v1.create_configuration_set_event_destination(
        ConfigurationSetName="desk",
        EventDestination={
            "Name": "feedback",
            "Enabled": True,
            "MatchingEventTypes": ["bounce", "renderingFailure"],
            "SNSDestination": {"TopicARN": EVENTS},
        },
    )
    ses.v1.create_configuration_set_event_destination(
        ConfigurationSetName="desk",
        EventDestination={
            "Name": "watch",
            "MatchingEventTypes": ["send"],
            "CloudWatchDestination": {
                "DimensionConfigurations": [
                    {"DimensionName": "d", "DimensionValueSource": "linkTag", "DefaultDimensionValue": "x"}
                ]
            },
        },
    )
    sns, watch = ses.v2.get_configuration_set_event_destinations(ConfigurationSetName="desk")["EventDestinations"]
    assert sns["MatchingEventTypes"] == ["BOUNCE", "RENDERING_FAILURE"]
    assert watch["CloudWatchDestination"]["DimensionConfigurations"][0]["DimensionValueSource"] == "LINK_TAG"
    ses.v1.put_configuration_set_delivery_options(ConfigurationSetName="desk", DeliveryOptions={"TlsPolicy": "Require"})
    told = ses.v1.describe_configuration_set(
        ConfigurationSetName="desk",
        ConfigurationSetAttributeNames=["eventDestinations", "deliveryOptions", "reputationOptions"],
    )
    assert [one["Name"] for one in told["EventDestinations"]] == ["feedback", "watch"]
    assert told["EventDestinations"][0]["SNSDestination"] == {"TopicARN": EVENTS}
    assert told["EventDestinations"][1]["CloudWatchDestination"]["DimensionConfigurations"][0] == {
        "DimensionName": "d",
        "DimensionValueSource": "linkTag",
        "DefaultDimensionValue": "x",
    }
    assert (told["DeliveryOptions"], told["ReputationOptions"]["SendingEnabled"]) == ({"TlsPolicy": "Require"}, True)
    assert ses.v1.list_configuration_sets()["ConfigurationSets"] == [{"Name": "desk"}]


def test_errors_have_the_names_of_the_first_api_there(ses: Running) -> None:
    ses.v1.create_configuration_set(ConfigurationSet={"Name": "desk"})
    with pytest.raises(ses.v1.exceptions.ConfigurationSetAlreadyExistsException):
        ses.v1.create_configuration_set(ConfigurationSet={"Name": "desk"})
    with pytest.raises(ses.v1.exceptions.ConfigurationSetDoesNotExistException):
        ses.v1.describe_configuration_set(ConfigurationSetName="other")
    with pytest.raises(ses.v1.exceptions.EventDestinationDoesNotExistException):
        ses.v1.delete_configuration_set_event_destination(ConfigurationSetName="desk", EventDestinationName="x")
    with pytest.raises(ses.v1.exceptions.InvalidSNSDestinationException):
        ses.v1.create_configuration_set_event_destination(
            ConfigurationSetName="desk",
            EventDestination={
                "Name": "x",
                "MatchingEventTypes": ["send"],
                "SNSDestination": {"TopicARN": EVENTS + "-missing"},
            },
        )


def test_tracking_options_of_the_first_api_are_made_changed_and_removed_once(ses: Running) -> None:
    ses.v1.create_configuration_set(ConfigurationSet={"Name": "desk"})
    first: TrackingOptionsTypeDef = {"CustomRedirectDomain": "a.example.com"}
    second: TrackingOptionsTypeDef = {"CustomRedirectDomain": "b.example.com"}
    with pytest.raises(ses.v1.exceptions.TrackingOptionsDoesNotExistException):
        ses.v1.update_configuration_set_tracking_options(ConfigurationSetName="desk", TrackingOptions=first)
    ses.v1.create_configuration_set_tracking_options(ConfigurationSetName="desk", TrackingOptions=first)
    with pytest.raises(ses.v1.exceptions.TrackingOptionsAlreadyExistsException):
        ses.v1.create_configuration_set_tracking_options(ConfigurationSetName="desk", TrackingOptions=first)
    ses.v1.update_configuration_set_tracking_options(ConfigurationSetName="desk", TrackingOptions=second)
    assert ses.v2.get_configuration_set(ConfigurationSetName="desk")["TrackingOptions"] == second
    ses.v1.delete_configuration_set_tracking_options(ConfigurationSetName="desk")
    assert "TrackingOptions" not in ses.v2.get_configuration_set(ConfigurationSetName="desk")


def test_a_name_with_characters_that_xml_can_not_hold_is_refused_in_xml(ses: Running) -> None:
    with pytest.raises(ses.v1.exceptions.InvalidConfigurationSetException):
        ses.v1.create_configuration_set(ConfigurationSet={"Name": "a\x00b<&"})
