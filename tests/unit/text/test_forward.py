"""A mail that was forwarded inline is found with its fields, in every client's form; a reply is not taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.message import Address
from postroom.mime import clients
from postroom.mime.clients import Role
from postroom.mime.forward import addresses_of, find, says_forwarded, sender_of

ANN = Address(name="Ann Example", address="ann@example.com")
BOB = Address(name="", address="bob@example.com")
CY = Address(name="Cy Example", address="cy@example.com")
DATE = "Wed, Oct 27, 2021 at 9:31 AM"
BODY = "The parcel came.\n\nIt is green."

FORMS = {
    "Gmail": (
        "---------- Forwarded message ---------\nFrom: Ann Example <ann@example.com>\n"
        f"Date: {DATE}\nSubject: Order 17\nTo: <bob@example.com>\nCc: Cy Example <cy@example.com>\n\n\n"
    ),
    "Thunderbird, German": (
        "-------- Weitergeleitete Nachricht --------\nBetreff: \tOrder 17\n"
        f"Datum: \t{DATE}\nVon: \tAnn Example <ann@example.com>\nAn: \tbob@example.com\n"
        "Kopie (CC): \tCy Example <cy@example.com>\n\n"
    ),
    "HubSpot, Japanese": (
        "---------- メッセージを転送 ---------\n送信元：Ann Example <ann@example.com>\n"
        f"日付：{DATE}\n件名：Order 17\n送信先：bob@example.com\nCC：Cy Example <cy@example.com>\n\n"
    ),
    "Yahoo, on one line": (
        "  ----- Forwarded Message ----- From: Ann Example <ann@example.com>To: bob@example.com <bob@example.com>"
        f"Cc: Cy Example <cy@example.com>Sent: {DATE}Subject: Order 17\n"
    ),
    "a subject over two lines": (
        "---------- Forwarded message ---------\nFrom: Ann Example <ann@example.com>\n"
        f"Date: {DATE}\nSubject: Order\n17\n"
        "To: <bob@example.com>\nCc: Cy Example <cy@example.com>\n\n"
    ),
}
OUTLOOK = (
    f"________________________________\nFrom: Ann Example <ann@example.com>\nSent: {DATE}\n"
    "To: bob@example.com <bob@example.com>\nCc: Cy Example <cy@example.com>\nSubject: Order 17\n\n"
)
APPLE = (
    "Begin forwarded message:\n\n> From: Ann Example <ann@example.com>\n> Subject: Order 17\n"
    f"> Date: {DATE}\n> To: bob@example.com\n> Cc: Cy Example <cy@example.com>\n"
    ">\n> The parcel came.\n>\n> It is green.\n"
)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("note", ["", "Please take this one."])
def test_a_forward_is_read_field_by_field(form: str, note: str) -> None:
    forwarded = find(f"{note}\n\n{form}{BODY}\n")
    assert forwarded is not None
    assert (forwarded.sender, forwarded.to, forwarded.cc) == (ANN, (BOB,), (CY,))
    assert (forwarded.subject, forwarded.date) == ("Order 17", DATE)
    assert (forwarded.body, forwarded.note) == (BODY, note)


@pytest.mark.parametrize("language", clients.FORWARDED)
def test_a_forward_is_found_in_the_words_of_every_language(language: str) -> None:
    names = [
        clients.HEADER_NAMES[role].get(language, role).split("|")[0] for role in (Role.FROM, Role.SUBJECT, Role.TO)
    ]
    headers = f"{names[0]}: Ann Example <ann@example.com>\n{names[1]}: Order 17\n{names[2]}: bob@example.com\n"
    for banner in clients.FORWARDED[language].split("|"):
        forwarded = find(f"For you.\n\n-------- {banner.capitalize()} --------\n{headers}\n{BODY}")
        assert forwarded is not None
        assert (forwarded.sender, forwarded.to, forwarded.subject) == (ANN, (BOB,), "Order 17")
        assert (forwarded.note, forwarded.body) == ("For you.", BODY)


def test_the_marks_that_apple_puts_before_each_line_go() -> None:
    forwarded = find(f"See below.\n\n{APPLE}\nAnn at the desk")
    assert forwarded is not None
    assert (forwarded.sender, forwarded.body, forwarded.note) == (ANN, BODY, "See below.")


def test_a_header_block_with_nothing_above_it_is_a_forward() -> None:
    forwarded = find(OUTLOOK + BODY)
    assert forwarded is not None
    assert (forwarded.sender, forwarded.subject, forwarded.body, forwarded.note) == (ANN, "Order 17", BODY, "")


def test_a_header_block_below_a_text_is_a_reply_unless_the_subject_says_forward() -> None:
    text = f"Yours, I think.\n\n{OUTLOOK}{BODY}"
    assert find(text) is None
    assert find(text, "RE: Order 17") is None
    forwarded = find(text, "WG: Order 17")
    assert forwarded is not None
    assert forwarded.note == "Yours, I think."


def test_a_reply_to_a_forward_is_no_forward() -> None:
    text = "Thank you.\n\nOn Wed, 27 Oct 2021 at 9:31, Ann <ann@example.com> wrote:\n\n" + FORMS["Gmail"] + BODY
    assert find(text) is None


def test_outlook_for_the_mac_says_only_who_and_when() -> None:
    forwarded = find(
        'On 28/10/2021 12:46, "Ann Example" <ann@example.com> wrote:\n\n    The parcel came.\n', "Fw: Order 17"
    )
    assert forwarded is not None
    assert (forwarded.sender, forwarded.date) == (ANN, "28/10/2021 12:46")


@pytest.mark.parametrize("subject", ["Fwd: x", "FW: x", "WG: x", "TR : x", "RV: x", "Enc: x", "转发：x", "[Fwd: x]"])
def test_a_subject_says_forwarded_in_the_words_of_its_client(subject: str) -> None:
    assert says_forwarded(subject)


@pytest.mark.parametrize("subject", ["", "Re: x", "Forward: march", "AW: x", "Fwdx"])
def test_other_subjects_do_not(subject: str) -> None:
    assert not says_forwarded(subject)


@pytest.mark.parametrize(
    ("value", "mailboxes"),
    [
        ("Ann Example [mailto:ann@example.com]", (ANN,)),
        ('"Ann Example" <ann@example.com>; bob@example.com', (ANN, BOB)),
        ("bob@example.com <bob@example.com>, Cy Example <cy@example.com>", (BOB, CY)),
        ("Example, Ann <ann@example.com>", (Address(name="Example, Ann", address="ann@example.com"),)),
        ("nobody", ()),
        ("", ()),
    ],
)
def test_mailboxes_are_read_as_clients_show_them(value: str, mailboxes: tuple[Address, ...]) -> None:
    assert addresses_of(value) == mailboxes


def test_a_sender_without_an_address_keeps_the_name() -> None:
    assert sender_of("Ann Example") == Address(name="Ann Example", address="")
    assert sender_of(" ") is None


def test_an_ordinary_mail_is_no_forward() -> None:
    assert find("Hello,\n\nthe subject of my mail: a forwarded message that never came.\nFrom: here\n") is None


@given(
    st.lists(st.sampled_from([*FORMS.values(), OUTLOOK, APPLE, "Hello", "> x", "", "From:", "To: ann@example.com,"])),
    st.text(),
)
def test_no_mixture_raises(pieces: list[str], rest: str) -> None:
    find("\n".join([*pieces, rest]), "Fwd:")


HOSTILE = ["> ", "From: ", "From: Ann <ann@example.com>\n", "a@", "<", "To: a@b,\n", "-", " "]


@pytest.mark.parametrize("piece", [*HOSTILE, "---------- Forwarded message ----------\n"])
@pytest.mark.parametrize("start", ["", FORMS["Gmail"], "---------- Forwarded message ---------- From: "])
def test_no_input_is_too_hostile(piece: str, start: str) -> None:
    find(start + piece * (200_000 // len(piece)), "Fwd: x")
