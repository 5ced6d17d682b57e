"""Templates by both APIs: kept, tried out, sent one by one and by fifties."""

import email
import email.policy
import json
from typing import Any  # what json.loads gives

import pytest
from types_boto3_sesv2.type_defs import BulkEmailEntryTypeDef

from tests.unit.local_ses.conftest import EVENTS, Running
from tests.unit.local_ses.feedback.desk import configured

FROM = "Desk <desk@example.com>"


def _template(ses: Running, subject: str = "Hi {{name}}", text: str = "You are {{mood}}.", name: str = "hello") -> None:
    ses.v2.create_email_template(TemplateName=name, TemplateContent={"Subject": subject, "Text": text})


def _send(ses: Running, data: str, to: str = "ann@example.org", **more: Any) -> str:
    sent = ses.v2.send_email(
        FromEmailAddress=FROM,
        Destination={"ToAddresses": [to]},
        Content={"Template": {"TemplateName": "hello", "TemplateData": data}},
        **more,
    )
    return sent["MessageId"]


def _mail(ses: Running, sent_id: str) -> Any:
    raw = (ses.state / "outbox" / f"{sent_id}.eml").read_bytes()
    return email.message_from_bytes(raw, policy=email.policy.default)


def _entry(to: str, data: str) -> BulkEmailEntryTypeDef:
    replacement = {"ReplacementTemplate": {"ReplacementTemplateData": data}}
    return {"Destination": {"ToAddresses": [to]}, "ReplacementEmailContent": replacement}  # type: ignore[typeddict-item] # a dict of str


def _bulk(ses: Running, entries: list[BulkEmailEntryTypeDef], template: str = "hello") -> list[Any]:
    content = {"Template": {"TemplateName": template, "TemplateData": '{"mood": "well"}'}}
    sent = ses.v2.send_bulk_email(FromEmailAddress=FROM, DefaultContent=content, BulkEmailEntries=entries)  # type: ignore[arg-type] # a dict of str
    return list(sent["BulkEmailEntryResults"])


def test_a_template_is_kept_changed_and_forgotten(ses: Running) -> None:
    _template(ses)
    got = ses.v2.get_email_template(TemplateName="hello")
    assert got["TemplateContent"] == {"Subject": "Hi {{name}}", "Text": "You are {{mood}}."}
    ses.v2.update_email_template(TemplateName="hello", TemplateContent={"Subject": "Bye", "Html": "<p>"})
    assert ses.v2.get_email_template(TemplateName="hello")["TemplateContent"] == {"Subject": "Bye", "Html": "<p>"}
    ses.v2.delete_email_template(TemplateName="hello")
    for call in (ses.v2.get_email_template, ses.v2.delete_email_template):
        with pytest.raises(ses.v2.exceptions.NotFoundException, match="hello does not exist"):
            call(TemplateName="hello")


def test_both_apis_see_the_same_templates_each_with_its_own_errors(ses: Running) -> None:
    ses.v1.create_template(Template={"TemplateName": "hello", "SubjectPart": "Hi", "TextPart": "x", "HtmlPart": "<p>"})
    assert ses.v2.get_email_template(TemplateName="hello")["TemplateContent"]["Html"] == "<p>"
    ses.v1.update_template(Template={"TemplateName": "hello", "SubjectPart": "Bye"})
    assert ses.v1.get_template(TemplateName="hello")["Template"] == {"TemplateName": "hello", "SubjectPart": "Bye"}
    with pytest.raises(ses.v1.exceptions.AlreadyExistsException):
        ses.v1.create_template(Template={"TemplateName": "hello", "SubjectPart": "Hi"})
    with pytest.raises(ses.v2.exceptions.AlreadyExistsException):
        _template(ses)
    ses.v1.delete_template(TemplateName="hello")
    ses.v1.delete_template(TemplateName="hello")
    with pytest.raises(ses.v1.exceptions.TemplateDoesNotExistException):
        ses.v1.get_template(TemplateName="hello")


def test_templates_are_listed_in_pages(ses: Running) -> None:
    for number in range(5):
        _template(ses, name=f"t{number}")
    first = ses.v2.list_email_templates(PageSize=3)
    second = ses.v2.list_email_templates(PageSize=3, NextToken=first["NextToken"])
    found = [one["TemplateName"] for page in (first, second) for one in page["TemplatesMetadata"]]
    assert sorted(found) == [f"t{number}" for number in range(5)]
    assert (len(first["TemplatesMetadata"]), "NextToken" in second) == (3, False)
    assert len(ses.v1.list_templates(MaxItems=2)["TemplatesMetadata"]) == 2


@pytest.mark.parametrize("text", ["{{name", "{{#if a}}", "{{#no a}}{{/no}}"])
def test_a_template_with_bad_syntax_is_refused_when_it_is_made(ses: Running, text: str) -> None:
    with pytest.raises(ses.v2.exceptions.BadRequestException, match="is invalid"):
        _template(ses, text=text)
    with pytest.raises(ses.v1.exceptions.InvalidTemplateException):
        ses.v1.create_template(Template={"TemplateName": "hello", "TextPart": text})


def test_a_template_over_500_kb_or_without_parts_is_refused(ses: Running) -> None:
    with pytest.raises(ses.v2.exceptions.LimitExceededException, match="512000"):
        _template(ses, text="x" * 512_000)
    with pytest.raises(ses.v2.exceptions.BadRequestException, match="no part"):
        ses.v2.create_email_template(TemplateName="hello", TemplateContent={})


def test_trying_out_shows_the_whole_mail(ses: Running) -> None:
    _template(ses)
    data = '{"name": "Änn", "mood": "well"}'
    shown = ses.v2.test_render_email_template(TemplateName="hello", TemplateData=data)["RenderedTemplate"]
    message = email.message_from_string(shown, policy=email.policy.default)
    assert (message["Subject"], message.get_content()) == ("Hi Änn", "You are well.\r\n")
    assert message["MIME-Version"] == "1.0"
    assert (
        "Subject: Hi Ann"
        in ses.v1.test_render_template(TemplateName="hello", TemplateData='{"name": "Ann", "mood": 1}')[
            "RenderedTemplate"
        ]
    )


def test_trying_out_names_what_is_missing_and_what_is_no_json(ses: Running) -> None:
    _template(ses)
    with pytest.raises(ses.v2.exceptions.BadRequestException, match="Attribute 'mood' is not present"):
        ses.v2.test_render_email_template(TemplateName="hello", TemplateData='{"name": "Ann"}')
    with pytest.raises(ses.v1.exceptions.MissingRenderingAttributeException, match="'name'"):
        ses.v1.test_render_template(TemplateName="hello", TemplateData="{}")
    for data in ("{", "[]", "[" * 100_000):
        with pytest.raises(ses.v1.exceptions.InvalidRenderingParameterException):
            ses.v1.test_render_template(TemplateName="hello", TemplateData=data)


def test_a_template_is_filled_in_and_sent(ses: Running) -> None:
    _template(ses, text="<b>{{mood}}</b>")
    message = _mail(ses, _send(ses, '{"name": "Ann\\r\\nBcc: x@example.org", "mood": "<i>"}'))
    assert message["Subject"] == "Hi Ann Bcc: x@example.org"
    assert message["Bcc"] is None
    assert message["To"] == "ann@example.org"
    assert message.get_content().strip() == "<b><i></b>"


def test_a_template_may_stand_in_the_request(ses: Running) -> None:
    content = {"TemplateContent": {"Subject": "{{a}}", "Html": "<p>{{a}}"}, "TemplateData": '{"a": 1}'}
    sent = ses.v2.send_email(
        FromEmailAddress=FROM,
        Destination={"ToAddresses": ["ann@example.org"]},
        Content={"Template": content},  # type: ignore[typeddict-item] # a dict of str
    )
    assert _mail(ses, sent["MessageId"])["Subject"] == "1"


def test_missing_data_is_accepted_and_told_as_a_rendering_failure(ses: Running) -> None:
    _template(ses)
    configured(ses, ["SEND", "DELIVERY", "RENDERING_FAILURE"])
    sent_id = _send(ses, '{"name": "Ann"}', ConfigurationSetName="desk")
    event = json.loads(ses.cloud.messages(EVENTS, 2)[1])
    assert (event["eventType"], event["mail"]["messageId"]) == ("Rendering Failure", sent_id)
    assert event["failure"] == {
        "errorMessage": "Attribute 'mood' is not present in the rendering data.",
        "templateName": "hello",
    }
    assert event["mail"]["destination"] == ["ann@example.org"]
    assert not (ses.state / "outbox" / f"{sent_id}.eml").exists()


def test_a_template_that_is_not_there_is_not_found(ses: Running) -> None:
    with pytest.raises(ses.v2.exceptions.NotFoundException, match="hello"):
        _send(ses, "{}")
    with pytest.raises(ses.v1.exceptions.TemplateDoesNotExistException):
        ses.v1.send_templated_email(
            Source=FROM, Destination={"ToAddresses": ["a@example.org"]}, Template="hello", TemplateData="{}"
        )


def test_many_are_sent_each_with_its_own_data_and_result(ses: Running) -> None:
    _template(ses)
    results = _bulk(
        ses,
        [
            _entry("ann@example.org", '{"name": "Ann"}'),
            _entry("bob@example.org", '{"name": "Bob", "mood": "here"}'),
            _entry("nobody", '{"name": "?"}'),
            _entry("cat@example.org", "{"),
        ],
    )
    assert [one["Status"] for one in results] == ["SUCCESS", "SUCCESS", "INVALID_PARAMETER", "INVALID_PARAMETER"]
    assert "Missing final" in results[2]["Error"]
    bodies = [_mail(ses, one["MessageId"]).get_content().strip() for one in results[:2]]
    assert bodies == ["You are well.", "You are here."]


def test_more_than_fifty_are_not_sent(ses: Running) -> None:
    _template(ses)
    entries = [_entry(f"a{number}@example.org", '{"name": "A"}') for number in range(51)]
    with pytest.raises(ses.v2.exceptions.BadRequestException, match="51"):
        _bulk(ses, entries)
    assert [one["Status"] for one in _bulk(ses, entries[:50])] == ["SUCCESS"] * 50


def test_headers_and_tags_of_one_entry_replace_the_default_ones(ses: Running) -> None:
    _template(ses, subject="s", text="t")
    sent = ses.v2.send_bulk_email(
        FromEmailAddress=FROM,
        DefaultEmailTags=[{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "1"}],
        DefaultContent={
            "Template": {
                "TemplateName": "hello",
                "Headers": [{"Name": "X-One", "Value": "default"}, {"Name": "X-Two", "Value": "default"}],
            }
        },
        BulkEmailEntries=[
            {
                "Destination": {"ToAddresses": ["ann@example.org"]},
                "ReplacementTags": [{"Name": "b", "Value": "2"}],
                "ReplacementHeaders": [{"Name": "X-Two", "Value": "own"}],
            }
        ],
    )
    sent_id = sent["BulkEmailEntryResults"][0]["MessageId"]
    assert (_mail(ses, sent_id)["X-One"], _mail(ses, sent_id)["X-Two"]) == ("default", "own")
    envelope = json.loads((ses.state / "outbox" / f"{sent_id}.json").read_text())
    assert envelope["tags"] == [{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "2"}]


def test_the_first_api_sends_templates_too(ses: Running) -> None:
    _template(ses)
    sent = ses.v1.send_templated_email(
        Source=FROM,
        Destination={"ToAddresses": ["ann@example.org"], "CcAddresses": ["bob@example.org"]},
        Template="hello",
        TemplateData='{"name": "Ann", "mood": "well"}',
    )
    assert _mail(ses, sent["MessageId"])["Cc"] == "bob@example.org"
    many = ses.v1.send_bulk_templated_email(
        Source=FROM,
        Template="hello",
        DefaultTemplateData='{"mood": "well"}',
        Destinations=[
            {"Destination": {"ToAddresses": ["a@example.org"]}, "ReplacementTemplateData": '{"name": "A"}'},
            {"Destination": {"ToAddresses": ["nobody"]}, "ReplacementTemplateData": '{"name": "A"}'},
        ],
    )
    assert [one.get("Status") for one in many["Status"]] == ["Success", "InvalidParameterValue"]


def test_each_entry_of_many_says_why_it_was_refused(ses: Running) -> None:
    _template(ses, subject="s", text="t")
    addresses = ["throttle@nowhere.invalid", "error500@nowhere.invalid", "ann@example.org"]
    sent = ses.v2.send_bulk_email(
        FromEmailAddress=FROM,
        DefaultContent={"Template": {"TemplateName": "hello"}},
        BulkEmailEntries=[{"Destination": {"ToAddresses": [one]}} for one in addresses],
    )
    statuses = [one["Status"] for one in sent["BulkEmailEntryResults"]]
    assert statuses == ["ACCOUNT_THROTTLED", "TRANSIENT_FAILURE", "SUCCESS"]
