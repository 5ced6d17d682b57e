"""What servers say when they don't deliver, as patterns -> reason. Tried in this order: the first that matches wins.

Each line is one wording, matched anywhere in the answer as `postroom.feedback.phrases.plain` gives it. A wildcard is
always bounded (`.{0,40}`), so the time is linear in the answer, which itself is cut. The order matters where wordings
overlap: what speaks of the sender comes before what speaks of the recipient ("sender address rejected: user unknown").
"""

from postroom.feedback.report import BounceReason

#: A line that ends in a backslash goes on in the next one.
ANSWERS: tuple[tuple[BounceReason, str], ...] = (
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
        \bstarttls (?:is )?required
        \bencryption (?:is )?(?:required|needed)
        \btls (?:is )?required
        \bnot authenticated
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
        \bbarracudacentral\b
        \bsorbs\b
        \bmail-abuse\.(?:org|com)
        \babuseat\.org
        /bl[?/]
        \bspam(?:my|ming|mer|mers|ware)?\b
        \bube\b
        \buce\b
        \bbulk e-?mail
        \bjunk e?-?mail
        \bunsolicited\b
        \bpoor reputation
        \b(?:low|bad|ip|sender|domain|sending) (?:ip )?reputation
        \breputation of
        \bptr (?:record|resource)
        \b(?:bad|no|missing|invalid) (?:dns )?ptr\b
        \breverse dns
        \brdns\b
        \breverse lookup
        \bno reverse
        \bcannot find your (?:reverse )?hostname
        \b(?:client|sender|sending|your) (?:host|ip|server|mail server|ip address|network|\
            domain)\b.{0,60}\b(?:blocked|banned|denied|rejected|blacklist)
        \bblocked (?:using|by|for abuse|due to)\b
        \bbanned sending ip
        \bip (?:address )?.{0,40}\b(?:blocked|banned|is on a)
        \bblocked ip\b
        \bblocked - see
        \bhas been blocked\b.{0,80}\b(?:ip|abuse|reputation)
        \bfor abuse\b
        \bcloudmark\b
        \bsenderscore
        \bvirtual network .{0,30}blocked
        垃圾
        スパム
        迷惑メール
        """,
    ),
    (
        BounceReason.RELAY_DENIED,
        r"""
        \brelay(?:ing)? (?:access )?(?:denied|not (?:permitted|allowed)|is prohibited|prohibited|restrictions?)
        \b(?:unable|not (?:permitted|allowed|configured|authorized|willing)|cannot|can't|won't|refuse[sd]?|\
            denied) (?:to )?(?:be a )?relay
        \bwe do(?:n't| not) relay
        \brelaying (?:mail )?(?:to|for|from) .{0,80}(?:not|prohibited|denied)
        \bno relay(?:ing)?\b
        \brelay not permitted
        \bnot (?:in my list of allowed|in my) (?:rcpthosts|domains)
        \brcpthosts\b
        \bnot a gateway\b
        \bnot (?:a |one of )?(?:our )?(?:local|hosted) domain
        \bdomain (?:isn't|is not) (?:in my list|hosted|local)
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
        \bespacio\b.{0,40}\bagotado
        \bshutoffquotaexceeded
        \bmailbox ?(?:size )?limit
        \bstorage (?:limit|quota|space) (?:has been )?(?:exceeded|reached)
        \b(?:not enough|insufficient|no) (?:storage|mailbox|disk|mail)? ?(?:space|storage|\
            quota)\b.{0,40}\b(?:user|recipient|mailbox|account)
        \bout of (?:e?mail )?storage
        \bdisk quota
        \bquota ?(?:überschritten|dépass|excedid|superat)
        \bquota\b.{0,20}\bu[zż]ytkownika
        \bpostfach .{0,40}(?:voll|überfüllt)
        \bspeicherplatz
        \bbo[iî]te .{0,40}(?:pleine|remplie)
        \bbuz[oó]n .{0,40}lleno
        \bcasella .{0,20}piena
        \bcaixa (?:postal|de correio) .{0,20}cheia
        переполнен
        容量.{0,10}(?:超|オーバー|满|滿)
        邮箱.{0,6}满
        メールボックス.{0,12}(?:いっぱい|一杯|満)
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
        \bdelivery to the following .{0,30}disabled
        \bcompte .{0,30}(?:bloqu|suspendu|désactiv|desactiv)
        \bcuenta .{0,30}(?:suspendida|desactivada|deshabilitada)
        \bkonto .{0,30}(?:gesperrt|deaktiviert|abgelaufen)
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
        \bgr[ae]y[ -]?list
        \brate[ -]?limit
        \b(?:connection|message|sending|mail|delivery|recipient) (?:rate|frequency)\b
        \b(?:frequency|rate) (?:is )?(?:limited|limit|exceeded)
        \btoo (?:many|much) (?:connections?|messages?|mails?|e-?mails?|recipients?|sessions?|concurrent|\
            requests?|smtp|simultaneous|errors|rcpts?|traffic|sent)
        \btoo (?:fast|frequent|often)\b
        \bthrottl
        \btoo quickly
        \bexceed(?:s|ed|ing)?\b.{0,60}\b(?:(?:number|rate|limit) of (?:recipients|messages|connections|\
            e-?mails)|hourly|daily|per (?:hour|day|minute)|sending (?:limit|quota)|recipients)
        \b(?:daily|hourly) .{0,30}(?:limit|quota)
        \b(?:concurrent|simultaneous) (?:smtp )?connections
        \bunusual (?:rate|amount|volume)
        \btry again (?:in|after) \d+ (?:seconds|minutes)
        \bdeferred .{0,40}(?:user complaints|volume)
        \breceiving mail (?:at a rate|too quickly)
        \bout of .{0,10}connections
        \bslow down\b
        频率|頻率
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
        \bmessage content
        \bits content\b
        \bmessages? (?:was |has been )?(?:blocked|rejected) because (?:of )?its content
        \b(?:attachment|file (?:type|extension|name)|attached file)\b.{0,60}\b(?:not (?:allowed|permitted|\
            accepted)|prohibited|forbidden|blocked|rejected|banned|restricted|denied|dangerous)
        \b(?:banned|forbidden|illegal|prohibited|blocked) (?:attachment|file|content|extension)
        \bmalformed\b.{0,40}\b(?:message|header|mime|mail|e-?mail)
        \b(?:invalid|bad|missing|illegal|malformed) (?:message )?header
        \bheader(?:s)? (?:is|are)? ?(?:missing|invalid|malformed)
        \b8[ -]?bit data\b
        \bmultiple addresses in from
        \bmessages with multiple
        \bmissing (?:required )?(?:header|from|date|message-id|to)\b
        \bnot (?:rfc ?\d{3,4}|rfc) compliant
        \bdoes not (?:comply|conform) (?:with|to) (?:rfc|the)
        \brfc ?(?:5322|2822|822)\b
        \bbare (?:lf|cr|<lf>|<cr>|newline|linefeed)
        \bline (?:is )?too long
        \bconversion (?:not|required|failed)
        \bnon-?ascii
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
        \bmail from\b.{0,60}\b(?:rejected|not (?:allowed|accepted)|denied|refused|does not)
        \bsender verif
        \bvalid from\b
        \breturn[ -]path .{0,40}(?:reject|not|invalid)
        \bpurported responsible
        \bpolicy (?:reasons?|violation|rejection|restriction)
        \b(?:for|due to|by|violates?|local|security|company|administrative|site) (?:\w{1,20} )?polic(?:y|ies)\b
        \bpolicies\b
        \badministratively (?:denied|prohibited|rejected|blocked)
        \badministrative prohibition
        \bprotocol violation
        \bhost network not allowed
        \bnot (?:authori[sz]ed|permitted|allowed) to send
        \bonly (?:accepts?|allowed|receive)\b.{0,60}\b(?:from|senders|members)
        \b(?:restricted|moderated|members only|closed) (?:list|group|recipient|address)
        \bnotauthorized
        \brestriction
        \bnot (?:a )?(?:list )?member
        \brejected by (?:the )?recipient
        \brecipient (?:has )?(?:rejected|refused)
        """,
    ),
    (
        BounceReason.DOMAIN_ERROR,
        r"""
        \bnull mx\b
        \bbad destination system address
        \bnullmx\b
        \bdoes(?: not|n't) accept (?:any )?(?:e-?)?mail
        \b(?:accepts?|takes?) no (?:e-?)?mail
        \bhost (?:or domain name )?not found
        \bhost (?:is )?unknown
        \bunknown (?:mail )?(?:host|domain)
        \bunrouteable (?:mail )?domain
        \bnxdomain\b
        \bnon-?existent (?:domain|host)
        \b(?:domain|host|hostname)(?: name)?\b.{0,60}\b(?:does(?: not|n't) exist|not found|is not (?:found|\
            valid|registered)|can(?:not|'t) be found|could(?: not|n't) be found|is invalid)
        \b(?:domain|host|hostname)(?: name)? (?:is )?unknown
        \bno such (?:domain|host)
        \b(?:invalid|illegal|bad|nonexistent) (?:domain|host)(?: name| part)?\b
        \b(?:can't|can ?not|could ?n[o']t|couldn't|unable to|failed to) (?:find|resolve|look ?up|\
            locate)\b.{0,40}\b(?:host|domain|mx|address record|mail server|exchanger)
        \bno (?:mx|mail exchanger)\b
        \bmx\b.{0,20}\bnot found
        \bno mail (?:hosts|servers?|exchangers?) for
        \bdomain (?:doesn't|does not|isn't|has no|is not)\b
        \bdomain .{0,40}(?:existiert nicht|nicht gefunden)
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
            in use|employed|works?)|non-?existent|invalid|undeliverable|has (?:moved|left)|nicht (?:gefunden|\
            bekannt|vorhanden)|unbekannt|inconnu|desconocid|non esiste|sconosciut|inesistente|inexist)
        \b(?:unknown|no such|invalid|non-?existent|nonexistant|no valid|bad|not a valid|incorrect|wrong|\
            illegal) (?:local |destination |e-?mail |virtual |mail )?(?:user|recipient|mail ?box|account|\
            address|addressee|alias|customer|mail drop|local ?part|destination)
        \bno (?:mail ?box|account|user|recipient|address|one|person)\b.{0,20}\b(?:here|by that name|\
            with that name|found|of that name|named|called|exists?|matching|such)
        \bno such\b.{0,30}\b(?:here|user|address|mail ?box|recipient|name|person)
        \bdoes(?: not|n't) have an? .{0,80}\baccount
        \bdoesn't have a .{0,60}(?:account|mailbox)
        \bnot our customer
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
        \badd?resse .{0,40}(?:invalide|inexistante|inconnue)
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
        \bvermrk
        \bempfänger.{0,40}(?:unbekannt|nicht|existiert)
        \badresse .{0,40}existiert nicht
        \bdestinataire .{0,30}(?:inconnu|invalide|inexistant)
        \busuario .{0,30}(?:desconocido|no existe|inexistente)
        \b(?:la|esta) (?:cuenta|direcci[oó]n) .{0,60}no existe
        \butente .{0,30}(?:sconosciuto|inesistente)
        \busu[aá]rio .{0,30}(?:desconhecido|inexistente|inv[aá]lido)
        \bgebruiker .{0,20}(?:onbekend|bestaat niet)
        (?:пользовател|адресат|ящик|получател).{0,60}(?:не (?:найден|существует|зарегистрирован)|неизвестен)
        (?:нет такого|несуществующ).{0,40}
        (?:収件者|宛先|アドレス|ユーザ).{0,40}(?:見つかりません|存在しません|不明|ありません)
        domino ディレクトリ
        (?:用户|收件人|邮箱|帐号|账号|郵箱|使用者).{0,20}(?:不存在|未找到|找不到)
        """,
    ),
    (
        BounceReason.NETWORK_OR_TIMEOUT,
        r"""
        \b(?:connection|connect|operation|conversation|session|read|timeout|delivery|response|lost|i/o|dns|\
            lookup|smtp)\b.{0,80}\b(?:timed? ?out|refused|reset by peer|broken|dropped|lost|expired|unreachable)
        \btimed? ?out\b
        \b(?:no route to|network (?:is )?(?:unreachable|down|error))
        \bhost (?:is )?(?:unreachable|down)
        \bunreachable\b
        \btoo many hops
        \bhop count
        \b(?:mail|routing|forwarding|delivery) loop
        \bloops? back
        \bloop detected
        \b(?:message|envelope) (?:has )?expired
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
        \bconnection (?:died|failed|closed|failure)
        \bdid(?: not|n't) (?:accept our requests to connect|respond|answer)
        \bgiving up\b
        \bno (?:answer|response) from (?:the )?(?:host|server)
        \bdelivery (?:time|has been failing)
        \bbad (?:helo|gateway)
        """,
    ),
    (
        BounceReason.SYSTEM_ERROR,
        r"""
        \b(?:system|internal|server|local|software|service|configuration|temporary|unexpected|database|lookup|\
            disk|i/o|input/output) (?:processing |server |delivery |configuration |system |lookup )?(?:error|\
            failure|fault|problem)s?
        \bmailer error
        \bservice (?:currently |temporarily |is )?(?:temporarily |currently )?(?:unavailable|not available)
        \b(?:insufficient|not enough|no) (?:system )?(?:disk |system )?(?:space|storage|resources|memory|\
            storage space)
        \bno space left
        \bdisk (?:is )?full
        \bout of memory
        \btransaction failed
        \bcan(?:not|'t) (?:create|open|append|write|lock|access|fork|stat|chdir)
        \bcommand (?:died|failed|time ?limit)
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
        \b(?:rejected|refused|denied) by\b
        \bpermission\b.{0,30}\bdenied
        \bnot (?:authori[sz]ed|permitted|allowed)\b
        """,
    ),
)  # fmt: skip
