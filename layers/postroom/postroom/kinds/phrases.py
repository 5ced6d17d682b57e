"""How machines say it, in many languages: the weakest signals, looked at last and never alone in a person's mail.

A bar stands between phrases; `postroom.kinds.words` compares them. Subjects are compared from their start: a person who
answers such a mail has "Re:" before it.
"""

from postroom.kinds.words import phrases

#: A subject that begins so was written by an autoresponder, whether of an absence or not.
AUTO_REPLY_SUBJECT = phrases("""
automatic reply | automatic response | automated reply | automated response | autoreply | auto reply | autoresponse |
auto response | automatische antwort | automatische rückantwort |
automatische antwortmail | automatisches antwortschreiben | autoantwort | réponse automatique | respuesta automática |
respuesta automatica | contestación automática | risposta automatica | resposta automática | resposta automatica |
automatisch antwoord | automatische reactie | automatisch bericht | automatiskt svar | autosvar | automatisk svar |
automatisk besked | automaattinen vastaus | odpowiedź automatyczna | automatyczna odpowiedź | autoodpowiedź |
automatická odpověď | automatická odpoveď | automatikus válasz | răspuns automat | otomatik yanıt | otomatik cevap |
автоматический ответ | автоответ | автоматична відповідь | автовідповідь | αυτόματη απάντηση | respon automatic |
自動返信 | 自動応答 | 自动回复 | 自动答复 | 自動回覆 | 자동 회신 | 자동 응답 | รายการตอบกลับอัตโนมัติ |
الرد التلقائي | رد تلقائي
""")

#: A subject that begins so tells of an absence.
ABSENCE_SUBJECT = phrases("""
out of office | out of the office | out of office autoreply | ooo | away from my mail | away from the office |
away until | i am away | i am out of the office | i m out of office | on vacation | on holiday | on leave |
on annual leave | vacation reply | vacation response | vacation message | absence from the office |
abwesenheitsnotiz | abwesenheitsbenachrichtigung | abwesenheitsmeldung | abwesenheitsmitteilung |
abwesenheitsassistent | abwesenheitsinfo | abwesend | nicht im büro | urlaubsbenachrichtigung | bin im urlaub |
ich bin im urlaub | absence du bureau | absent du bureau | absence | message d absence | en congé | en vacances |
fuera de la oficina | fuera de oficina | ausencia de la oficina | mensaje de ausencia | assente | fuori sede |
fuori ufficio | assenza dall ufficio | messaggio di assenza | ausência | ausência do escritório | fora do escritório |
fora da empresa | mensagem de ausência | afwezig | afwezigheidsbericht | afwezigheidsmelding | afwezigheidsassistent |
niet aanwezig | frånvaro | frånvaromeddelande | frånvarande | fravær | fraværsmelding | fraværsbesked | fraværende |
ikke til stede | poissa toimistosta | poissaoloviesti | nieobecność | nieobecny | nieobecna | poza biurem |
nepřítomnost | mimo kancelář | mimo kanceláře | neprítomnosť | házon kívül | irodán kívül | absent de la birou |
ofis dışında | вне офиса | нет на месте | отсутствую | поза офісом | εκτός γραφείου | 不在通知 | 不在のお知らせ |
不在のため | 外出中 | 休假 | 外出 | 부재중
""")

#: A text that says so tells of an absence. People say the same: it counts only beside a mark of a machine.
ABSENCE_TEXT = phrases("""
out of office | out of the office | out of my office | away from the office | away from my desk | away from my mail |
away on business | i am away | i m away | i will be away | i ll be away | currently away | i am on vacation |
i am on holiday | i m on vacation | i m on holiday | on annual leave | on parental leave | on maternity leave |
on sick leave | on leave until | on vacation until | on holiday until | i am travelling | i am traveling |
i will be travelling | limited access to email | limited access to e mail | limited access to my email |
no access to email | no access to e mail | no access to my email | until i return | when i return | upon my return |
on my return | will return on | will be back on | be back in the office | nicht im büro | nicht im hause |
nicht im haus | nicht am arbeitsplatz | außer haus | ausser haus | im urlaub | in urlaub | in elternzeit |
auf dienstreise | auf geschäftsreise | abwesend | nicht erreichbar | wieder erreichbar | wieder im büro |
wieder für sie da | bin ich zurück | zurück bin ich | absent du bureau | absente du bureau | absent jusqu |
absente jusqu | je suis absent | je suis absente | serai absent | serai absente | actuellement absent |
actuellement absente | en congé | en congés | en vacances | de retour le | à mon retour | fuera de la oficina |
fuera de oficina | estoy ausente | estaré ausente | de vacaciones | a mi regreso | a mi vuelta | fuori ufficio |
fuori sede | sono assente | sarò assente | in ferie | in vacanza | al mio rientro | ao meu regresso |
fora do escritório | ausente do escritório | estou ausente | estarei ausente | de férias | em férias |
niet op kantoor | niet aanwezig | afwezig | met vakantie | op vakantie | met verlof | weer aanwezig | på semester |
inte på kontoret | frånvarande | föräldraledig | tjänstledig | åter på kontoret | på ferie | ikke på kontoret |
ikke til stede | fraværende | tilbage på kontoret | tilbake på kontoret | lomalla | poissa toimistosta |
en ole paikalla | na urlopie | poza biurem | nieobecny | nieobecna | jestem nieobecn* | na dovolené | mimo kancelář |
nejsem v kanceláři | jsem mimo | na dovolenke | szabadságon | irodán kívül | în concediu | izinde* | yıllık izin* |
ofis dışında* | в отпуске | вне офиса | отсутствую | нет на рабочем месте | у відпустці | поза офісом | σε άδεια |
εκτός γραφείου | 不在にして | 不在です | 不在のため | 不在となり | 休暇中 | 休暇を | 出張中 | 休みを頂 |
休みをいただ | 休假 | 外出 | 不在办公室 | 不在辦公室 | 부재중 | 휴가 | 출장 중
""")

#: How an autoresponder begins to say that the mail has arrived; beside a mark of a machine only.
RECEIVED_TEXT = phrases("""
this is an automated response | this is an automated reply | this is an automatic reply |
this is an automatic response | this is an automated message | this is an automatically generated |
do not reply to this | dies ist eine automatische | diese nachricht wurde automatisch | automatisch generierte |
automatisch erstellt | bitte antworten sie nicht auf diese | ceci est une réponse automatique |
ceci est un message automatique | merci de ne pas répondre | esta es una respuesta automática |
este es un mensaje automático | no responda a este | questa è una risposta automatica | messaggio automatico |
esta é uma resposta automática | esta é uma mensagem automática | não responda a este | dit is een automatisch |
このメールは自動 | 自動送信 | 自动发送
""")

#: A subject that begins so reports that a mail was not delivered.
BOUNCE_SUBJECT = phrases("""
notice mail delivery status | message you sent blocked |
undeliverable | undelivered mail | undelivered message | undeliverable mail | undeliverable message |
mail delivery failed | mail delivery failure | mail delivery error | mail delivery problem |
mail delivery notification | mail failure | mail failed | mail could not be delivered | mail system error |
mail status report | e mail delivery failure | email delivery failure | postmaster email delivery failure |
message delivery failure | message delivery has failed | message undeliverable | message could not be delivered |
message not delivered | message status undeliverable | delivery failure | delivery failed | delivery has failed |
delivery status | delivery status notification | delivery report | delivery notification | failed delivery |
failed mail | automatically rejected mail | failure delivery | failure notice | failure notification |
permanent delivery failure | non delivery | non delivery report | non delivery notification | non remis |
nondeliverable mail | returned mail | returned email | returned message | there was an error sending your mail |
error during delivery | your message could not be delivered | your message wasn t delivered |
your message was not delivered | user unknown | unzustellbar | unzustellbare nachricht | nicht zustellbar |
nachricht unzustellbar | zustellung fehlgeschlagen | fehler bei der zustellung | unzustellbarkeitsbericht |
zustellungsfehler | mail unzustellbar | non distribué | non distribuable | échec de la remise | échec de remise |
notification d échec | message non remis | message non distribué | courrier non distribué | courriel non distribué |
niet te bestellen | не удалось доставить | 未传递 | 未能送达 |
no se puede entregar | no entregado | no se pudo entregar | no se ha podido entregar | error de entrega |
mensaje no entregado | non recapitabile | impossibile recapitare | mancato recapito | mancata consegna |
messaggio non recapitato | não entregue | não é possível entregar | mensagem não entregue | falha na entrega |
falha de entrega | onbestelbaar | niet bestelbaar | niet afgeleverd | bezorging mislukt | kan inte levereras |
ej levererat | olevererbart | kan ikke leveres | uleveret | kunne ikke leveres | niedostarczone |
nie można dostarczyć | niedoręczalne | niedostarczalne | nedoručiteľné | nedoručitelné | nedoručitelná zpráva |
kézbesíthetetlen | teslim edilemedi | ваше сообщение не доставлено | недоставленное сообщение | не удается доставить |
не доставлено | недоставлено | не доставлене | 配信不能 | 配信できません | 配信できませんでした | 配送できません |
送信エラー | 送信できません | メッセージを配送できません | メール配信エラー | エラーメール | 未送達 | 系统退信 |
退信 | 無法傳遞 | 无法传递 | 未送达 | 전송 실패 | 배달되지 않음
""")

#: A text that says so tells of a failed delivery; of a parcel too, so it counts only beside a delivery agent.
BOUNCE_TEXT = phrases("""
cannot be delivered | not been delivered |
could not be delivered | couldn t be delivered | wasn t delivered | was not delivered to | not be delivered to |
unable to deliver | undeliverable | permanent error | delivery failed | delivery has failed | failed to deliver |
did not reach | cannot deliver | could not deliver | can t deliver | couldn t deliver | message delivery failed |
returned to sender | giving up on it | address rejected | user not found | does not exist | nicht zugestellt |
unzustellbar | konnte nicht zugestellt | n a pas pu être | n a pu être remis | no se pudo entregar |
no se ha podido entregar | non è stato possibile | impossibile recapitare | não pôde ser entregue |
не удалось доставить | is mislukt | 未能传递 | 未能送达 |
не может быть доставлено | не было доставлено | 配信できません | 配送できません | 届けることができません |
送信できません | 无法送达 | 退信 | automatically rejected
""")

#: A text that says so speaks as a mail server does, not as people do of parcels.
SMTP_TEXT = phrases("""
failed permanently | permanent fatal errors | fatal errors | delivery to the following recipient |
delivery to the following recipients | returning message to sender | user unknown | unknown user | unknown recipient |
unknown local part | no such user | no such recipient | no such mailbox | no mailbox here | mailbox unavailable |
mailbox not found | mailbox is full | mailbox full | over quota | quota exceeded | does not like recipient |
recipient rejected | recipient address rejected | recipient unknown | invalid recipient | not listed in |
host unknown | host not found | unrouteable address | unroutable address | relay access denied | mail system at host |
transcript of session follows | rcpt to | 550 5 | 554 5 | 5 1 1 | 5 1 2 | 5 2 1 | 5 2 2 | 5 4 4 | 5 7 1 | 宛先不明 |
宛先が見つかりません
""")

#: A subject that begins so, or says so beside a delivery service's name, reports a delay or another state.
DELAY_SUBJECT = phrases("""
delayed | delay | has not yet been delivered | not yet been delivered | still being retried | delivery warning |
mail delivery warning | could not send message for | warning message still undelivered | delivery incomplete |
delivery is delayed | delivery deferred | temporarily delayed | verzögert | verzögerte zustellung |
zustellung verzögert | remise différée | remise retardée | entrega retrasada | entrega demorada | consegna ritardata |
consegna posticipata | entrega atrasada | vertraagd | fördröjd | forsinket | opóźnion* | zpožděn* | задерж* | 遅延 |
延迟 | 延遲
""")

#: A text that says so reports a delay: the sender need do nothing yet.
DELAY_TEXT = phrases("""
you do not need to resend | do not need to resend your message | you do not need to resend your message |
this is a warning message only | this is only a warning | warning only | no action is required on your part |
delivery attempts will continue | will continue to try | will keep trying | will be retried for |
has not yet been delivered | have not yet been delivered | delivery of your message has been delayed |
your message has been delayed | delivery to the following recipients has been delayed |
delivery attempts will continue to be made | your message is delayed | attempts to deliver the message will continue |
still being retried | wird weiter versucht | noch nicht zugestellt
""")

#: A subject that begins so is a receipt or tells of a delivery that went well.
RECEIPT_SUBJECT = phrases("""
read | read receipt | return receipt | delivered | delivery receipt | relayed | expanded | displayed | not read |
successful mail delivery report | delivery status notification success | gelesen | lesebestätigung |
empfangsbestätigung | ungelesen gelöscht | zugestellt | lu | accusé de lecture | confirmation de lecture | leído |
confirmación de lectura | letto | conferma di lettura | lida | confirmação de leitura | gelezen | leesbevestiging |
läst | læst | lest | luettu | przeczytano | přečteno | прочитано | 開封済み | 开封 | 已读
""")

#: A text that says so tells of a delivery that went well.
RECEIPT_TEXT = phrases("""
was successfully delivered | was successfully relayed | has been successfully delivered | successfully delivered to |
successfully relayed to | relayed to a non | relayed to the following |
delivery to these recipients or groups is complete | your message was read | this is a return receipt |
the message was displayed | has been displayed
""")

#: A subject or text that says so holds the mail back until the sender proves to be a person.
CHALLENGE = phrases("""
confirm you are not a spammer | confirm that you are not a spammer | prove you are human | prove that you are human |
prove you are a human | verify that you are a human | verify you are human | requires sender verification |
sender verification | requires verification of the sender | challenge response | your message requires verification |
your email requires verification | confirm your message delivery | confirm delivery of your message |
confirmation required to deliver | to have your message delivered | to have your email delivered |
release your message from quarantine | your message is being held until | will be delivered once you confirm |
will be delivered as soon as you confirm | click the link below to deliver your message |
approve your message for delivery | one time verification | add yourself to my allowed senders |
you are not on the allowed senders list | bestätigen sie dass sie kein spammer | absenderverifizierung |
absenderbestätigung erforderlich | bestätigung ihrer nachricht erforderlich | prouver que vous êtes humain |
antispam mailinblack | vérification de l expéditeur | confirme que no es spam | verificación de remitente
""")

#: A subject that begins so is a mail provider's complaint without the machine-readable part.
COMPLAINT_SUBJECT = phrases("""
complaint about message from | abuse report | email feedback report | spam report | feedback loop
""")

#: How the mail programs of people call themselves in User-Agent or X-Mailer. A machine can say so too, so it is a hint.
CLIENTS = phrases("""
thunderbird | apple mail | iphone mail | ipad mail | microsoft outlook | outlook for | outlook express | outlook ios |
mutt | neomutt | kmail | evolution | alpine | claws mail | sylpheed | the bat | foxmail | becky | roundcube |
squirrelmail | horde | k 9 mail | fairemail | bluemail | airmail | spark | mailmate | postbox | em client |
lotus notes | ibm notes | novell groupwise | yahoomailwebservice | protonmail | tutanota | zimbra | betterbird | geary |
gnus | mailspring
""")
