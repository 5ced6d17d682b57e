"""Who stands in for somebody who is away: the address that an out-of-office names.

It is what a stranger's mail says, noted for the people at the desk: nothing is ever sent there by itself.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice

from postroom.kinds.evidence import local_part
from postroom.kinds.signals import robots_address
from postroom.kinds.words import flat, phrases, says

_READ = 6_000  # characters of the text that are looked at
_MOST = 20  # addresses that are looked at
_BEFORE, _AFTER = 200, 80  # characters around an address that are looked at for a cue

#: RFC 5321's mailbox as people write it: an atom, no quotes; labels of the host by RFC 1123, the last one of letters.
_ADDRESS = re.compile(
    r"(?<![\w.+@-])([A-Za-z0-9][\w.+'-]{0,63})@((?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24})(?![\w@-])",
    re.ASCII,
)
#: Where a sentence ends. The dots in an address are followed by no white space.
_SENTENCE_END = re.compile(r"[!?。！？]|\.\s|\n\s*\n")

#: Words that name a stand-in, before the address or right after it.
_CUES = phrases("""
contact | contacted | please write | write to | reach out | get in touch | urgent | urgently | emergency |
in my absence | during my absence | while i am away | colleague | colleagues | stand in | standing in |
covering for | covers for | will assist | will help | can help | direct your | forward your | address your |
deputy | instead | alternatively | wenden sie sich | wende dich | wendet euch | vertretung | vertritt mich |
vertreten durch | kontaktieren | in dringenden | dringend | kollegin | kollege | kollegen | ansprechpartner* |
erreichen sie | contacter | contactez | veuillez vous adresser | adressez vous | adresser à | en cas d urgence |
mon collègue | ma collègue | remplace | póngase en contacto | contacte | contactar | contactad | dirigirse a |
diríjase | urgente | mi compañer* | contattare | rivolgersi | rivolgetevi | contatti | urgenza | urgenze |
il mio collega | la mia collega | entre em contato | entre em contacto | contate | contatar | por favor contacte |
meu colega | minha colega | neem contact | contact opnemen | mijn collega | dringende | spoedgevallen | kontakta |
vänd dig | vid brådskande | min kollega | kontakt | henvend | kontakte | ta kontakt | hast | ota yhteyttä |
kiireellis* | sijaise* | kollega* | proszę o kontakt | skontaktować | w pilnych | zastępuje | kontaktujte |
obraťte se | v naléhavých | zastupuje | forduljon | sürgős | contactați | acil | iletişime | обращайтесь |
обращаться | связаться | срочн* | замещает | звертайтеся | επικοινωνήστε |
連絡 | 担当 | 代理 | 宛 | 联系 | 聯繫 | 同事 | 문의 | 연락
""")


def stand_in(text: str, excluded: Callable[[str], bool]) -> str | None:
    """The first address that the text names as the one to write to; None where it names none.

    `excluded` tells of an address that it cannot be: the author's own, the desk's. A machine's address never is.
    """
    told = text[:_READ]
    return next((address for address in _named(told) if not excluded(address)), None)


def _named(told: str) -> Iterator[str]:
    for match in islice(_ADDRESS.finditer(told), _MOST):
        address = f"{match.group(1)}@{match.group(2).lower()}"
        if _is_cued(told, match) and not robots_address(local_part(address)):
            yield address


def _is_cued(told: str, match: re.Match[str]) -> bool:
    """Whether the sentence of the address, up to it or right after it, or the one before, speaks of a stand-in."""
    before = told[max(0, match.start() - _BEFORE) : match.start()]
    after = _SENTENCE_END.split(told[match.end() : match.end() + _AFTER], maxsplit=1)[0]
    ends = [end.end() for end in _SENTENCE_END.finditer(before)]
    return says(flat(before[ends[-2] if len(ends) > 1 else 0 :]) + flat(after), _CUES)
