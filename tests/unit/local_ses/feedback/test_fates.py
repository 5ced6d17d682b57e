"""Which address does what, and what it costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.account import SIMULATOR
from local.ses.feedback import fates
from local.ses.feedback.fates import AT_INVALID, Fate, fate
from local.ses.feedback.refusals import REMEMBERED, Refusals
from local.ses.feedback.steps import Bounced, Complained, Delayed
from local.ses.refused import Refused

# "Bounce types" (SES developer guide), and the subtypes of API model and events since.
BOUNCES = {
    "general": "Permanent", "noemail": "Permanent", "suppressed": "Permanent", "onaccountsuppressionlist": "Permanent",
    "ontenantsuppressionlist": "Permanent", "unsubscribedrecipient": "Permanent",
    "emailvalidationsuppressed": "Permanent", "mailboxfull": "Transient", "messagetoolarge": "Transient",
    "contentrejected": "Transient", "attachmentrejected": "Transient", "customtimeoutexceeded": "Transient",
    "undetermined": "Undetermined",
}  # fmt: skip
DELAYS = (
    "InternalFailure", "General", "MailboxFull", "SpamDetected", "RecipientServerError", "IPFailure",
    "TransientCommunicationFailure", "BYOIPHostNameLookupUnavailable", "Undetermined", "SendingDeferral",
)  # fmt: skip
COMPLAINTS = ("abuse", "auth-failure", "fraud", "not-spam", "other", "virus")


@pytest.mark.parametrize(("subtype", "bounce_type"), BOUNCES.items())
def test_every_subtype_of_a_bounce_has_its_address(subtype: str, bounce_type: str) -> None:
    (step,) = fate(f"bounce.{subtype}@nowhere.invalid").steps
    assert isinstance(step, Bounced)
    assert (step.bounce_type, step.subtype.lower()) == (bounce_type, subtype)


@pytest.mark.parametrize("delay_type", DELAYS)
def test_every_type_of_delay_has_its_address(delay_type: str) -> None:
    step = fate(f"delay.{delay_type}@nowhere.invalid").steps[0]
    assert isinstance(step, Delayed)
    assert step.delay_type == delay_type


@pytest.mark.parametrize("feedback_type", COMPLAINTS)
def test_every_type_of_complaint_has_its_address(feedback_type: str) -> None:
    step = fate(f"complaint.{feedback_type}@nowhere.invalid").steps[-1]
    assert isinstance(step, Complained)
    assert step.feedback_type == feedback_type


def test_a_status_and_its_diagnostic_agree() -> None:
    for one in Fate:
        for step in one.steps:
            if isinstance(step, Bounced | Delayed) and (step.diagnostic or "").startswith("smtp;"):
                assert f" {step.status} " in (step.diagnostic or ""), one


@given(st.sampled_from(sorted(AT_INVALID)), st.text("abc", max_size=5), st.booleans())
def test_labels_and_case_change_nothing(name: str, label: str, upper: bool) -> None:
    address = f"{name}+{label}@some.invalid"
    assert fate(address.upper() if upper else address) is AT_INVALID[name]


@given(st.emails().filter(lambda one: not one.lower().endswith((".invalid", SIMULATOR))))
def test_all_other_mail_is_delivered(address: str) -> None:
    assert fate(address) is Fate.DELIVERED


@given(st.text("abcdefgh.", min_size=1).filter(lambda one: one not in AT_INVALID))
def test_a_misspelt_name_bounces_as_nobody_does(name: str) -> None:
    assert fate(f"{name}@nowhere.invalid") is Fate.BOUNCED
    assert fate(f"{name}@{SIMULATOR}") is Fate.BOUNCED


@pytest.mark.parametrize("name", ["slow", "delay", "throttle", "bounce.mailboxfull"])
def test_the_simulator_knows_its_own_names_only(name: str) -> None:
    assert fate(f"{name}@{SIMULATOR}") is Fate.BOUNCED


def test_no_name_of_the_table_holds_at_a_real_domain() -> None:
    assert {fate(f"{name}@example.org") for name in AT_INVALID} == {Fate.DELIVERED}


def test_one_recipient_of_reject_rejects_the_mail() -> None:
    both = [("ann@example.org", Fate.DELIVERED), ("reject@a.invalid", Fate.REJECTED)]
    assert fates.together(both) == [("ann@example.org", Fate.REJECTED), ("reject@a.invalid", Fate.REJECTED)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bounce", "BOUNCE"),
        ("bounce.general", "BOUNCE"),
        ("bounce.noemail", "BOUNCE"),
        ("bounce.suppressed", None),
        ("bounce.mailboxfull", None),
        ("bounce.undetermined", None),
        ("ooto", None),
        ("complaint", "COMPLAINT"),
        ("complaint.not-spam", None),
        ("delay", None),
    ],
)
def test_hard_bounces_and_complaints_put_an_address_on_the_list(name: str, reason: str | None) -> None:
    reasons = [fates.reason(step) for step in fate(f"{name}@nowhere.invalid").steps]
    assert next((one for one in reasons if one is not None), None) == reason


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [("throttle", "Throttling", 400), ("error500", "InternalFailure", 500)],
)
def test_a_call_for_them_always_fails(name: str, code: str, status: int) -> None:
    refusals = Refusals()
    for _ in range(3):
        with pytest.raises(Refused) as refused:
            refusals.check(["ann@example.org", f"{name}@nowhere.invalid"])
        assert (refused.value.code, refused.value.status) == (code, status)


def test_a_flaky_address_fails_every_other_time_and_is_not_remembered_for_ever() -> None:
    refusals = Refusals()
    outcomes = []
    for _ in range(4):
        try:
            refusals.check(["Flaky@nowhere.invalid"])
            outcomes.append("taken")
        except Refused as error:
            outcomes.append(error.code)
    assert outcomes == ["InternalFailure", "taken"] * 2
    for number in range(REMEMBERED + 5):
        with pytest.raises(Refused):
            refusals.check([f"flaky+{number}@nowhere.invalid"])
    assert len(refusals._failed) == REMEMBERED
