"""The page in a real browser: Chromium, headless, as Debian has it (packages chromium and chromium-driver)."""

import json
import os
import shutil
import smtplib
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.unit.local_ses.conftest import Running

pytestmark = pytest.mark.journey

BROWSER, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chrome]:
    if not (shutil.which(BROWSER) and shutil.which(DRIVER)):
        missing = f"{BROWSER} or {DRIVER} is missing: apt-get install chromium chromium-driver"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    options = ChromeOptions()
    options.binary_location = BROWSER
    for switch in SWITCHES:
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = Chrome(options=options, service=Service(DRIVER))
    try:
        yield browser
    finally:
        browser.quit()


@pytest.fixture
def page(chromium: Chrome, ses: Running) -> Iterator[Chrome]:
    """The page of a desk that takes all mail for desk.example."""
    ses.activate("desk.example")
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.get(ses.url)
    _until(chromium, lambda: chromium.find_element(By.ID, "live").get_attribute("data-state") == "live")
    yield chromium
    chromium.get("about:blank")  # its stream ends before the server does


class Elsewhere:
    """A host on the net that counts who comes, and answers with a script. Connections count, asked or not."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.came = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            self.came += 1
            client.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    host = Elsewhere()
    yield host
    host.close()


def _until(browser: Chrome, true: Callable[[], object]) -> None:
    WebDriverWait(browser, 15, poll_frequency=0.05, ignored_exceptions=[Exception]).until(lambda _: true())


def _find(page: Chrome, selector: str) -> WebElement:
    _until(page, lambda: page.find_elements(By.CSS_SELECTOR, selector))
    return page.find_element(By.CSS_SELECTOR, selector)


def _mail(subject: str = "Where is my order?", text: str = "Hello") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ann <ann@example.com>", "support@desk.example", subject
    mail.set_content(text)
    return mail


def _deliver(ses: Running, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.send_message(mail)


def _opened(ses: Running, page: Chrome, mail: EmailMessage) -> None:
    """The mail is received, and opened by a click."""
    _deliver(ses, mail)
    _find(page, "#list a").click()
    _find(page, "#reading h1")
    _until(page, lambda: page.find_element(By.CSS_SELECTOR, "#reading h1").text == str(mail["Subject"]))


def _complaints(page: Chrome) -> list[str]:
    entries = page.get_log("browser")  # type: ignore[no-untyped-call]  # selenium doesn't annotate it
    return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]


def test_a_mail_that_arrives_appears_by_itself(ses: Running, page: Chrome) -> None:
    assert "No mail has been received yet" in page.find_element(By.ID, "nothing").text
    page.execute_script("window.sameDocument = true")
    _deliver(ses, _mail("The first"))
    _until(page, lambda: "The first" in page.find_element(By.ID, "list").text)
    _deliver(ses, _mail("The second"))
    _until(page, lambda: page.find_element(By.CSS_SELECTOR, "#list li:first-child .what").text == "The second")
    assert page.find_element(By.CSS_SELECTOR, "#tab-received .count").text == "2"
    assert page.execute_script("return window.sameDocument") is True
    assert _complaints(page) == []


def test_what_is_sent_and_told_appears_too(ses: Running, page: Chrome) -> None:
    page.find_element(By.ID, "tab-outbox").click()
    ses.v2.send_email(
        Content={"Raw": {"Data": b"From: a@desk.example\r\nTo: ann@example.com\r\nSubject: Re\r\n\r\nx\r\n"}}
    )
    assert _find(page, "#list .who").text == "ann@example.com"
    page.find_element(By.ID, "tab-told").click()
    assert "No event" in page.find_element(By.ID, "nothing").text


def test_what_a_mail_says_stays_text(ses: Running, page: Chrome) -> None:
    evil = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
    mail = _mail(evil, evil)
    mail["X-Evil"] = evil
    mail.add_attachment(b"x", maintype="text", subtype="plain", filename=f"{evil}.txt")
    _opened(ses, page, mail)
    assert page.find_element(By.CSS_SELECTOR, "#list .what").text == evil
    assert page.find_element(By.CSS_SELECTOR, "pre.text").text == evil
    assert evil in page.find_element(By.CSS_SELECTOR, ".files").text
    page.find_element(By.ID, "view-headers").click()
    assert evil in page.find_element(By.CSS_SELECTOR, ".fields").text
    page.find_element(By.ID, "view-source").click()
    _until(page, lambda: "<script>document.title" in page.find_element(By.CSS_SELECTOR, "pre.source").text)
    assert page.title == "Local SES"
    assert page.execute_script("return document.querySelectorAll('script').length") == 1
    assert page.execute_script("return document.querySelectorAll('img').length") == 1  # the mark at the top


HOSTILE = """
<html><head><base href="{url}/base/"><meta http-equiv="refresh" content="0;url={url}/refresh">
<link rel="stylesheet" href="{url}/css"><link rel="preconnect" href="{url}"><link rel="dns-prefetch" href="{url}">
<link rel="prefetch" href="{url}/prefetch"><LINK rel="preload" as="image" href="{url}/preload">
<style>@import url("{url}/import"); body {{ background: url("{url}/background") }}
@font-face {{ font-family: f; src: url("{url}/font") }} p {{ font-family: f }}</style>
<script>top.document.title = "run"; fetch("{url}/fetch")</script><script src="{url}/script"></script></head>
<body onload="top.document.title='run'" background="{url}/old">
<p>harmless</p><img src="{url}/pixel" onerror="top.document.title='run'"><img src="x" srcset="{url}/set 2x">
<picture><source srcset="{url}/source"><img src="relative"></picture>
<svg onload="top.document.title='run'"><image href="{url}/svg"/><use href="{url}/use#a"/>
<script>top.title=1</script></svg>
<iframe src="{url}/frame"></iframe><iframe srcdoc="<script>top.document.title='run'</script>"></iframe>
<object data="{url}/object"></object><embed src="{url}/embed">
<video src="{url}/video" poster="{url}/poster" autoplay></video>
<audio src="{url}/audio" autoplay></audio><input type="image" src="{url}/input">
<form action="{url}/form"><button id="go">send</button></form>
<form id="f" action="javascript:top.document.title='run'"></form>
<a id="js" href="javascript:top.document.title='run'">script</a> <a id="out" href="{url}/out">out</a>
<a id="top" target="_top" href="{url}/top">top</a>
<a id="self" target="_self" ping="{url}/ping" href="{url}/self">self</a>
<button id="popover" onclick="top.document.title='run'">press</button>
</body></html>
"""


def test_hostile_html_runs_nothing_and_loads_nothing(ses: Running, page: Chrome, elsewhere: Elsewhere) -> None:
    mail = _mail("Hostile")
    mail.add_alternative(HOSTILE.format(url=elsewhere.url), subtype="html")
    _opened(ses, page, mail)
    page.find_element(By.ID, "view-html").click()
    at, windows = page.current_url, len(page.window_handles)
    page.switch_to.frame(_find(page, "iframe"))
    _until(page, lambda: page.find_element(By.TAG_NAME, "p").text == "harmless")
    for name in ("js", "out", "top", "self", "go", "popover"):
        for element in page.find_elements(By.ID, name):
            element.click()
    assert page.find_element(By.TAG_NAME, "p").text == "harmless"  # no click led away
    page.switch_to.default_content()
    # A second mail goes the whole way to the page: whatever the first was to load would have been asked for by now.
    _deliver(ses, _mail("Afterwards"))
    _until(page, lambda: "Afterwards" in page.find_element(By.ID, "list").text)
    assert elsewhere.came == 0
    assert page.title == "Local SES"
    assert (page.current_url, len(page.window_handles)) == (at, windows)


def test_the_host_elsewhere_would_count_a_visit(page: Chrome, elsewhere: Elsewhere) -> None:
    """The test above could fail: outside of the cage the same browser goes there."""
    page.execute_script("location.href = arguments[0]", elsewhere.url)
    _until(page, lambda: elsewhere.came > 0)


def test_a_picture_of_the_mail_itself_is_shown(ses: Running, page: Chrome) -> None:
    dot = (
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\x00\x00\x00\x00\x00!\xf9\x04\x00\x00\x00\x00\x00,\x00\x00\x00\x00"
        b"\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
    )
    mail = _mail("Picture")
    mail.add_alternative('<p>look</p><img id="dot" src="cid:dot@example.com">', subtype="html")
    mail.get_payload(1).add_related(dot, "image", "gif", cid="<dot@example.com>")  # type: ignore[union-attr]  # a message
    _opened(ses, page, mail)
    page.find_element(By.ID, "view-html").click()
    page.switch_to.frame(_find(page, "iframe"))
    # No script runs in the frame, not even the driver's: what is laid out has the picture's size.
    _until(page, lambda: page.find_element(By.ID, "dot").size == {"width": 1, "height": 1})
    page.switch_to.default_content()


def test_the_form_sends_a_mail_and_shows_the_answers(ses: Running, page: Chrome) -> None:
    page.find_element(By.TAG_NAME, "body").send_keys("c")
    for name, text in (("from", "ann@example.com"), ("to", "nobody@example.org"), ("subject", "Hi"), ("text", "Hello")):
        _find(page, f"#compose [name={name}]").send_keys(text)
    page.find_element(By.ID, "compose-send").click()
    _until(page, lambda: "550 5.1.1" in page.find_element(By.ID, "answer").text)
    assert "It was not taken." in page.find_element(By.ID, "answer").text
    to = page.find_element(By.CSS_SELECTOR, "#compose [name=to]")
    to.clear()
    to.send_keys("support@desk.example")
    page.find_element(By.ID, "compose-send").click()
    _until(page, lambda: "It was taken." in page.find_element(By.ID, "answer").text)
    page.find_element(By.CSS_SELECTOR, "#answer a").click()
    _until(page, lambda: page.find_element(By.CSS_SELECTOR, "#reading h1").text == "Hi")
    assert not page.find_element(By.ID, "compose").is_displayed()


def test_a_pasted_source_is_sent(ses: Running, page: Chrome) -> None:
    page.find_element(By.ID, "compose-open").click()
    page.find_element(By.CSS_SELECTOR, "[data-mode=source]").click()
    source = "From: ann@example.com\nTo: support@desk.example\nSubject: Pasted\n\nHello\n"
    page.find_element(By.CSS_SELECTOR, "#compose [name=source]").send_keys(source)
    page.find_element(By.ID, "compose-send").click()
    _until(page, lambda: "It was taken." in page.find_element(By.ID, "answer").text)
    with urllib.request.urlopen(f"{ses.url}/_local/received") as answer:  # noqa: S310 (our own server)
        assert json.loads(answer.read())[0]["subject"] == "Pasted"


def test_search_narrows_the_list(ses: Running, page: Chrome) -> None:
    for subject in ("An invoice", "A parcel"):
        _deliver(ses, _mail(subject))
    _until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, "#list a")) == 2)
    page.find_element(By.TAG_NAME, "body").send_keys("/")
    page.switch_to.active_element.send_keys("invoice")
    _until(page, lambda: [one.text for one in page.find_elements(By.CSS_SELECTOR, "#list .what")] == ["An invoice"])
    page.switch_to.active_element.send_keys(Keys.ESCAPE)
    _until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, "#list a")) == 2)


def test_the_keyboard_is_enough(ses: Running, page: Chrome) -> None:
    for subject in ("One", "Two"):
        _deliver(ses, _mail(subject))
    _until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, "#list a")) == 2)
    page.find_element(By.TAG_NAME, "body").send_keys("j")
    page.switch_to.active_element.send_keys("j")
    page.switch_to.active_element.send_keys(Keys.ENTER)
    _until(page, lambda: page.find_element(By.CSS_SELECTOR, "#reading h1").text == "One")
    page.find_element(By.ID, "view-text").send_keys(Keys.ARROW_RIGHT)
    assert page.switch_to.active_element.get_attribute("id") == "view-headers"
    assert page.find_element(By.ID, "view-headers").get_attribute("aria-selected") == "true"
    page.switch_to.active_element.send_keys(Keys.ESCAPE)
    _until(page, lambda: page.find_element(By.CSS_SELECTOR, "#reading h1").text == "Choose a mail")


def _nameless(page: Chrome, within: str) -> list[str | None]:
    pressed = page.find_element(By.CSS_SELECTOR, within).find_elements(By.CSS_SELECTOR, "a, button, input, textarea")
    return [one.get_attribute("outerHTML") for one in pressed if one.is_displayed() and not one.accessible_name]


def test_everything_that_can_be_pressed_has_a_name(ses: Running, page: Chrome) -> None:
    _opened(ses, page, _mail("Names"))
    assert _nameless(page, "body") == []
    page.find_element(By.ID, "compose-open").click()
    assert _nameless(page, "#compose") == []
    page.find_element(By.CSS_SELECTOR, "[data-mode=source]").click()
    assert _nameless(page, "#compose") == []


def test_400_pixels_are_wide_enough(ses: Running, page: Chrome) -> None:
    small = {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", small)
    long = _mail("Thewordthatneverends" * 12, "x" * 500)
    long.add_attachment(b"x", maintype="text", subtype="plain", filename=f"{'long' * 40}.txt")

    def fits() -> bool:
        width = "return Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
        inner = "return [...document.querySelectorAll('#reading, #list')].every(e => e.scrollWidth <= e.clientWidth)"
        return int(page.execute_script(width)) <= 400 and bool(page.execute_script(inner))

    assert fits()
    _opened(ses, page, long)
    for view in ("text", "headers", "source", "way"):
        page.find_element(By.ID, f"view-{view}").click()
        assert fits(), view
    assert not page.find_element(By.ID, "list").is_displayed()
    page.find_element(By.CSS_SELECTOR, ".back").click()
    _until(page, lambda: page.find_element(By.ID, "list").is_displayed())
    page.find_element(By.ID, "compose-open").click()
    assert fits()
    assert page.find_element(By.ID, "compose").rect["width"] <= 400
