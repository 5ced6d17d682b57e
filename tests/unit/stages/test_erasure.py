"""A person who is erased is gone, and nobody else is."""

from email.message import EmailMessage

import pytest

from postroom.address import AddressEvent, Incident, State
from postroom.conversation import Conversation, EntryKind
from postroom.envelope import Verdict
from postroom.events import MessageClassified
from postroom.ids import ConversationId, MessageId, SesId
from postroom.stages.erasure import PLACEHOLDER, Erasure, Found, hash_of
from postroom.stages.work import Refused
from tests.contracts.conftest import clock
from tests.unit.stages.desk import OURS, MemoryDesk, mail, with_verdicts

ANN, BOB = "ann@example.com", "bob@example.com"
LONG_AGO = "2026-01-01T00:00:00.000Z"


def _erasure(desk: MemoryDesk) -> Erasure:
    return Erasure(
        conversations=desk.conversations,
        objects=desk.objects,
        ledger=desk.ledger,
        sends=desk.sends,
        addresses=desk.addresses,
        holders=desk.holders,
        erasures=desk.erasures,
        desk=OURS,
        clock=clock,
        agent="eve@staff.example",
    )


def _came(desk: MemoryDesk, raw: bytes, ses_id: str, sender: str = ANN) -> MessageClassified:
    parsed = desk.parse(desk.arrived(raw, ses_id, sender))
    desk.attachments(parsed)
    event = desk.classify(parsed)
    assert isinstance(event, MessageClassified)
    return event


def _with_files(sender: str, message_id: str, *files: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "support@desk.example", "Files"
    message["Message-ID"] = f"<{message_id}>"
    message.set_content("See there.")
    for number, body in enumerate(files):
        message.add_attachment(body, maintype="text", subtype="plain", filename=f"{number}.txt")
    return message.as_bytes()


def _found(desk: MemoryDesk, address: str = ANN) -> Found:
    return _erasure(desk).find(address, LONG_AGO)


def _everything(desk: MemoryDesk) -> str:
    """All that is stored, but for tombstones and proofs (which are hashes on AWS)."""
    conversations = desk.conversations
    return repr((
        desk.objects.bodies, desk.ledger.rows_by_id, conversations.conversations, conversations.standing,
        desk.sends.recipients, desk.addresses.states, desk.addresses.noted, desk.holders.held,
    ))  # fmt: skip


def _seen(desk: MemoryDesk, id_: ConversationId) -> Conversation:
    found = desk.conversations.get(id_)
    assert found is not None
    return found


def test_nothing_of_a_person_is_left_and_the_others_have_what_they_had() -> None:
    desk, without = MemoryDesk(), MemoryDesk()
    for each in (desk, without):
        each.reply(_came(each, mail(sender=BOB, message_id="b@example.com"), "mail-b", BOB))
    desk.reply(_came(desk, mail(), "mail-1"))
    desk.addresses.move(ANN, Incident(event=AddressEvent.HARD_BOUNCE, id="e1", at="2026-11-24T07:00:00.000Z"))
    _erasure(desk).erase(_found(desk))
    assert ANN not in _everything(desk)
    assert desk.addresses.state(ANN) is State.HEALTHY
    assert "mail-1/acknowledgement" not in desk.sends.states
    assert _everything(desk) == _everything(without)
    assert desk.conversations.known([MessageId("m1@example.com")]) == {}


def test_a_dry_run_changes_nothing_and_names_what_there_is() -> None:
    desk = MemoryDesk()
    first = _came(desk, mail(), "mail-1")
    before = _everything(desk)
    found = _found(desk)
    assert (found.own, found.shared, dict(found.mails)) == ((first.conversation,), (), {"mail-1": first.conversation})
    assert _everything(desk) == before
    assert not desk.erasures.buried


def test_what_was_quarantined_and_stands_in_no_conversation_is_erased_too() -> None:
    desk = MemoryDesk()
    desk.classify(desk.parse(desk.arrived(mail(), "mail-1", verdicts=with_verdicts(spam=Verdict.FAIL))))
    assert dict(_found(desk).mails) == {"mail-1": None}
    _erasure(desk).erase(_found(desk))
    assert ANN not in _everything(desk)


def test_in_the_conversation_of_another_only_what_is_theirs_goes() -> None:
    """Bob writes with Ann in Cc, and she answers: her mail goes, his stays, and she takes part no more."""
    desk = MemoryDesk()
    first = _came(desk, mail(sender=BOB, message_id="b@example.com", extra=f"Cc: {ANN}\r\n"), "mail-b", BOB)
    second = _came(desk, mail(extra="References: <b@example.com>\r\n"), "mail-1")
    assert second.conversation == first.conversation
    _erasure(desk).erase(_found(desk))
    conversation = _seen(desk, first.conversation)
    assert (conversation.customer, conversation.participants) == (BOB, (BOB, PLACEHOLDER))
    assert [e.id for e in desk.conversations.entries(first.conversation) if e.kind is EntryKind.MAIL] == ["mail-b"]
    assert "raw/mail-b" in desk.objects.bodies  # what Bob wrote is Bob's, though it names her
    assert not {"raw/mail-1", "parsed/mail-1.json"} & desk.objects.bodies.keys()
    known = desk.conversations.known([MessageId("m1@example.com"), MessageId("b@example.com")])
    assert set(known) == {"b@example.com"}


def test_an_attachment_goes_unless_another_mail_has_it() -> None:
    desk = MemoryDesk()
    _came(desk, _with_files(ANN, "m1@example.com", b"hers alone", b"a logo"), "mail-1")
    _came(desk, _with_files(ANN, "m2@example.com", b"hers alone"), "mail-2")
    _came(desk, _with_files(BOB, "b@example.com", b"a logo"), "mail-b", BOB)
    done = _erasure(desk).erase(_found(desk))
    left = {body for key, body in desk.objects.bodies.items() if key.startswith("attachments/")}
    assert {body.strip() for body in left} == {b"a logo"}
    assert (done["attachments"], done["attachments_shared"]) == (1, 2)
    assert {mail for _, mail in desk.holders.held} == {"mail-b"}


def test_an_attachment_of_which_nobody_noted_who_has_it_is_kept_and_told() -> None:
    desk = MemoryDesk()
    _came(desk, _with_files(ANN, "m1@example.com", b"from before"), "mail-1")
    desk.holders.held.clear()
    assert _erasure(desk).erase(_found(desk))["attachments_kept"] == 1
    assert any(key.startswith("attachments/") for key in desk.objects.bodies)


def test_a_mail_that_comes_with_the_same_file_meanwhile_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = MemoryDesk()
    _came(desk, _with_files(ANN, "m1@example.com", b"the same"), "mail-1")
    ((sha256, _),) = desk.holders.held
    look, looks = type(desk.holders).holders, iter(range(9))

    def meanwhile(holders: object, sha: str) -> object:
        if next(looks) == 1:  # nobody has it, said the first look
            desk.holders.hold(sha, SesId("mail-b"))
        return look(desk.holders, sha)

    monkeypatch.setattr(type(desk.holders), "holders", meanwhile)
    _erasure(desk).erase(_found(desk))
    assert f"attachments/{sha256}" in desk.objects.bodies


def test_a_person_is_found_and_erased_however_their_client_writes_the_address() -> None:
    desk = MemoryDesk()
    first = _came(desk, mail(sender="Ann@Example.com"), "mail-1", "Ann@Example.com")
    answer = mail(sender="ANN@example.com", message_id="m2@example.com", extra="In-Reply-To: <m1@example.com>\r\n")
    second = _came(desk, answer, "mail-2", "ANN@example.com")
    assert (second.conversation, second.opened) == (first.conversation, False)
    desk.addresses.move(
        "ANN@example.com", Incident(event=AddressEvent.HARD_BOUNCE, id="e1", at="2026-11-24T07:00:00.000Z")
    )
    found = _found(desk, "aNN@EXAMPLE.com")
    assert set(found.mails) == {"mail-1", "mail-2"}
    _erasure(desk).erase(found)
    assert ANN not in _everything(desk).lower()


def test_a_tombstone_tells_that_and_by_whom_and_not_who() -> None:
    desk = MemoryDesk()
    _came(desk, mail(), "mail-1")
    _erasure(desk).erase(_found(desk))
    (stone,) = desk.erasures.of(hash_of(ANN))
    assert (stone.by, bool(stone.ended)) == ("eve@staff.example", True)
    assert stone.counts == {"conversations": 1, "shared": 0, "mails": 1}
    assert ANN not in repr(stone)


@pytest.mark.parametrize("address", ["support@desk.example", "eve@staff.example", "ann", ""])
def test_the_desk_its_agents_and_what_is_no_address_are_refused(address: str) -> None:
    with pytest.raises(Refused):
        _found(MemoryDesk(), address)


class EndOfProcess(Exception):
    pass


STEPS = [
    ("objects", "remove", 0), ("objects", "remove", 1), ("objects", "remove", 2), ("holders", "let_go", 0),
    ("sends", "forget", 0), ("ledger", "forget", 0), ("ledger", "forget", 1), ("conversations", "lead", 0),
    ("conversations", "amend", 0), ("conversations", "change", 0), ("conversations", "forget", 0),
    ("addresses", "forget", 0), ("erasures", "bury", 1),
]  # fmt: skip


@pytest.mark.parametrize(("port", "step", "calls"), STEPS)
def test_an_erasure_that_was_cut_off_is_ended_by_a_repeat(
    port: str, step: str, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = MemoryDesk()
    desk.reply(_came(desk, _with_files(ANN, "m1@example.com", b"hers"), "mail-1"))
    _came(desk, mail(sender=BOB, message_id="b@example.com", extra=f"Cc: {ANN}\r\n"), "mail-b", BOB)
    _came(desk, mail(message_id="m2@example.com", extra="References: <b@example.com>\r\n"), "mail-2")
    store = type(getattr(desk, port))
    done, left = getattr(store, step), iter(range(calls))

    def ends(*args: object) -> object:
        if next(left, None) is None:
            raise EndOfProcess
        return done(*args)

    found = _found(desk)
    with monkeypatch.context() as patched:
        patched.setattr(store, step, ends)
        with pytest.raises(EndOfProcess):
            _erasure(desk).erase(found)
    _erasure(desk).erase(_found(desk))
    assert not any(key.startswith(("raw/mail-1", "raw/mail-2", "attachments/")) for key in desk.objects.bodies)
    del desk.objects.bodies["raw/mail-b"], desk.objects.bodies["parsed/mail-b.json"]  # Bob's own words name her
    assert ANN not in _everything(desk)
