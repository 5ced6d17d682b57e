"""Sending: a mail is taken, put into the outbox, and told of shortly after."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import monotonic

from local.ses.account import Account, ConfigurationSet, Identity, Template
from local.ses.feedback import fates
from local.ses.feedback.fates import Fate, Fated
from local.ses.feedback.reporter import Reporter
from local.ses.journal import Journal
from local.ses.mail import Outgoing, Place, Sent
from local.ses.refused import Refused
from local.ses.sending import compose, filling, outgoing
from local.ses.sending.compose import Simple
from local.ses.sending.handlebars import Unrendered
from local.ses.sending.outgoing import Stamp
from local.ses.sending.sevenbit import sevenbit
from local.ses.sending.signing import AmazonKey, signed, signer
from local.ses.sending.zone import bounce_domain
from local.ses.values import Json, SentIds, iso, message_id_domain, now
from local.ses.verdicts import asked

_MAX_NAMED = 10  # "If Amazon SES is not able to show all of the failed identities, the message ends with an ellipsis"


@dataclass(slots=True, kw_only=True)
class Sender:
    account: Account
    journal: Journal
    place: Place
    ids: SentIds
    reporter: Reporter
    amazon: AmazonKey

    async def send(self, mail: Outgoing) -> str:
        """Takes a mail and gives its id; raises Refused. Its events follow by themselves."""
        mail = self._configured(await asyncio.to_thread(outgoing.checked, mail))
        self._admit(mail, outgoing.senders(mail))
        sent = self._taken(mail)
        fated = self._fates(mail)
        await asyncio.to_thread(self._keep, sent, fated)
        self.reporter.sent(sent, fated)
        return sent.sent_id

    async def send_filled(self, envelope: Outgoing, template: Template, data: Mapping[str, Json], parts: Simple) -> str:
        """Fills a template in and sends it. One that can't be filled in is taken all the same, and told of later:
        "Amazon SES accepts the request, and the email fails with a Rendering Failure".
        """
        try:
            filled = await asyncio.to_thread(filling.filled, template, data, parts)
        except Unrendered as error:
            outgoing.check_envelope(envelope)
            mail = self._configured(envelope)
            self._admit(mail, [mail.source])
            sent = self._taken(mail)
            self.reporter.rendering_failed(sent, template.name, str(error))
            return sent.sent_id
        return await self.send(replace(envelope, raw=await asyncio.to_thread(compose.composed, filled)))

    def _configured(self, mail: Outgoing) -> Outgoing:
        """The mail through its own configuration set, or the default one of its identity."""
        if mail.configuration_set is not None:
            return mail
        defaults = (one.configuration_set for one in self.account.identities.of(mail.source))
        return replace(mail, configuration_set=next((name for name in defaults if name is not None), None))

    def _admit(self, mail: Outgoing, senders: list[str]) -> None:
        """Whether the account may send this now; raises Refused. What is refused takes nothing of the quota."""
        through = self._through(mail)
        if self.account.limits.enforcement == "SHUTDOWN":
            raise Refused("AccountSuspendedException", "Sending for this account is shut down.")
        if not self.account.sending_enabled:
            raise Refused("AccountSendingPausedException", "Email sending is disabled for your account.")
        if through is not None and not through.sending_enabled:
            text = f"Email sending is disabled for the configuration set <{through.name}>."
            raise Refused("ConfigurationSetSendingPausedException", text)
        self._check_identities(mail, senders)
        self.reporter.refuse(mail.destination)
        self.account.quota.take(len(mail.destination), monotonic())

    def _through(self, mail: Outgoing) -> ConfigurationSet | None:
        return None if mail.configuration_set is None else self.account.configuration_set(mail.configuration_set)

    def _check_identities(self, mail: Outgoing, senders: list[str]) -> None:
        failed = [one for one in senders if not self.account.verified(one)]
        failed += [one for one in mail.destination if not self.account.may_receive(one)]
        if failed:
            names = ", ".join(dict.fromkeys(failed[:_MAX_NAMED])) + ("..." if len(failed) > _MAX_NAMED else "")
            text = f"The following identities failed the check in region {self.place.region.upper()}: {names}"
            raise Refused("MessageRejected", f"Email address is not verified. {text}")
        own = self._mail_from(mail)
        if own is not None and not own.mail_from_verified and own.on_mx_failure == "REJECT_MESSAGE":
            text = f"The MAIL FROM domain {own.mail_from_domain} of {own.name} is not verified."
            raise Refused("MailFromDomainNotVerifiedException", text)

    def _mail_from(self, mail: Outgoing) -> Identity | None:
        """The nearest identity with a MAIL FROM domain of its own."""
        return next((one for one in self.account.identities.of(mail.source) if one.mail_from_domain), None)

    def _taken(self, mail: Outgoing) -> Sent:
        moment = now()
        return Sent(sent_id=self.ids.next(moment), sent_at=moment, outgoing=mail)

    def _fates(self, mail: Outgoing) -> Fated:
        if asked.has_virus(mail.raw):
            return [(one, Fate.REJECTED) for one in mail.destination]
        through = self._through(mail)
        return fates.together(
            (one, Fate.SUPPRESSED if self.account.suppresses(one, through) else fates.fate(one))
            for one in mail.destination
        )

    def _keep(self, sent: Sent, fated: Fated) -> None:
        """Writes the mail to the outbox unless it is held back from every recipient."""
        if all(fate in fates.HELD_BACK for _, fate in fated):
            return
        mail, raw = sent.outgoing, self._final(sent)
        envelope: dict[str, Json] = {
            "id": sent.sent_id,
            "timestamp": iso(sent.sent_at),
            "source": mail.source,
            "destination": list(mail.destination),
            "fates": {address: fate.value for address, fate in fated},
            "tags": [{"Name": name, "Value": value} for name, value in mail.tags],
            "configuration_set": mail.configuration_set,
            "bytes": len(raw),
        }
        self.journal.sent(sent.sent_id, raw, envelope)

    def _final(self, sent: Sent) -> bytes:
        """The mail as its recipients get it: SES's fields, 7-bit, tracked where that is wanted, signed at the end."""
        mail, region = sent.outgoing, self.place.region
        own = self._mail_from(mail)
        domain = own.mail_from_domain if own is not None and own.mail_from_verified else bounce_domain(region)
        stamp = Stamp(
            sent_id=sent.sent_id,
            message_domain=message_id_domain(region),
            bounce_domain=None if mail.null_return_path else domain,
            region=region,
            moment=sent.sent_at,
        )
        raw = self.reporter.marked(sent, sevenbit(outgoing.as_sent(mail.raw, stamp)))
        return signed(raw, signer(self.account.identities.of(mail.source)), self.amazon, sent.sent_at)
