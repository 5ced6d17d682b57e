"""Opens, clicks and unsubscribing: what is put into a mail, and what comes of it when somebody looks."""

import email
import email.policy
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.ses.feedback.anchors import MAX_LINKS, anchors
from local.ses.feedback.parts import changed
from local.ses.feedback.tokens import Mark, read, token
from local.ses.feedback.tracking import ListOptions, Tracker, first_link
from tests.unit.local_ses.conftest import Running
from tests.unit.local_ses.feedback.desk import configured, kinds, send, told

TRACKER = Tracker(base_url="http://127.0.0.1:2580", key=b"k" * 32)
OURS = re.compile(r"http://127\.0\.0\.1:\d+/_track/(open|click|unsubscribe)/([A-Za-z0-9_-]+)")


def _mail(html: str, charset: str = "utf-8", encoding: str = "quoted-printable") -> bytes:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = "desk@example.com", "ann@example.org", "hello"
    message.set_content("plain https://example.com/plain\n")
    message.add_alternative(html, subtype="html", charset=charset, cte=encoding)
    message.add_attachment(b"<a href='https://example.com/x'>", maintype="text", subtype="html", filename="a.html")
    return message.as_bytes()


def _html(raw: bytes) -> str:
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("html",))
    assert body is not None
    content: str = body.get_content()
    return content


def _tracked(html: str, *, opens: bool = True, clicks: bool = True) -> str:
    return _html(TRACKER.tracked(_mail(html), "0100-a", opens=opens, clicks=clicks))


def _marks(html: str) -> list[Mark | None]:
    return [read(found.group(2), TRACKER.key) for found in OURS.finditer(html)]


def test_a_link_leads_here_first_and_a_picture_stands_at_the_end() -> None:
    html = _tracked('<body><a class=x href="https://example.com/?a=1&amp;b=2">Go</a></body>')
    assert _marks(html) == [
        Mark(kind="click", sent_id="0100-a", link="https://example.com/?a=1&b=2"),
        Mark(kind="open", sent_id="0100-a"),
    ]
    assert html.index("</a>") < html.index("<img") < html.index("</body>")
    assert "<a class=x href=" in html


def test_opens_and_clicks_are_tracked_each_for_itself() -> None:
    link = '<a href="https://example.com/">Go</a>'
    assert [mark.kind for mark in _marks(_tracked(link, opens=False)) if mark] == ["click"]
    assert [mark.kind for mark in _marks(_tracked(link, clicks=False)) if mark] == ["open"]


@pytest.mark.parametrize(
    "href",
    [
        "mailto:ann@example.org",
        "#top",
        "/here",
        "javascript:alert(1)",
        "tel:1",
        "https://example.com/a b",
        "",
        "data:,x",
    ],
)
def test_what_a_browser_would_not_fetch_is_left_alone(href: str) -> None:
    assert f'<a href="{href}">Go</a>' in _tracked(f'<a href="{href}">Go</a>', opens=False)


def test_no_track_is_honoured_and_removed() -> None:
    html = _tracked('<a ses:no-track href="https://example.com/">Go</a>', opens=False)
    assert html.split() == ["<a", 'href="https://example.com/">Go</a>']


def test_tags_of_a_link_are_remembered_and_removed() -> None:
    html = _tracked('<a href="https://example.com/" ses:tags="place:top;kind:news;">Go</a>', opens=False)
    (mark,) = _marks(html)
    assert mark is not None
    assert mark.tags == (("place", "top"), ("kind", "news"))
    assert "ses:tags" not in html


def test_the_picture_stands_where_its_place_is_held() -> None:
    html = _tracked("<p>{{ses:openTracker}}</p><p>end {{ses:openTracker}}</p>")
    assert html.index("<img") < html.index("end")
    assert "openTracker" not in html
    assert html.count("<img") == 1


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<A HREF='https://example.com/1'>", 1),
        ("<a href=https://example.com/1>", 1),
        ("<a\n href = 'https://example.com/1' >", 1),
        ("<!-- <a href='https://example.com/1'> -->", 0),
        ("<script>'<a href=https://example.com/1>'</script>", 0),
        ("<img alt=\"<a href='https://example.com/1'>\">", 0),
        ("<abbr href='https://example.com/1'>", 0),
        ("<a href='https://example.com/1", 0),
        ("<p title=it's><a href='https://example.com/1'>", 1),
        ("<style>a::before{content:'<a>'}</style><a href='https://example.com/1'>", 1),
    ],
)
def test_links_are_found_as_a_browser_finds_them(html: str, found: int) -> None:
    assert sum(anchor.get("href") is not None for anchor in anchors(html)) == found


def test_no_more_links_are_tracked_than_ses_does() -> None:
    html = _tracked("<a href='https://example.com/'>x</a>\n" * (MAX_LINKS + 10), opens=False)
    assert len(_marks(html)) == MAX_LINKS


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_the_text_around_stays_as_it_was(encoding: str, charset: str) -> None:
    raw = _mail("<p>Grüße</p>\n<a href='https://example.com/ü'>x</a>\n", charset, encoding)
    before, after = (
        email.message_from_bytes(raw),
        email.message_from_bytes(TRACKER.tracked(raw, "0100-a", opens=True, clicks=True)),
    )
    html = _html(TRACKER.tracked(raw, "0100-a", opens=True, clicks=True))
    assert html.replace("\r\n", "\n").startswith("<p>Grüße</p>\n<a ")
    assert _marks(html)[0] == Mark(kind="click", sent_id="0100-a", link="https://example.com/ü")
    assert max(map(len, TRACKER.tracked(raw, "0100-a", opens=True, clicks=True).splitlines())) <= 998
    changed_parts = [
        one.get_content_type()
        for one, other in zip(before.walk(), after.walk(), strict=True)
        if not one.is_multipart() and one.as_bytes() != other.as_bytes()
    ]
    assert changed_parts == ["text/html"]


def test_a_mail_without_html_stays_byte_for_byte() -> None:
    raw = b"From: a@example.com\r\nContent-Type: text/plain\r\n\r\n<a href='https://example.com/'>\r\n"
    assert TRACKER.tracked(raw, "0100-a", opens=True, clicks=True) == raw


@given(st.binary(max_size=400) | st.text("<>ab='\" \n-/!hrefs:", max_size=400).map(str.encode))
@settings(max_examples=150)
def test_no_html_is_too_broken(body: bytes) -> None:
    raw = b"Content-Type: text/html\r\n\r\n" + body
    assert TRACKER.tracked(raw, "0100-a", opens=True, clicks=True).startswith(b"Content-Type: text/html")


@given(st.binary(max_size=600))
@settings(max_examples=150)
def test_no_mail_is_too_broken_and_unchanged_texts_lose_no_byte(raw: bytes) -> None:
    assert changed(raw, ("text/html", "text/plain"), lambda _part, text: text) == raw


@pytest.mark.parametrize(
    "hostile",
    [
        "<a " * 100_000,
        "<a href='" * 100_000,
        "<a" + " " * 900_000,
        "<a " + "x=" * 450_000,
        "<!--" * 200_000,
        "<script>" * 100_000,
        "<" * 300_000,
        "<a x" + " " * 400_000 + "y" + " " * 400_000,
    ],
)
def test_hostile_html_ends(hostile: str) -> None:
    """A second look at what was seen would take these beyond the time that a test has."""
    assert not any(anchor.get("href") for anchor in anchors(hostile))


def test_parts_too_deep_to_be_looked_into_stay_as_they_are() -> None:
    inner = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
    raw = inner * 5000 + b"Content-Type: text/html\r\n\r\n<a href='https://example.com/'>"
    assert changed(raw, ("text/html",), lambda _part, _text: "") == raw


@given(st.text(max_size=300))
def test_nobody_makes_a_link_up(text: str) -> None:
    assert read(text, TRACKER.key) is None


def test_a_link_with_another_key_or_one_byte_more_is_none_of_ours() -> None:
    ours = token(Mark(kind="click", sent_id="0100-a", link="https://example.com/"), TRACKER.key)
    assert read(ours, TRACKER.key) is not None
    assert read(ours, b"other") is None
    assert read(ours[:-1] + ("A" if ours[-1] != "A" else "Q"), TRACKER.key) is None
    assert read("A" * 9000, TRACKER.key) is None


@pytest.mark.parametrize(
    ("value", "options"),
    [
        ("news; topic=weekly", ListOptions(contact_list="news", topic="weekly")),
        ("{news}; topic={weekly}", ListOptions(contact_list="news", topic="weekly")),
        ("news", ListOptions(contact_list="news")),
        ("", None),
    ],
)
def test_the_list_of_a_mail_is_read_from_its_field(value: str, options: ListOptions | None) -> None:
    assert ListOptions.of(value) == options


def test_the_first_link_is_that_of_the_html() -> None:
    assert first_link(_mail("<a href='#'>x</a><a href='https://example.com/1'>x</a>")) == "https://example.com/1"
    assert first_link(b"\r\nplain") is None


# -- the running server ------------------------------------------------------------------------------------------------


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


def _visit(url: str, data: bytes | None = None) -> tuple[int, Mapping[str, str], bytes]:
    opener = urllib.request.build_opener(_Stay)
    request = urllib.request.Request(url, data=data, headers={"User-Agent": "Test/1.0"})  # noqa: S310 (our own server)
    try:
        with opener.open(request) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def _links(ses: Running, sent_id: str) -> dict[str, str]:
    """The links of ours in a mail of the outbox, by kind."""
    with urllib.request.urlopen(f"{ses.url}/_local/outbox/{sent_id}") as answer:  # noqa: S310 (our own server)
        raw = answer.read()
    return {found.group(1): found.group(0) for found in OURS.finditer(_html(raw))}


def test_whoever_looks_and_clicks_is_told_of(ses: Running) -> None:
    configured(ses)
    page = "<a href='https://example.com/ü?a=1' ses:tags='place:top'>Go</a>"
    links = _links(ses, sent_id := send(ses, "ann@example.org", raw=_mail(page)))
    status, fields, picture = _visit(links["open"])
    assert (status, fields["Content-Type"], picture[:6]) == (200, "image/gif", b"GIF89a")
    status, fields, _ = _visit(links["click"])
    assert (status, fields["Location"]) == (302, "https://example.com/%C3%BC?a=1")
    events = told(ses, 4)
    assert sorted(kinds(events)) == ["Click", "Delivery", "Open", "Send"]
    opened = next(one for one in events if one["eventType"] == "Open")
    clicked = next(one for one in events if one["eventType"] == "Click")
    assert (opened["open"]["ipAddress"], opened["open"]["userAgent"]) == ("127.0.0.1", "Test/1.0")
    assert (clicked["click"]["link"], clicked["click"]["linkTags"]) == ("https://example.com/ü?a=1", {"place": ["top"]})
    assert clicked["mail"]["messageId"] == opened["mail"]["messageId"] == sent_id


def test_a_set_that_asks_for_neither_gets_the_mail_as_it_was(ses: Running) -> None:
    configured(ses, ["SEND", "DELIVERY"])
    assert _links(ses, send(ses, "ann@example.org", raw=_mail("<a href='https://example.com/'>Go</a>"))) == {}


def test_a_link_that_was_in_no_mail_is_not_followed(ses: Running) -> None:
    configured(ses)
    mark = Mark(kind="click", sent_id="0100-a", link="https://evil.example/")
    assert _visit(f"{ses.url}/_track/click/{token(mark, b'guessed')}")[0] == 404
    links = _links(ses, send(ses, "ann@example.org", raw=_mail("<a href='https://example.com/'>Go</a>")))
    assert _visit(links["click"].replace("/click/", "/open/"))[0] == 404


def test_click_clicks_the_first_link(ses: Running) -> None:
    configured(ses)
    send(ses, "click@nowhere.invalid", raw=_mail("<a href='https://example.com/offer'>Go</a>"))
    assert told(ses, 4)[-1]["click"]["link"] == "https://example.com/offer"


def test_unsubscribing_takes_a_post_and_is_told(ses: Running) -> None:
    configured(ses)
    page = "<a href='{{amazonSESUnsubscribeUrl}}'>No more</a>"
    raw = b"X-SES-LIST-MANAGEMENT-OPTIONS: news; topic=weekly\r\n" + _mail(page)
    sent_id = send(ses, "ann@example.org", raw=raw)
    with urllib.request.urlopen(f"{ses.url}/_local/outbox/{sent_id}") as answer:  # noqa: S310 (our own server)
        message = email.message_from_bytes(answer.read())
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "X-SES-LIST-MANAGEMENT-OPTIONS" not in message
    url = message["List-Unsubscribe"].strip("<>")
    assert url in _links(ses, sent_id).values()
    assert b"<button>" in _visit(url)[2]
    assert _visit(url, b"List-Unsubscribe=One-Click")[0] == 200
    events = told(ses, 3)
    assert kinds(events) == ["Send", "Delivery", "Subscription"]
    left = events[2]["subscription"]
    assert (left["contactList"], left["source"]) == ("news", "UnsubscribeHeader")
    assert left["newTopicPreferences"]["topicSubscriptionStatus"][0]["topicName"] == "weekly"
