"""Templates, of both APIs: their calls, what they are written in, and bulk sending."""

import json
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from bench.ses_peers.probe import Group, Partly, refused, same
from bench.ses_peers.target import SENDER, Target, address, fresh

_GROUP, _BULK = Group("templates"), Group("bulk")
GROUPS = (_GROUP, _BULK)
probe = _GROUP.probe


def _v2(t: Target, text: str = "Hello {{name}}.", subject: str = "Hi {{name}}", html: str = "") -> str:
    name = fresh("template")
    content = {"Subject": subject, "Text": text} | ({"Html": html} if html else {})
    t.v2.create_email_template(TemplateName=name, TemplateContent=content)  # type: ignore[arg-type]  # a joined dictionary
    return name


def _v1(t: Target, text: str = "Hello {{name}}.", subject: str = "Hi {{name}}") -> str:
    name = fresh("template")
    t.v1.create_template(Template={"TemplateName": name, "SubjectPart": subject, "TextPart": text})
    return name


def _rendered(t: Target, text: str, **data: object) -> str:
    """What becomes of it, in whichever way the target has: TestRender of v2 or v1, or a mail that is sent with it."""
    given = json.dumps(data)
    ways: tuple[Callable[[], str], ...] = (
        lambda: t.v2.test_render_email_template(TemplateName=_v2(t, text, "A"), TemplateData=given)["RenderedTemplate"],
        lambda: t.v1.test_render_template(TemplateName=_v1(t, text, "A"), TemplateData=given)["RenderedTemplate"],
        lambda: str(t.sent(_mailed(t, _v2(t, text, "A"), given)).get_content()),
    )
    failed: Exception = AssertionError("there is no way to render")
    for way in ways:
        try:
            return way()
        except (ClientError, BotoCoreError) as error:
            failed = error
    raise failed


def _renders(t: Target, text: str, wanted: str, **data: object) -> None:
    found = _rendered(t, text, **data)
    assert wanted in found, f"{found[-80:]!r} has no {wanted!r}"


def _mailed(t: Target, template: str, data: str, through: str = "") -> str:
    to = address()
    more = {"ConfigurationSetName": through} if through else {}
    t.v2.send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": [to]},
        Content={"Template": {"TemplateName": template, "TemplateData": data}},
        **more,  # type: ignore[arg-type]  # ** of a dict: ConfigurationSetName or nothing
    )
    return to


@probe("v2 CreateEmailTemplate, GetEmailTemplate")
def _(t: Target) -> None:
    content = t.v2.get_email_template(TemplateName=_v2(t))["TemplateContent"]
    same((content["Subject"], content["Text"]), ("Hi {{name}}", "Hello {{name}}."), "TemplateContent")


@probe("v2 UpdateEmailTemplate")
def _(t: Target) -> None:
    name = _v2(t)
    t.v2.update_email_template(TemplateName=name, TemplateContent={"Subject": "New", "Text": "New."})
    same(t.v2.get_email_template(TemplateName=name)["TemplateContent"]["Text"], "New.", "Text")


@probe("v2 ListEmailTemplates")
def _(t: Target) -> None:
    name = _v2(t)
    listed = t.v2.list_email_templates(PageSize=100)["TemplatesMetadata"]
    assert name in [one["TemplateName"] for one in listed], "it isn't listed"


@probe("v2 DeleteEmailTemplate")
def _(t: Target) -> None:
    name = _v2(t)
    t.v2.delete_email_template(TemplateName=name)
    refused(lambda: t.v2.get_email_template(TemplateName=name), "NotFoundException")


@probe("v2 TestRenderEmailTemplate gives the whole MIME")
def _(t: Target) -> None:
    found = t.v2.test_render_email_template(TemplateName=_v2(t), TemplateData='{"name": "Kim"}')["RenderedTemplate"]
    assert "Hello Kim." in found, "not rendered"
    assert "Subject: Hi Kim" in found, "no Subject field"
    assert "MIME-Version: 1.0" in found, "no MIME-Version"


@probe("v1 CreateTemplate, GetTemplate")
def _(t: Target) -> None:
    same(t.v1.get_template(TemplateName=_v1(t))["Template"]["TextPart"], "Hello {{name}}.", "TextPart")


@probe("v1 UpdateTemplate")
def _(t: Target) -> None:
    name = _v1(t)
    t.v1.update_template(Template={"TemplateName": name, "SubjectPart": "New", "TextPart": "New."})
    same(t.v1.get_template(TemplateName=name)["Template"]["TextPart"], "New.", "TextPart")


@probe("v1 ListTemplates")
def _(t: Target) -> None:
    name = _v1(t)
    assert name in [one["Name"] for one in t.v1.list_templates(MaxItems=100)["TemplatesMetadata"]], "it isn't listed"


@probe("v1 DeleteTemplate")
def _(t: Target) -> None:
    name = _v1(t)
    t.v1.delete_template(TemplateName=name)
    refused(lambda: t.v1.get_template(TemplateName=name), "TemplateDoesNotExist")


@probe("v1 TestRenderTemplate")
def _(t: Target) -> None:
    found = t.v1.test_render_template(TemplateName=_v1(t), TemplateData='{"name": "Kim"}')["RenderedTemplate"]
    assert "Hello Kim." in found, "not rendered"


@probe("A template of one API is the other's, too")
def _(t: Target) -> None:
    same(t.v2.get_email_template(TemplateName=_v1(t))["TemplateContent"]["Text"], "Hello {{name}}.", "Text in v2")
    same(t.v1.get_template(TemplateName=_v2(t))["Template"]["TextPart"], "Hello {{name}}.", "TextPart in v1")


@probe("{{name}} and {{person.name}}, without HTML escaping")
def _(t: Target) -> None:
    _renders(t, "[{{a}}][{{p.b}}]", "[<&>][c]", a="<&>", p={"b": "c"})


@probe("{{#if}} … {{else}}")
def _(t: Target) -> None:
    _renders(t, "[{{#if a}}yes{{else}}no{{/if}}][{{#if b}}yes{{else}}no{{/if}}]", "[yes][no]", a=True, b=False)


@probe("{{#unless}}")
def _(t: Target) -> None:
    _renders(t, "[{{#unless a}}yes{{/unless}}]", "[yes]", a=False)


@probe("{{#each}} with this and @index")
def _(t: Target) -> None:
    _renders(t, "{{#each a}}[{{@index}} {{this}}]{{/each}}", "[0 x][1 y]", a=["x", "y"])


@probe("{{#each}} over objects, nested")
def _(t: Target) -> None:
    people = [{"n": "x", "k": [{"m": "1"}, {"m": "2"}]}]
    _renders(t, "{{#each a}}{{n}}{{#each k}}-{{m}}{{/each}}{{/each}}", "x-1-2", a=people)


@probe("{{#with}}")
def _(t: Target) -> None:
    _renders(t, "{{#with a}}[{{b}}]{{/with}}", "[c]", a={"b": "c"})


@probe("Inline partials: {{#* inline}} and {{> name}}")
def _(t: Target) -> None:
    _renders(t, '{{#* inline "greet"}}Hello {{name}}{{/inline}}[{{> greet}}]', "[Hello Kim]", name="Kim")


@probe("TestRender with a variable missing is refused")
def _(t: Target) -> None:
    name = _v2(t)
    refused(lambda: t.v2.test_render_email_template(TemplateName=name, TemplateData="{}"), "BadRequestException")
    refused(lambda: t.v1.test_render_template(TemplateName=name, TemplateData="{}"), "MissingRenderingAttribute")


@probe("A template that can't be read is refused")
def _(t: Target) -> None:
    refused(lambda: _v2(t, "{{#if a}}without an end"), "BadRequestException")
    refused(lambda: _v1(t, "{{#if a}}without an end"), "InvalidTemplate")


@probe("A template that is there already: AlreadyExists")
def _(t: Target) -> None:
    name = _v2(t)
    again = {"TemplateName": name, "SubjectPart": "a", "TextPart": "b"}
    refused(
        lambda: t.v2.create_email_template(TemplateName=name, TemplateContent={"Subject": "a", "Text": "b"}),
        "AlreadyExistsException",
    )
    refused(lambda: t.v1.create_template(Template=again), "AlreadyExists")  # type: ignore[arg-type]  # a TypedDict that a variable made a dict


@probe("v2 SendEmail with a template")
def _(t: Target) -> None:
    found = t.sent(_mailed(t, _v2(t), '{"name": "Kim"}'))
    same(found["Subject"], "Hi Kim", "Subject")
    same(found.get_content().strip(), "Hello Kim.", "the text")


@probe("v2 SendEmail with TemplateContent in the call")
def _(t: Target) -> None:
    to = address()
    t.v2.send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": [to]},
        Content={
            "Template": {
                "TemplateContent": {"Subject": "Hi {{n}}", "Text": "Hello {{n}}."},
                "TemplateData": '{"n": "Kim"}',
            }
        },
    )
    same(t.sent(to)["Subject"], "Hi Kim", "Subject")


@probe("v1 SendTemplatedEmail")
def _(t: Target) -> None:
    to = address()
    t.v1.send_templated_email(
        Source=SENDER, Destination={"ToAddresses": [to]}, Template=_v1(t), TemplateData='{"name": "Kim"}'
    )
    same(t.sent(to)["Subject"], "Hi Kim", "Subject")


@probe("A variable missing: accepted, and a Rendering Failure event")
def _(t: Target) -> None:
    name, topic = t.published("RENDERING_FAILURE", "SEND", "DELIVERY")
    template = _v2(t)
    _mailed(t, template, "{}", name)
    topic.hears(("eventType", "Rendering Failure"), ("failure.templateName", template))


def _entries(*data: str) -> list[dict[str, object]]:
    return [
        {
            "Destination": {"ToAddresses": [address()]},
            "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": one}},
        }
        for one in data
    ]


def _first(entry: dict[str, object]) -> str:
    destination = entry["Destination"]
    assert isinstance(destination, dict)
    return str(destination["ToAddresses"][0])


@_BULK.probe("v2 SendBulkEmail: a status and an id for each entry, its own data over the default")
def _(t: Target) -> None:
    entries = _entries('{"name": "Kim"}', "{}")
    answer = t.v2.send_bulk_email(
        FromEmailAddress=SENDER,
        DefaultContent={"Template": {"TemplateName": _v2(t), "TemplateData": '{"name": "friend"}'}},
        BulkEmailEntries=entries,  # type: ignore[arg-type]  # a list of free dictionaries
    )
    same([one["Status"] for one in answer["BulkEmailEntryResults"]], ["SUCCESS", "SUCCESS"], "Status")
    assert all(one.get("MessageId") for one in answer["BulkEmailEntryResults"]), "no MessageId"
    same([t.sent(_first(one))["Subject"] for one in entries], ["Hi Kim", "Hi friend"], "Subject")


@_BULK.probe("v2 SendBulkEmail: a bad entry has its own status, the others go out")
def _(t: Target) -> None:
    entries = _entries("{}", "{}")
    entries[0]["Destination"] = {"ToAddresses": ["no address"]}
    answer = t.v2.send_bulk_email(
        FromEmailAddress=SENDER,
        DefaultContent={"Template": {"TemplateName": _v2(t), "TemplateData": '{"name": "friend"}'}},
        BulkEmailEntries=entries,  # type: ignore[arg-type]  # a list of free dictionaries
    )
    statuses = [one["Status"] for one in answer["BulkEmailEntryResults"]]
    same(statuses[1], "SUCCESS", "the other's Status")
    if statuses[0] == "SUCCESS":
        raise Partly("an entry that is no address is a SUCCESS")


@_BULK.probe("v2 SendBulkEmail: over 50 entries are refused")
def _(t: Target) -> None:
    template = _v2(t)
    refused(
        lambda: t.v2.send_bulk_email(
            FromEmailAddress=SENDER,
            DefaultContent={"Template": {"TemplateName": template, "TemplateData": '{"name": "friend"}'}},
            BulkEmailEntries=_entries(*["{}"] * 51),  # type: ignore[arg-type]  # a list of free dictionaries
        ),
        "BadRequestException",
    )


@_BULK.probe("v1 SendBulkTemplatedEmail")
def _(t: Target) -> None:
    to = [address(), address()]
    answer = t.v1.send_bulk_templated_email(
        Source=SENDER,
        Template=_v1(t),
        DefaultTemplateData='{"name": "friend"}',
        Destinations=[
            {"Destination": {"ToAddresses": [to[0]]}, "ReplacementTemplateData": '{"name": "Kim"}'},
            {"Destination": {"ToAddresses": [to[1]]}},
        ],
    )
    same([one.get("Status") for one in answer["Status"]], ["Success", "Success"], "Status")
    same([t.sent(one)["Subject"] for one in to], ["Hi Kim", "Hi friend"], "Subject")
