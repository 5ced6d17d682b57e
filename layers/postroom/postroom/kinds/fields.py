"""What machines are known by: the header fields that only they write, and the names that they write under."""

# Delivery agents by their local part, letters and digits only.
DAEMONS = ("mailerdaemon", "maildaemon", "mdaemon", "maildeliverysystem", "maildeliverysubsystem", "mailsystem")
DAEMON_NAMES = (" mail delivery system ", " mail delivery subsystem ", " mail deliver system ", " mailer daemon ")
POSTMASTERS = ("postmaster", "systemadministrator", "microsoftexchange", "mailadmin", "mailadm")
POSTMASTER_NAMES = (" postmaster ", " system administrator ", " mail administrator ", " delivery subsystem ")

ROBOTS = (
    "noreply", "noreplies", "donotreply", "dontreply", "nepasrepondre", "nichtantworten", "keineantwort", "noresponder",
    "norispondere", "naoresponda", "nicaseantworten", "notification", "mailnotification", "autonotify", "autoconfirm",
    "mailrobot", "cronjob", "crondaemon",
)  # fmt: skip
ROBOT_LOCALS = frozenset({
    "alert", "alerts", "bounce", "bounces", "notify", "notifier", "nagios", "zabbix", "cron", "root", "robot",
    "mailbot", "newsletter", "newsletters", "mailings", "mailing", "automailer", "automated", "autoresponder",
    "autoreply", "daemon", "nobody", "wwwdata", "apache", "monitoring", "logwatch", "majordomo", "listserv", "mailman",
})  # fmt: skip

AUTO_REPLY = (
    "x-autoreply", "x-auto-reply", "x-autorespond", "x-autoresponder", "x-autoreply-from",
    "x-auto-reply-from", "x-mail-autoreply", "x-autoresponse", "auto-reply",
)  # fmt: skip
VACATION = ("x-vacation", "x-ooo", "x-out-of-office", "x-apple-action", "x-apple-criteria")
CHALLENGE = ("x-boxtrapper", "x-spamarrest-noauth", "x-tmda-confirm", "x-asks-confirm", "x-mailinblack")
LIST = (
    "x-mailing-list", "mailing-list", "x-listname", "x-listserver", "x-mailman-version", "x-list",
    "list-subscribe", "list-owner", "x-egroups-return", "list-archive", "x-beenthere", "list-software",
    "x-list-id", "x-mlserver", "x-ml-name",
)  # fmt: skip
CAMPAIGN = (
    "x-campaign", "x-campaign-id", "x-campaignid", "x-mailchimp-id", "x-mc-user", "x-mailer-lid",
    "x-csa-complaints", "x-mailing-id", "x-bulkmail", "x-cmail-id", "x-newsletter",
    "list-unsubscribe-post",
)  # fmt: skip
MACHINE = (
    "x-cron-env", "x-github-reason", "x-github-sender", "x-gitlab-project",
    "x-jira-fingerprint", "x-bugzilla-reason", "x-bugzilla-type", "x-redmine-project", "x-jenkins-job",
    "x-sentry-project", "x-zabbix-event", "x-nagios-notification",
)  # fmt: skip
LOOP = ("x-rt-loop-prevention", "x-otrs-loop", "x-zammad-loop", "x-loop-ticket")  # ticket systems, agents' answers too
TLS_REPORT = ("tls-report-domain", "tls-report-submitter")  # RFC 8460 section 5.3
