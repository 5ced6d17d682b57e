"""Identities by both APIs: verified at once, with keys, and what of them is in DNS."""

import base64
import json

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.unit.local_ses.conftest import EVENTS, Running


def test_a_domain_gets_three_tokens_which_the_zone_has(ses: Running) -> None:
    made = ses.v2.create_email_identity(EmailIdentity="Example.com", Tags=[{"Key": "a", "Value": "b"}])
    tokens = made["DkimAttributes"]["Tokens"]
    assert (made["IdentityType"], made["VerifiedForSendingStatus"], len(tokens)) == ("DOMAIN", True, 3)
    zone = (ses.state / "dns" / "ses.zone").read_text()
    for token in tokens:
        target = f"{token}.{made['DkimAttributes']['SigningHostedZone']}"
        assert f"{token}._domainkey.example.com. IN CNAME {target}.\n" in zone
        assert f'{target}. IN TXT "v=DKIM1; k=rsa; p=' in zone
    got = ses.v2.get_email_identity(EmailIdentity="example.com")
    assert got["DkimAttributes"] == made["DkimAttributes"]
    assert (got["VerificationStatus"], got["Tags"]) == ("SUCCESS", [{"Key": "a", "Value": "b"}])
    assert got["DkimAttributes"]["CurrentSigningKeyLength"] == "RSA_2048_BIT"


def test_an_address_has_no_key(ses: Running) -> None:
    made = ses.v2.create_email_identity(EmailIdentity="desk@example.com")
    assert made["IdentityType"] == "EMAIL_ADDRESS"
    assert made["DkimAttributes"] == {"SigningEnabled": False, "Status": "NOT_STARTED"}


def test_identities_are_listed_and_forgotten(ses: Running) -> None:
    for name in ("b.example", "a.example", "c.example"):
        ses.v2.create_email_identity(EmailIdentity=name)
    first = ses.v2.list_email_identities(PageSize=2)
    second = ses.v2.list_email_identities(PageSize=2, NextToken=first["NextToken"])
    listed = [*first["EmailIdentities"], *second["EmailIdentities"]]
    assert [one["IdentityName"] for one in listed] == ["a.example", "b.example", "c.example"]
    ses.v2.delete_email_identity(EmailIdentity="b.example")
    assert "b.example" not in (ses.state / "dns" / "ses.zone").read_text()
    with pytest.raises(ses.v2.exceptions.NotFoundException):
        ses.v2.delete_email_identity(EmailIdentity="b.example")
    with pytest.raises(ses.v2.exceptions.AlreadyExistsException):
        ses.v2.create_email_identity(EmailIdentity="a.example")


@pytest.mark.parametrize("name", ["nonsense", "@example.com", "a b.example", 'x" IN TXT "y.example', "a\n.example"])
def test_what_is_no_address_and_no_domain_is_refused(ses: Running, name: str) -> None:
    with pytest.raises(ses.v2.exceptions.BadRequestException):
        ses.v2.create_email_identity(EmailIdentity=name)


def test_a_domain_that_exists_nowhere_stays_pending_and_can_not_send(ses: Running) -> None:
    made = ses.v2.create_email_identity(EmailIdentity="example.invalid")
    assert made["VerifiedForSendingStatus"] is False
    assert ses.v2.get_email_identity(EmailIdentity="example.invalid")["VerificationStatus"] == "PENDING"
    with pytest.raises(ses.v2.exceptions.MessageRejected, match="not verified"):
        ses.v2.send_email(
            Content={"Raw": {"Data": b"From: a@example.invalid\r\n\r\n"}},
            Destination={"ToAddresses": ["a@example.org"]},
        )


def test_every_address_that_sends_must_be_verified(ses: Running) -> None:
    ses.v2.create_email_identity(EmailIdentity="example.com")
    raw = b"From: a@example.com\r\nSender: b@example.net\r\nReturn-Path: <c@example.org>\r\n\r\nx"
    with pytest.raises(ses.v2.exceptions.MessageRejected, match=r"US-EAST-1: b@example\.net, c@example\.org$"):
        ses.v2.send_email(Content={"Raw": {"Data": raw}}, Destination={"ToAddresses": ["a@example.org"]})


def test_the_signing_key_can_be_changed(ses: Running) -> None:
    before = ses.v2.create_email_identity(EmailIdentity="example.com")["DkimAttributes"]["Tokens"]
    changed = ses.v2.put_email_identity_dkim_signing_attributes(
        EmailIdentity="example.com",
        SigningAttributesOrigin="AWS_SES",
        SigningAttributes={"NextSigningKeyLength": "RSA_1024_BIT"},
    )
    assert changed["DkimStatus"] == "SUCCESS"
    assert set(changed["DkimTokens"]).isdisjoint(before)
    record = (ses.state / "dns" / "ses.zone").read_text().partition(f"{changed['DkimTokens'][0]}.dkim")[2]
    public = record.partition("p=")[2].partition("\n")[0].replace('" "', "").strip('"')
    assert load_der_public_key(base64.b64decode(public)).key_size == 1024  # type: ignore[union-attr] # an RSA key has it


@pytest.mark.parametrize("private", ["%%%", "bm8gcHJpdmF0ZSBrZXk="])
def test_a_key_that_is_none_is_refused(ses: Running, private: str) -> None:
    with pytest.raises(ses.v2.exceptions.BadRequestException, match="is not the base64 of an RSA key"):
        ses.v2.create_email_identity(
            EmailIdentity="example.com",
            DkimSigningAttributes={"DomainSigningSelector": "s", "DomainSigningPrivateKey": private},
        )


def test_settings_of_an_identity_are_kept(ses: Running) -> None:
    ses.v2.create_configuration_set(ConfigurationSetName="desk")
    ses.v2.create_email_identity(EmailIdentity="example.com")
    ses.v2.put_email_identity_feedback_attributes(EmailIdentity="example.com", EmailForwardingEnabled=False)
    ses.v2.put_email_identity_configuration_set_attributes(EmailIdentity="example.com", ConfigurationSetName="desk")
    ses.v2.put_email_identity_mail_from_attributes(
        EmailIdentity="example.com", MailFromDomain="bounce.example.com", BehaviorOnMxFailure="REJECT_MESSAGE"
    )
    got = ses.v2.get_email_identity(EmailIdentity="example.com")
    assert (got["FeedbackForwardingStatus"], got["ConfigurationSetName"]) == (False, "desk")
    assert got["MailFromAttributes"] == {
        "MailFromDomain": "bounce.example.com",
        "MailFromDomainStatus": "SUCCESS",
        "BehaviorOnMxFailure": "REJECT_MESSAGE",
    }
    with pytest.raises(ses.v2.exceptions.NotFoundException):
        ses.v2.put_email_identity_configuration_set_attributes(EmailIdentity="example.com", ConfigurationSetName="no")


@pytest.mark.parametrize("domain", ["bounce.example.net", "example.com", 'x" y.example.com'])
def test_a_mail_from_domain_is_below_its_identity(ses: Running, domain: str) -> None:
    ses.v2.create_email_identity(EmailIdentity="example.com")
    with pytest.raises(ses.v2.exceptions.BadRequestException, match="is not subdomain"):
        ses.v2.put_email_identity_mail_from_attributes(EmailIdentity="example.com", MailFromDomain=domain)


def test_the_first_api_sees_and_makes_the_same(ses: Running) -> None:
    ses.v1.verify_email_identity(EmailAddress="desk@example.com")
    token = ses.v1.verify_domain_identity(Domain="example.org")["VerificationToken"]
    tokens = ses.v1.verify_domain_dkim(Domain="example.org")["DkimTokens"]
    assert ses.v2.get_email_identity(EmailIdentity="example.org")["DkimAttributes"]["Tokens"] == tokens
    assert ses.v1.list_identities()["Identities"] == ["desk@example.com", "example.org"]
    assert ses.v1.list_identities(IdentityType="Domain")["Identities"] == ["example.org"]
    asked = ["desk@example.com", "example.org", "missing.example"]
    assert ses.v1.get_identity_verification_attributes(Identities=asked)["VerificationAttributes"] == {
        "desk@example.com": {"VerificationStatus": "Success"},
        "example.org": {"VerificationStatus": "Success", "VerificationToken": token},
    }
    ses.v1.set_identity_mail_from_domain(Identity="example.org", MailFromDomain="b.example.org")
    mail_from = ses.v1.get_identity_mail_from_domain_attributes(Identities=asked)["MailFromDomainAttributes"]
    assert mail_from["example.org"]["BehaviorOnMXFailure"] == "UseDefaultValue"
    ses.v1.set_identity_dkim_enabled(Identity="example.org", DkimEnabled=False)
    signing = ses.v1.get_identity_dkim_attributes(Identities=asked)["DkimAttributes"]
    assert (signing["example.org"]["DkimEnabled"], signing["example.org"]["DkimTokens"]) == (False, tokens)
    ses.v1.delete_identity(Identity="example.org")
    ses.v1.delete_identity(Identity="example.org")
    assert ses.v1.list_identities()["Identities"] == ["desk@example.com"]


def test_an_identity_hears_of_its_bounces_by_its_own_topic(ses: Running) -> None:
    ses.v1.verify_domain_identity(Domain="example.com")
    with pytest.raises(ClientError, match="no SNS topic for Bounce"):
        ses.v1.set_identity_headers_in_notifications_enabled(
            Identity="example.com", NotificationType="Bounce", Enabled=True
        )
    ses.v1.set_identity_notification_topic(Identity="example.com", NotificationType="Bounce", SnsTopic=EVENTS)
    ses.v1.set_identity_headers_in_notifications_enabled(
        Identity="example.com", NotificationType="Bounce", Enabled=True
    )
    raw = b"From: desk@example.com\r\nTo: bounce@nowhere.invalid\r\nSubject: hello\r\n\r\nx\r\n"
    ses.v1.send_raw_email(RawMessage={"Data": raw})
    bounce = json.loads(ses.cloud.messages(EVENTS, 2)[1])  # the first says that the topic works
    assert (bounce["notificationType"], bounce["mail"]["commonHeaders"]["subject"]) == ("Bounce", "hello")
    told = ses.v1.get_identity_notification_attributes(Identities=["example.com", "unknown.example"])
    (attributes,) = told["NotificationAttributes"].values()
    assert (attributes["BounceTopic"], attributes["HeadersInBounceNotificationsEnabled"]) == (EVENTS, True)
    assert attributes["ForwardingEnabled"] is True


def test_forwarding_is_turned_off_only_where_both_topics_are_there_and_both_apis_see_it(ses: Running) -> None:
    ses.v1.verify_domain_identity(Domain="example.com")
    with pytest.raises(ClientError, match="SNS topics for both"):
        ses.v1.set_identity_feedback_forwarding_enabled(Identity="example.com", ForwardingEnabled=False)
    for kind in ("Bounce", "Complaint"):
        ses.v1.set_identity_notification_topic(Identity="example.com", NotificationType=kind, SnsTopic=EVENTS)
    ses.v1.set_identity_feedback_forwarding_enabled(Identity="example.com", ForwardingEnabled=False)
    assert ses.v2.get_email_identity(EmailIdentity="example.com")["FeedbackForwardingStatus"] is False
