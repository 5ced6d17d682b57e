"""Identities: addresses and domains that may send, of both APIs."""

from bench.ses_peers.probe import Group, refused, same
from bench.ses_peers.target import Target, fresh

_GROUP = Group("identities")
GROUPS = (_GROUP,)
probe = _GROUP.probe


def _domain() -> str:
    return f"{fresh('d')}.example.net"


@probe("v2 CreateEmailIdentity of a domain gives three DKIM tokens")
def _(t: Target) -> None:
    made = t.v2.create_email_identity(EmailIdentity=_domain())
    same(made["IdentityType"], "DOMAIN", "IdentityType")
    same(len(made["DkimAttributes"]["Tokens"]), 3, "tokens")


@probe("v2 GetEmailIdentity")
def _(t: Target) -> None:
    domain = _domain()
    t.v2.create_email_identity(EmailIdentity=domain)
    found = t.v2.get_email_identity(EmailIdentity=domain)
    assert "VerifiedForSendingStatus" in found, "no VerifiedForSendingStatus"
    assert "DkimAttributes" in found, "no DkimAttributes"
    assert "MailFromAttributes" in found, "no MailFromAttributes"


@probe("v2 ListEmailIdentities")
def _(t: Target) -> None:
    domain = _domain()
    t.v2.create_email_identity(EmailIdentity=domain)
    assert domain in [one["IdentityName"] for one in t.v2.list_email_identities(PageSize=1000)["EmailIdentities"]]


@probe("v2 DeleteEmailIdentity")
def _(t: Target) -> None:
    domain = _domain()
    t.v2.create_email_identity(EmailIdentity=domain)
    t.v2.delete_email_identity(EmailIdentity=domain)
    refused(lambda: t.v2.get_email_identity(EmailIdentity=domain), "NotFoundException")


@probe("v2 PutEmailIdentity… Dkim, MailFrom, Feedback attributes")
def _(t: Target) -> None:
    domain = _domain()
    t.v2.create_email_identity(EmailIdentity=domain)
    t.v2.put_email_identity_dkim_attributes(EmailIdentity=domain, SigningEnabled=False)
    t.v2.put_email_identity_mail_from_attributes(EmailIdentity=domain, MailFromDomain=f"mail.{domain}")
    t.v2.put_email_identity_feedback_attributes(EmailIdentity=domain, EmailForwardingEnabled=False)
    found = t.v2.get_email_identity(EmailIdentity=domain)
    same(found["DkimAttributes"]["SigningEnabled"], False, "SigningEnabled")
    same(found["MailFromAttributes"]["MailFromDomain"], f"mail.{domain}", "MailFromDomain")


@probe("v1 VerifyEmailIdentity, VerifyDomainIdentity, ListIdentities")
def _(t: Target) -> None:
    domain = _domain()
    assert t.v1.verify_domain_identity(Domain=domain)["VerificationToken"], "no token"
    t.v1.verify_email_identity(EmailAddress=f"a@{domain}")
    listed = t.v1.list_identities(MaxItems=1000)["Identities"]
    assert {domain, f"a@{domain}"} <= set(listed), "not listed"


@probe("v1 GetIdentityVerificationAttributes")
def _(t: Target) -> None:
    domain = _domain()
    t.v1.verify_domain_identity(Domain=domain)
    found = t.v1.get_identity_verification_attributes(Identities=[domain])["VerificationAttributes"]
    # On AWS it is Pending until the records are in the DNS.
    assert found[domain]["VerificationStatus"] in ("Pending", "Success"), "another VerificationStatus"


@probe("v1 DeleteIdentity")
def _(t: Target) -> None:
    domain = _domain()
    t.v1.verify_domain_identity(Domain=domain)
    t.v1.delete_identity(Identity=domain)
    assert domain not in t.v1.list_identities(MaxItems=1000)["Identities"], "it is listed still"


@probe("v1 VerifyDomainDkim, GetIdentityDkimAttributes")
def _(t: Target) -> None:
    domain = _domain()
    same(len(t.v1.verify_domain_dkim(Domain=domain)["DkimTokens"]), 3, "tokens")
    found = t.v1.get_identity_dkim_attributes(Identities=[domain])["DkimAttributes"]
    assert "DkimEnabled" in found[domain]


@probe("v1 SetIdentityMailFromDomain, GetIdentityMailFromDomainAttributes")
def _(t: Target) -> None:
    domain = _domain()
    t.v1.verify_domain_identity(Domain=domain)
    t.v1.set_identity_mail_from_domain(Identity=domain, MailFromDomain=f"mail.{domain}")
    found = t.v1.get_identity_mail_from_domain_attributes(Identities=[domain])["MailFromDomainAttributes"]
    same(found[domain]["MailFromDomain"], f"mail.{domain}", "MailFromDomain")


@probe("An identity of one API is the other's, too")
def _(t: Target) -> None:
    one, other = _domain(), _domain()
    t.v1.verify_domain_identity(Domain=one)
    t.v2.create_email_identity(EmailIdentity=other)
    same(t.v2.get_email_identity(EmailIdentity=one)["IdentityType"], "DOMAIN", "v1's in v2")
    assert other in t.v1.list_identities(MaxItems=1000)["Identities"], "v2's is not in v1"
