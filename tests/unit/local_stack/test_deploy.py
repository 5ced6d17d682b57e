"""CloudFormation's words for SES, in those of SES's API; the requests are checked against SES's own model."""

import botocore.session
import pytest
from botocore.validate import ParamValidator

from local.stack import deploy, ses_resources
from local.stack.tree import Node


@pytest.mark.parametrize(
    ("cloudformation", "api"),
    [
        ("send", "SEND"),
        ("renderingFailure", "RENDERING_FAILURE"),
        ("deliveryDelay", "DELIVERY_DELAY"),
        ("BOUNCE", "BOUNCE"),
        ("RENDERING_FAILURE", "RENDERING_FAILURE"),
    ],
)
def test_event_types_are_spelled_as_the_api_spells_them(cloudformation: str, api: str) -> None:
    assert deploy.event_type(cloudformation) == api


def test_an_event_destination_is_one_that_ses_takes() -> None:
    given: dict[str, Node] = {
        "Name": "feedback",
        "Enabled": True,
        "MatchingEventTypes": ["send", "subscription"],
        "SnsDestination": {"TopicARN": "arn:aws:sns:us-east-1:000000000000:t"},
    }
    model = botocore.session.Session().get_service_model("sesv2")
    shape = model.operation_model("CreateConfigurationSetEventDestination").input_shape
    assert shape is not None
    destination = deploy.event_destination(given)
    report = ParamValidator().validate(destination, shape.members["EventDestination"])
    assert not report.has_errors(), report.generate_report()
    assert destination["MatchingEventTypes"] == ["SEND", "SUBSCRIPTION"]


def test_every_ses_type_that_can_be_taken_out_can_also_be_made() -> None:
    assert set(deploy.MAKERS) == set(ses_resources.NAMED)
