"""What servers say when they don't deliver, as patterns -> reason. Tried in this order: the first that matches wins.

Each line is one wording, matched anywhere in the answer as `postroom.feedback.phrases.plain` gives it. A wildcard is
always bounded (`.{0,40}`), so the time is linear in the answer, which itself is cut. The order matters where wordings
overlap: what speaks of the sender comes before what speaks of the recipient ("sender address rejected: user unknown").
"""

from postroom.feedback.report import BounceReason

#: A line that ends in a backslash goes on in the next one.
ANSWERS: tuple[tuple[BounceReason, str], ...] = (
    (
        BounceReason.SUPPRESSED,
        r"""
        \bsuppression list\b
        \bsuppressed (?:recipient|address|sending)
        """,
    ),
    (
        # How much was sent, whatever it was that was sent too much of: "an unusual rate of unsolicited mail".
        BounceReason.RATE_LIMITED,
        r"""
        \bgr[ae]y[ -]?list
        \brate[ -]?limit
        \b(?:frequency|rate) (?:is )?(?:limited|limit|exceeded)
        \bthrottl
        \bunusual (?:rate|amount|volume)
        \b(?:hourly|daily|hour|day) (?:\w{1,10} )?(?:limit|quota)
        \btoo (?:many|much) (?:spams?|connections?|messages?|mails?|e-?mails?|recipients?|sessions?|concurrent|\
            requests?|smtp|simultaneous|errors|rcpts?|traffic|sent)\b
        \bdeferred .{0,40}(?:user complaints|volume)
        """,
    ),
    (
        # The name of the domain may exist for all we know: nobody could be asked.
        BounceReason.NETWORK_OR_TIMEOUT,
        r"""
        \bnot found, try again
        \bname lookup failure
        """,
    ),
    (
        BounceReason.AUTHENTICATION,
        r"""
        \bd(?:omain)?marc\b
        \bdmarc
        \bdkim\b
        \bspf\b
        \barc (?:validation|seal|check)
        \bsender policy framework
        \bunauthenticated (?:e-?mail|mail|sender)
        \bauthentication (?:is )?(?:required|failed|failure|credentials)
        \bauthrequired\b
        \bsmtp[ -]auth(?:entication)?\b
        \bplease authenticate
        \bmust (?:issue a starttls|authenticate)
        \bencryption (?:is )?(?:required|needed)
        \b(?:start)?tls\b.{0,40}\b(?:required|needed|failed|failure|handshake|\
            not (?:available|offered|supported|trusted))
        \bcertificate\b.{0,40}\b(?:(?:not |un)trusted|verif|invalid|expired)
        \bmta-sts\b
        \brequired authentication
        \b(?:anti-?)?spoof
        \bnot authenticated
        \bsender id\b
        """,
    ),
    (
        BounceReason.SPAM_OR_BLOCKED,
        r"""
        \b(?:black|block|deny)[ -]?list(?:ed|ing|s)?\b
        \brbl\b
        \bdnsbl\b
        \bspamhaus\b
        \bspamcop\b
        \buceprotect
        \b(?:surbl|uribl|pbl|xbl|sbl)\b
        \bbarracudacentral\b
        \bsorbs\b
        \bmail-abuse\.(?:org|com)
        \babuseat\.org
        /bl[?/]
        \bspam(?:\w{0,12})\b
        \bube\b
        \buce\b
        \bbulk e-?mail
        \bjunk\b
        \b(?:ip|host|address|server|domain)\b.{0,60}\bis listed (?:at|in|on|by)\b
        \b\d{1,3}(?:\.\d{1,3}){3}\]? is (?:black|block)?listed
        \bunsolicited\b
        \breputation\b
        \bsuspicio(?:us|n)\b
        \bdynamic (?:ip|address|host)
        \bgeneric (?:host|ptr|rdns|reverse)
        \b(?:banned|blocked) senders?\b
        \bintrusion\b
        \bscored?\b.{0,30}\b(?:too high|filter|threshold)
        <>:blocked\b
        \bptr (?:record|resource)
        \b(?:bad|no|missing|invalid) (?:dns )?ptr\b
        \breverse (?:dns|lookup|resolution|host)
        \brdns\b
        \bno reverse
        \bcannot find your (?:reverse )?hostname
        \b(?:client|sender|sending|your) (?:host|ip|server|mail server|ip address|network|\
            domain)\b.{0,60}\b(?:blocked|banned|denied|rejected|blacklist)
        \bblocked (?:using|by(?! (?:the )?recipient)|for abuse|due to(?! inactiv))\b
        \bbanned sending ip
        \bip (?:address )?.{0,40}\b(?:blocked|banned|is on a)
        \bblocked ip\b
        \bblocked - see
        \bhas been blocked\b.{0,80}\b(?:ip|abuse|reputation)
        \bfor abuse\b
        \bcloudmark\b
        \bsenderscore
        \bvirtual network .{0,30}blocked
        """,
    ),
    (
        BounceReason.RELAY_DENIED,
        r"""
        \brelay(?:ing)? (?:access |operation )?(?:denied|rejected|refused|\
            not (?:permitted|allowed)|is prohibited|prohibited|restrictions?)
        \b(?:unable|not (?:permitted|allowed|configured|authorized|willing)|cannot|can't|won't|refuse[sd]?|\
            denied) (?:to )?(?:be a )?relay
        \bwe do(?:n't| not) relay
        \brelaying (?:mail )?(?:to|for|from) .{0,80}(?:not|prohibited|denied)
        \bno relay(?:ing)?\b
        \bfor relay\b
        \bnot an? (?:open )?relay
        \bnot local\b.{0,30}\brelay
        \b(?:handle|accept) mail for (?:that|this) domain
        \brelay not permitted
        \bnot (?:in my list of allowed|in my) (?:rcpthosts|domains)
        \brcpthosts\b
        \bnot a gateway\b
        \bnot (?:a |one of )?(?:our )?(?:local|hosted) domain
        \bdomain (?:isn't|is not|not) (?:in my list|hosted|local|handled|served)
        """,
    ),
    (
        BounceReason.MAILBOX_FULL,
        r"""
        \b(?:mail ?box|inbox|mail ?drop|maildir|mail folder|account|user|recipient|storage|\
            message store)\b.{0,60}\b(?:is |are |has |have )?(?:too |already )?(?:full|over[ -]?(?:its |the |\
            their |his )?(?:maximum )?quota|out of (?:storage|space)|over the storage)
        \b(?:mail ?box|inbox)(?: is)? full
        \bfull mail ?box
        \bmail ?box\b.{0,20}\bexceeds? (?:the )?(?:allowed|maximum|permitted)
        \bover[ -]?quota
        \boverquota\b
        \bquota[ -]?(?:is |has been |was |would be )?(?:exceed|full|reached|violation|limit)
        \b(?:exceed(?:s|ed|ing)?|above|over)\b.{0,60}\b(?:quota|storage|mailbox (?:size|limit)|disk space)
        \bquotaexceeded
        \bquota\b.{0,30}\bexceed
        \bshutoffquotaexceeded
        \bmailbox ?(?:size )?limit
        \bstorage (?:limit|quota|space) (?:has been )?(?:exceeded|reached)
        \b(?:not enough|insufficient|no) (?:storage|mailbox|disk|mail)? ?(?:space|storage|\
            quota)\b.{0,40}\b(?:user|recipient|mailbox|account)
        \bout of (?:e?mail )?storage
        \bdisk quota
        \bcannot (?:append|write)\b.{0,60}\bfile too large
        """,
    ),
    (
        BounceReason.MAILBOX_INACTIVE,
        r"""
        \b(?:account|mail ?box|user|recipient|address|e-?mail account|e-?mail address)\b.{0,60}\b(?:is |\
            has been |was |temporarily |currently |been )?(?:disabled|inactive|suspended|deactivated|frozen|\
            locked|expired|discontinued|blocked|closed|terminated|not active|no longer active|dormant|on hold|\
            de-activated|unpaid)\b
        \b(?:disabled|inactive|suspended|deactivated|expired|blocked|locked|closed|frozen|dormant) (?:account|\
            mail ?box|user|recipient|e-?mail account|address)
        \bmailbox currently suspended
        \b(?:due to|for|after|because of) (?:\w{1,12} )?inactivity
        \barchived (?:recipient|mail ?box|account)
        \bdelivery to the following .{0,30}disabled
        \baccount that you tried to reach is (?:disabled|inactive|over)
        """,
    ),
    (
        BounceReason.TOO_LARGE,
        r"""
        \b(?:message|mail|e-?mail|letter|size|file|attachment|body|header)\b.{0,40}\b(?:is |was |\
            are )?too (?:large|big)\b
        \b(?:header|subject|body|message) (?:is )?too long
        \btoo (?:large|big) (?:a )?(?:message|mail|e-?mail|body)
        \b(?:message|mail|e-?mail|attachment|letter) (?:file )?(?:size|length)\b.{0,40}\b(?:exceed|limit|over|\
            larger|maximum)
        \bexceed(?:s|ed)?\b.{0,60}\b(?:message size|size limit|maximum (?:message )?size|\
            fixed (?:maximum )?(?:message )?size|length limit|max(?:imum)? (?:allowed )?(?:message|mail))
        \bsize limit (?:exceeded|for)
        \blarger than\b.{0,60}\b(?:limit|maximum|allowed|accepts?)
        \bmaximum (?:allowed )?(?:message )?size
        \bmax(?:imum)? message (?:size|length)
        \bmessage length exceeds
        """,
    ),
    (
        BounceReason.RATE_LIMITED,
        r"""
        \b(?:connection|message|sending|mail|delivery|recipient) (?:rate|frequency)\b
        \btoo (?:fast|frequent|often)\b
        \btoo quickly
        \bexceed(?:s|ed|ing)?\b.{0,60}\b(?:(?:number|rate|limit) of (?:recipients|messages|connections|\
            e-?mails)|hourly|daily|per (?:hour|day|minute)|sending (?:limit|quota)|recipients)
        \b(?:concurrent|simultaneous) (?:smtp )?connections
        \btry again (?:in|after) \d{1,5} (?:seconds|minutes)
        \breceiving mail (?:at a rate|too quickly)
        \bout of .{0,10}connections
        \bslow down\b
        \bexcessive (?:number|rate|connections|volume)
        \bexceeded (?:your|their|its|the) (?:\w{1,12} )?limits?\b
        \b(?:server|system|host) (?:is )?(?:currently |too )?busy
        \btoo busy\b
        \b(?:reached|limits? for)\b.{0,40}\b(?:limit|how many)
        \b(?:sending|send|receive|receiving|message|connection|\
            recipient)s? (?:\w{1,10} )?limit\b.{0,20}\b(?:exceed|reach)
        \blimit\b.{0,40}\bexceeded
        \bnot accepting network messages
        """,
    ),
    (
        BounceReason.CONTENT_REJECTED,
        r"""
        \bvirus(?:es)?\b
        \bmalware\b
        \binfected\b
        \btrojan\b
        \bphish
        \bcontent[ -]?(?:reject|filter|violation|den|not (?:allowed|accept)|policy|restrict|blocked)
        \b(?:message|mail|its|of the|due to|unacceptable|inappropriate|offensive) content\b
        \b(?:attachments?|file (?:type|extension|name)|attached file)\b.{0,60}\b(?:not (?:allowed|permitted|\
            accepted)|prohibited|forbidden|blocked|rejected|banned|restricted|denied|dangerous)
        \b(?:banned|forbidden|illegal|prohibited|blocked) (?:attachment|file|content|extension)
        \bmalformed\b.{0,40}\b(?:message|header|mime|mail|e-?mail)
        \b(?:invalid|bad|missing|illegal|malformed) (?:message )?header
        \bheader(?:s)? (?:is|are)? ?(?:missing|invalid|malformed)
        \bmissing (?:required )?(?:header|from|date|message-id|to)\b
        \bnot (?:rfc ?\d{3,4}|rfc) compliant
        \bdoes not (?:comply|conform) (?:with|to) (?:rfc|the)
        (?<![\w/])rfc ?(?:5322|2822|822)\b(?! ?;)
        \bbare (?:lf|cr|<lf>|<cr>|newline|linefeed)
        \bline (?:is |length )?(?:too long|limit|length)
        \bconversion (?:not|required|failed)
        \bnon-?ascii
        \b8[ -]?bit\b
        \bsmtputf8\b
        \b(?:multiple|duplicate|more than one)\b.{0,20}\b(?:headers?|from)\b
        \bheaders?\b.{0,20}\bsyntax
        \bheaders?, not \d
        \bexecutable
        \bdangerous\b
        \bpotential(?:ly)? (?:security|harmful|dangerous)
        """,
    ),
    (
        BounceReason.REJECTED_POLICY,
        r"""
        \b(?:domain of )?sender(?:'s)?(?: e-?mail)?(?: address| domain| id)?\b.{0,80}\b(?:rejected|does(?: not|\
            n't) (?:exist|resolve)|not (?:found|exist|allowed|accepted|verified|authorized|permitted|valid)|\
            invalid|denied|refused|unknown|must (?:exist|resolve)|verif(?:y|ication))
        \b(?:invalid|unknown|bad|illegal|unverified|unresolvable|unauthorized|unauthorised|rejected|\
            forged) (?:sender|from|return[ -]path|mail ?from)
        \b(?:no|any) mail from\b
        \bmail from\b.{0,60}\b(?:rejected|not (?:allowed|accepted)|denied|refused|does not)
        \bsender verif
        \bcall(?:back|out)\b
        \bsender (?:is )?not in\b
        \benvelope blocked
        \bpurported\b
        \b(?:country|region)\b.{0,20}\b(?:blocked|denied|rejected|not)
        \bvalid from\b
        \breturn[ -]path .{0,40}(?:reject|not|invalid)
        \bpolicy (?:reasons?|violation|rejection|restriction)
        \b(?:for|due to|by|violates?|local|security|company|administrative|site) (?:\w{1,20} )?polic(?:y|ies)\b
        \bpolicies\b
        \badministratively (?:denied|prohibited|rejected|blocked)
        \badministrative prohibition
        \bprotocol violation
        \bnot (?:authori[sz]ed|permitted|allowed) to send
        \bonly (?:accepts?|allowed|receive)\b.{0,60}\b(?:from|senders|members)
        \b(?:restricted|moderated|members only|closed) (?:list|group|recipient|address)
        \bnotauthorized
        \brestriction
        \bnot (?:a )?(?:list )?member
        \brecipient (?:has )?(?:rejected|refused)
        """,
    ),
    (
        BounceReason.DOMAIN_ERROR,
        r"""
        \bnull mx\b
        \bbad destination system address
        \bnullmx\b
        \bdoes(?: not|n't) accept (?:any )?(?:e-?)?mail\b(?! from)
        \b(?:accepts?|takes?) no (?:e-?)?mail\b(?! from)
        \bhost (?:or domain name )?not found
        \bhost (?:is )?unknown
        \bunknown (?:mail )?(?:host|domain)
        \bunrouteable (?:mail )?domain
        \bnxdomain\b
        \bnon-?existent (?:domain|host)
        \b(?:domain|host|hostname)(?: name)?\b.{0,60}\b(?:does(?: not|n't) exist|not found|is not (?:found|\
            valid|registered)|can(?:not|'t) be (?:found|resolved)|could(?: not|n't) be (?:found|resolved)|is invalid)
        \b(?:domain|host|hostname)(?: name)? (?:is )?unknown
        \bno such (?:domain|host)
        \b(?:invalid|illegal|bad|nonexistent) (?:domain|host)(?: name| part)?\b
        \b(?:can't|can ?not|could ?n[o']t|couldn't|unable to|failed to) (?:find|resolve|look ?up|\
            locate)\b.{0,40}\b(?:host|domain|mx|address record|mail server|exchanger)
        \bno (?:mx|mail exchanger|dns (?:information|records?|entry))\b
        \bmx\b.{0,20}\bnot found
        \bno mail (?:hosts|servers?|exchangers?) for
        \bdomain (?:doesn't|does not|isn't|has no|is not)\b
        """,
    ),
    (
        BounceReason.NO_SUCH_USER,
        r"""
        \b(?:user|recipient|mail ?box|account|address|addressee|e-?mail address|e-?mail account|local part|name|\
            alias|customer|subscriber|member)\b.{0,80}\b(?:unknown|does(?: not|n't) exist|do(?: not|n't) exist|\
            did(?: not|n't) exist|not (?:exist|found|known|recogni[sz]ed|listed|registered|valid|available here|\
            in our|our)|isn't (?:known|listed|valid|registered)|is(?: not|n't) (?:a )?(?:known|listed|valid|\
            registered|local|found|here|recogni[sz]ed|in (?:the|our))|no longer (?:on|exists?|valid|available|\
            in use|employed|works?)|non-?existent|invalid|undeliverable|has (?:moved|left))
        \b(?:unknown|no such|invalid|non-?existent|nonexistant|no valid|bad|not a valid|incorrect|wrong|\
            illegal) (?:local |destination |e-?mail |virtual |mail )?(?:user|recipient|mail ?box|account|\
            address|addressee|alias|customer|mail drop|local ?part|destination)
        \bno (?:mail ?box|account|user|recipient|address|one|person)\b.{0,20}\b(?:here|by that name|\
            with that name|found|of that name|named|called|exists?|matching|such)
        \bno such\b.{0,30}\b(?:here|user|address|mail ?box|recipient|name|person)
        \bdoes(?: not|n't) have an? .{0,80}\baccount
        \bdoesn't have a .{0,60}(?:account|mailbox)
        \bnot our customer
        \b(?:user|recipient|address|mail ?box) (?:is )?not on file
        \bvalidrcptto\b
        \bcannot deliver mail for
        \brecipient address rejected: access denied\b.{0,20}\bas\(\d
        \binvalid final delivery userid
        \bno matches to nameserver query
        \bnot a (?:local|known|valid|registered)\b.{0,30}\b(?:user|address|mail ?box|recipient|account|gateway user)
        \brecipient ?notfound
        \brecipnotfound
        \bresolver\.adr\.
        \b(?:account|mail ?box|user|address|e-?mail)\b.{0,20}\byou (?:tried|are trying) to (?:reach|contact|\
            send)\b.{0,20}\b(?:does not exist|doesn't exist)
        \bthis user doesn't
        \brequested action not taken: mail ?box unavailable
        \b55[03][ -].{0,60}mail ?box (?:is )?(?:unavailable|not available)
        \baddress rejected\.?(?: <>)?(?: \(in reply|\s?$)
        \bunrouteable (?:mail )?address
        \bunroutable (?:mail )?address
        \bcould not be delivered .{0,40}no such
        \bnot listed in\b.{0,60}\b(?:directory|address book)
        \bdomino\b.{0,40}\bdirectory
        \bdirectory\b.{0,30}\bnot (?:found|listed)
        \bunknown or (?:illegal|invalid) (?:alias|address)
        \bhas moved\b
        \bno longer (?:employed|works here|with)\b
        """,
    ),
    (
        BounceReason.NETWORK_OR_TIMEOUT,
        r"""
        \b(?:connect(?:ion|ing)?|session|conversation|socket)\b.{0,80}\b(?:refused|reset|broken|dropped|lost|closed|\
            unreachable|died|failed|failure)
        \blost (?:the )?(?:input )?(?:connection|channel)
        \b(?:delivery|message|envelope|timeout|read|response|smtp|dns|\
            lookup)\b.{0,80}\b(?:expired|unreachable|reset by peer)
        \btimed? ?out\b
        \b(?:no route (?:found )?to|no smtp service|network (?:is )?(?:unreachable|down|error))
        \bhost (?:is )?(?:unreachable|down)
        \bunreachable\b
        \btoo many hops
        \bhop count
        \b(?:mail|routing|forwarding|delivery) loop
        \bloops? back
        \bloop detected
        \bnot reachable
        \bhas been delayed
        \b(?:retry|retries|delivery) (?:time|timeout|period)?.{0,30}\b(?:exceeded|exhausted|expired)
        \bqueue (?:time|too long|lifetime)
        \bin the queue too long
        \b(?:has|have|had) been (?:in|on) (?:the )?(?:mail )?queue
        \bname (?:server|service) (?:error|failure|timeout)
        \bdns (?:error|failure|query failed|lookup|server|problem|temporary)
        \btemporary (?:lookup|name|dns|resolution) (?:failure|error)
        \b(?:could ?n[o']t|could not|couldn't|cannot|can't|unable to|wasn't able to|failed to|\
            not able to) (?:establish|connect|contact|reach|make)
        \bdid(?: not|n't) (?:accept our requests to connect|respond|answer)
        \bgiving up\b
        \bno (?:answer|response) from (?:the )?(?:host|server)
        \bdelivery (?:time|has been failing)
        \bhosts? (?:has|have) been failing
        \b(?:not|n.t) (?:be )?delivered for \d
        """,
    ),
    (
        BounceReason.SYSTEM_ERROR,
        r"""
        \b(?:system|internal|server|local|software|service|configuration|temporary|unexpected|database|lookup|\
            mailer|ldap|disk|i/o|input/output) (?:processing |server |delivery |configuration |system |\
            lookup )?(?:error|failure|fault|problem)s?
        \bservice (?:currently |temporarily |is )?(?:temporarily |currently )?(?:unavailable|not available)
        \b(?:insufficient|not enough|no) (?:system )?(?:disk |system )?(?:space|storage|resources|memory|\
            storage space)
        \bno space left
        \bdisk (?:is )?full
        \bout of memory
        \btransaction failed
        \bcan(?:not|'t) (?:create|open|append|write|lock|access|fork|stat|chdir)
        \bcommand (?:died|failed|time ?limit)
        \breturned \d{1,3} from command
        \bex_(?:tempfail|software|oserr|ioerr|cantcreat|config|unavailable)
        \blocal delivery failed
        \bexit(?:ed)? (?:with )?(?:status|code|value)
        \bdied (?:with|on)
        \bresources? (?:temporarily )?(?:unavailable|exceeded)
        \bpermission denied
        \bcannot allocate
        \bunder maintenance
        \bmail (?:system|server) .{0,30}(?:unavailable|down)
        \bmisconfigur
        \bconfig(?:uration)? error
        \bunable to (?:open|write|create|lock|process)
        \bstoredrv\b
        \baliasing/forwarding loop
        """,
    ),
    (
        BounceReason.PROTOCOL_ERROR,
        r"""
        \b(?:bad|unrecogni[sz]ed|unknown|invalid|unimplemented|unsupported) command
        \bcommand (?:not|un)\s?(?:implemented|recogni[sz]ed|allowed|understood|accepted|known)
        \bsyntax error
        \b(?:bad|wrong|incorrect) sequence
        \bout of sequence
        \bunsupported (?:parameter|option|extension)
        \b(?:no|need) (?:valid )?(?:rcpt|recipients|mail command|helo|ehlo)\b
        \bpolite people say hello
        \bparameters? not
        \bhelo\b.{0,40}\b(?:reject|invalid|required|denied|must)
        """,
    ),
    (
        BounceReason.REJECTED_POLICY,
        r"""
        \baccess (?:is |was )?denied
        \bnot accept(?:ed|ing)\b.{0,30}\b(?:mail|message|connection)
        \b(?:message|mail|e-?mail|connection|delivery) (?:was |has been |is |not )?(?:refused|rejected|denied|\
            blocked|not (?:allowed|accepted|permitted|authorized))
        \b(?:rejected|refused|denied) by\b(?! the recipient domain)
        \bpermission\b.{0,30}\bdenied
        \bnot (?:authori[sz]ed|permitted|allowed)\b
        """,
    ),
)  # fmt: skip
