"""One renderer for all: what we render, SES renders to the same words, here as the local SES plays it (boto3, HTTP)."""

import email
import email.policy
import json
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import HealthCheck, reject, settings
from hypothesis import given as assuming
from hypothesis import strategies as st

from local.ses.assembly import Settings
from postroom.aws.ses_templates import SesTemplates
from postroom.errors import PostroomError
from postroom.replies.templates import load, ses
from postroom.replies.templates.handlebars import source_of
from postroom.replies.templates.rendering import render
from postroom.replies.templates.variables import EXAMPLES, Value
from tests.unit.local_ses.conftest import Running, serving
from tests.unit.local_ses.memory_cloud import MemoryCloud
from tests.unit.replies.templates.made import OURS, VALUES, nodes, template

_NAMES = ("a", "b", "flag", "words", "people", "one", "gone")
_PATHS = st.sampled_from(
    (*_NAMES, "this", "../a", "../../b", "one.a", "one.two.b", "@index", "@first", "@last", "@key")
)
_TEXT = st.text(alphabet=" \nä<&}x😀", max_size=6)
_LEAVES = st.one_of(_TEXT, _PATHS.map(lambda path: f"{{{{{path}}}}}"), _TEXT.map(lambda t: f"{{{{!-- {t} --}}}}"))


def _blocks(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def block(kind: str, path: str, then: list[str], other: list[str] | None) -> str:
        otherwise = "" if other is None else "{{else}}" + "".join(other)
        return f"{{{{#{kind} {path}}}}}{''.join(then)}{otherwise}{{{{/{kind}}}}}"

    kinds = st.sampled_from(("if", "unless", "each", "with"))
    parts = st.lists(inside, max_size=4)
    return st.builds(block, kinds, _PATHS, parts, st.none() | parts)


TEMPLATES = st.lists(st.recursive(_LEAVES, _blocks, max_leaves=12), max_size=6).map("".join)
_SCALARS: st.SearchStrategy[Value] = st.one_of(
    st.text(alphabet="{}a<&\"'\né", max_size=8), st.booleans(), st.integers(-5, 5), st.none()
)
_PEOPLE: st.SearchStrategy[Value] = st.lists(st.fixed_dictionaries({"a": _SCALARS, "b": _SCALARS}), max_size=3)
DATA = st.fixed_dictionaries(
    {
        "a": _SCALARS,
        "b": _SCALARS,
        "flag": st.booleans(),
        "words": st.lists(_SCALARS, max_size=3),
        "people": _PEOPLE,
        "one": st.fixed_dictionaries({"a": _SCALARS, "two": st.fixed_dictionaries({"b": _SCALARS})}),
    }
)


@pytest.fixture(scope="module")
def local_ses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(Settings(state=tmp_path_factory.mktemp("ses"), keep=5), MemoryCloud()) as running:
        yield running


def rendered(local_ses: Running, text: str, data: Mapping[str, Value]) -> str:
    """What TestRenderEmailTemplate makes of a body of text; its own line ends stay as they are."""
    name, content = "corpus", {"Subject": "s", "Text": f"[{text}]"}
    try:
        local_ses.v2.create_email_template(TemplateName=name, TemplateContent=content)  # type: ignore[arg-type]  # a dict of str
        shown = local_ses.v2.test_render_email_template(TemplateName=name, TemplateData=json.dumps(data))
    finally:
        local_ses.v2.delete_email_template(TemplateName=name)
    return body(shown["RenderedTemplate"])


def body(mail: str, subtype: str = "plain") -> str:
    message = email.message_from_string(mail, policy=email.policy.default)
    part = message.get_body((subtype,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@assuming(text=TEMPLATES, values=DATA)
def test_whatever_we_render_ses_renders_to_the_same(local_ses: Running, text: str, values: dict[str, Value]) -> None:
    understood = nodes(text)
    try:
        ours = render(understood, values)
    except PostroomError:
        reject()  # stricter than SES, never otherwise
    assert rendered(local_ses, source_of(understood), values).strip("\n") == f"[{ours}]".strip("\n")


def test_partials_mean_the_same_put_in_as_inline(local_ses: Running) -> None:
    text = '{{#*inline "who"}}{{a}}{{#if flag}}!{{/if}}{{/inline}}{{> who}}{{#each people}}{{> who}}{{/each}}'
    values: dict[str, Value] = {"a": "<Ann>", "flag": True, "people": [{"a": "Bo", "flag": False}]}
    assert render(nodes(text), values) == "<Ann>!Bo"
    assert rendered(local_ses, text, values).strip() == rendered(local_ses, source_of(nodes(text)), values).strip()


def _all_of_ours() -> Iterator[tuple[str, str]]:
    return ((name, language) for name, languages in load(OURS).by_name.items() for language in languages)


@pytest.mark.parametrize(("name", "language"), list(_all_of_ours()))
def test_each_of_ours_is_the_same_mail_by_ses(local_ses: Running, name: str, language: str) -> None:
    ours = load(OURS).by_name[name][language]
    kept, values = ses.for_ses(ours, "desk"), ses.data(ours, EXAMPLES)
    content = {"Subject": kept.subject, "Text": kept.text, "Html": kept.html}
    local_ses.v2.create_email_template(TemplateName=kept.name, TemplateContent=content)  # type: ignore[arg-type]  # a dict of str
    shown = local_ses.v2.test_render_email_template(TemplateName=kept.name, TemplateData=json.dumps(values))
    here, there = ours.render(EXAMPLES), shown["RenderedTemplate"]
    message = email.message_from_string(there, policy=email.policy.default)
    assert message["Subject"] == here.subject
    assert body(there).strip() == here.text.strip()
    assert body(there, "html").strip() == here.html.strip()


def test_a_template_goes_to_many_with_the_values_of_each(local_ses: Running) -> None:
    ours, subjects = template("Re: {{subject}}", "{{subject}}", "<p>{{subject}}</p>"), ("Caps & hats", "<b>Gloves</b>")
    SesTemplates(client=local_ses.v2, prefix="many__").create(ses.for_ses(ours, "many"))
    values = [ses.data(ours, {**VALUES, "subject": subject}) for subject in subjects]
    sent = local_ses.v2.send_bulk_email(
        FromEmailAddress="desk@desk.example",
        DefaultContent={"Template": {"TemplateName": "many__note__en", "TemplateData": "{}"}},
        BulkEmailEntries=[
            {
                "Destination": {"ToAddresses": [f"a{number}@example.org"]},
                "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": json.dumps(each)}},
            }
            for number, each in enumerate(values)
        ],
    )
    ids = [each["MessageId"] for each in sent["BulkEmailEntryResults"]]
    mails = [(local_ses.state / "outbox" / f"{id_}.eml").read_text() for id_ in ids]
    assert [body(each).strip() for each in mails] == list(subjects)
    assert "<p>Caps &amp; hats</p>" in body(mails[0], "html")
    assert "<p>&lt;b&gt;Gloves&lt;/b&gt;</p>" in body(mails[1], "html")


def test_a_mail_that_ses_would_not_send_is_an_error_before_it_is_asked() -> None:
    with pytest.raises(PostroomError, match=r"note/en/body.txt:1: the variable 'reference' has no value"):
        ses.data(template(text="{{#if subject}}{{reference}}{{/if}}"), {"subject": "a"})


def test_the_names_of_two_stacks_never_begin_alike() -> None:
    assert ses.for_ses(template(), "desk").name == "desk__note__en"
    assert not ses.for_ses(template(), "desk-two").name.startswith(ses.prefix("desk"))
