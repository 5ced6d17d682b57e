"""When somebody who is away comes back: the date in an out-of-office, in many languages and forms.

A date counts only beside a cue ("back on", "bis zum", "まで"): a phone number or the date of something else is none.
What can be read in two ways, such as 3/4/2026 in English, is no date: a follow-up on a wrong day would be worse.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from itertools import islice

from postroom.kinds.evidence import nobody
from postroom.kinds.stand_in import stand_in
from postroom.kinds.words import flat, phrases
from postroom.message import Message

_READ = 6_000  # characters of the text that are looked at: the date stands near its beginning
_DATES = 40  # dates that are looked at
_BEFORE, _AFTER = 60, 24  # characters around a date that are looked at for a cue
_LONGEST = timedelta(days=400)  # an absence that is longer is a misreading


class _Cue(Enum):
    BACK = auto()  # the date is the first day back
    UNTIL = auto()  # the date is the last day away


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """What an out-of-office says: the first day back, and whom to write to until then. Either may be unknown."""

    back_on: date | None = None
    stand_in: str | None = None


def absence_of(message: Message, language: str | None, owns: Callable[[str], bool] = nobody) -> Absence:
    """The absence that an out-of-office tells of. `owns` tells of the desk's own addresses: none of them stands in."""
    text = message.reply.visible or message.text or ""
    ours = (*message.from_, *message.reply_to, *message.to, *message.cc, *filter(None, (message.sender,)))
    known = {each.address.casefold() for each in ours}
    sent_on = _sent_on(message)
    return Absence(
        back_on=returns_on(text, sent_on, language) if sent_on else None,
        stand_in=stand_in(text, lambda address: address.casefold() in known or owns(address)),
    )


def _sent_on(message: Message) -> date | None:
    """The day of the Date field, as its writer's calendar had it."""
    try:
        return date.fromisoformat((message.date or "")[:10])
    except ValueError:
        return None


def returns_on(text: str, sent_on: date, language: str | None = None) -> date | None:
    """The first day on which the author is back; None where the text doesn't say, or says a day before it was sent.

    `language` (ISO 639-1) is of the text: 3/4 has the day first in all of them but English, where either may be.
    """
    told = unicodedata.normalize("NFKC", text[:_READ]).casefold()[:_READ]
    found: dict[_Cue, list[date]] = {_Cue.BACK: [], _Cue.UNTIL: []}
    for when in islice(_dates(told, sent_on, language not in (None, "en")), _DATES):
        cue = _cue(told, when)
        if cue is not None and timedelta(days=-1) <= when.day - sent_on <= _LONGEST:
            found[cue].append(when.day)
    last_away = max(found[_Cue.UNTIL], default=None)
    # A day that lies inside the absence is the first of it ("ab 3. bis 9. Mai").
    back = [day for day in found[_Cue.BACK] if last_away is None or day > last_away]
    if back:
        return min(back)
    return last_away + timedelta(days=1) if last_away else None


# --- Cues -----------------------------------------------------------------------------------------------------------

#: Somewhere before the date, in the same sentence.
_TOLD_BEFORE: Mapping[_Cue, tuple[str, ...]] = {
    _Cue.BACK: phrases("""
back | return | returning | returns | resume | available again | wieder | zurück | zurueck | rückkehr | bin ich ab |
erreichen sie mich ab | de retour | mon retour | reprendrai | reviens | serai de retour | regreso | regresaré |
regresare | volveré | volvere | de vuelta | reincorporaré | rientro | rientrerò | rientrero | di ritorno | tornerò |
tornero | regresso | retorno | retornarei | de volta | voltarei | volto | terug | weer | åter | tillbaka | tilbage |
tilbake | palaan | takaisin | tavoitettavissa | wracam | wrócę | wroce | powrót | ponownie | z powrotem | będę
dostępny | będę dostępna | vrátím | zpět | opět | вернусь | возвращаюсь | выйду | снова | буду в офисе | буду
доступен | döneceğim | dönüş | 復帰 | 出社 | 返回 | 回来 | 回到 | 恢复 | 복귀
"""),
    _Cue.UNTIL: phrases("""
until | till | through | thru | up to and including | bis | jusqu | jusque | hasta | fino al | fino a | sino al |
até | t m | tot en met | tot | till och med | t o m | til og med | indtil | frem til | od dnia do | včetně | вплоть
до | включительно до | 截至 | 直到
"""),
}  # fmt: skip

#: Right before the date, but for an article or a weekday: words that mean much else elsewhere.
_TOLD_RIGHT_BEFORE: Mapping[_Cue, tuple[str, ...]] = {
    _Cue.BACK: phrases("""
ab | ab dem | à partir du | dès le | a partir del | a partir de | vanaf | fr o m | från och med | fra og med
"""),
    _Cue.UNTIL: phrases("""
to | and | und | au | al | ao | a | do | до | по | 至 | 到 | t o m | tom | og | och | e | y | et
"""),
}  # fmt: skip

#: Right after the date.
_TOLD_AFTER: Mapping[_Cue, tuple[str, ...]] = {
    _Cue.BACK: phrases("""
より出社 | から出社 | に出社 | より復帰 | から復帰 | に復帰 | より通常 | から通常 | に戻 |
返回 | 回来 | 回到 | 上班 | 恢复 | 回公司 | 復帰 | 부터 | 에 복귀 | itibaren
| döneceğim | wieder | zurück | tekrar | weer | åter | igen | tilbage | tilbake | tillbaka
"""),
    _Cue.UNTIL: phrases("""
まで | 迄 | 为止 | 까지 | kadar | a kadar | e kadar | ya kadar | ye kadar | asti | saakka | tarihine kadar
"""),
}  # fmt: skip

_SENTENCE_END = re.compile(r"[!?。！？]|\.\s+(?=\D)|\n\s*\n")
_IN_BRACKETS = re.compile(r"\A\s?\([^)\n]{1,9}\)")  # a weekday: 12月7日(月)より


def _cue(told: str, when: "_When") -> _Cue | None:
    """What is said of a date. The cue right beside it counts more than one further off."""
    after = flat(_IN_BRACKETS.sub("", told[when.end : when.end + _AFTER]))
    for cue, known in _TOLD_AFTER.items():
        if any(after.lstrip().startswith(each.strip()) for each in known):
            return cue
    lead = told[max(0, when.start - _BEFORE) : when.start]
    before = flat(lead[max((end.end() for end in _SENTENCE_END.finditer(lead)), default=0) :])
    bare = _without_fillers(before)
    for cue, known in _TOLD_RIGHT_BEFORE.items():
        if any(bare.endswith(each.rstrip()) for each in known):
            return cue
    nearest = {cue: max(before.rfind(each) for each in known) for cue, known in _TOLD_BEFORE.items()}
    best = max(nearest, key=lambda cue: nearest[cue])
    return best if nearest[best] >= 0 else None


def _without_fillers(words: str) -> str:
    while words.strip() and words.split()[-1] in _FILLERS:
        words = f" {' '.join(words.split()[:-1])} "
    return words.rstrip()


# --- Dates ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _When:
    """A day, and where in the text it is said."""

    start: int
    end: int
    day: date


# Month names as they are written, cases and short forms included. What two languages share is the same month in both.
_MONTHS = """
january jan januar jänner januari janvier janv enero ene gennaio gen janeiro januar tammikuu tammikuuta stycznia
  styczeń sty ledna leden января янв ocak
february feb febr februar februari février févr fevrier febrero febbraio fevereiro fev helmikuu helmikuuta lutego
  luty lut února únor февраля фев şubat
march mar märz maerz mrz maart mars marzo março marco marts maaliskuu maaliskuuta marca marzec března březen марта
  мар mart
april apr avril avr abril abr aprile huhtikuu huhtikuuta kwietnia kwiecień kwi dubna duben апреля апр nisan
may mai mei mayo maggio mag maio maj toukokuu toukokuuta maja května květen мая май mayıs
june jun juni juin junio giugno giu junho kesäkuu kesäkuuta czerwca czerwiec cze června červen июня июн haziran
july jul juli juillet juil julio luglio lug julho heinäkuu heinäkuuta lipca lipiec lip července červenec июля июл
  temmuz
august aug août aout agosto ago augustus augusti elokuu elokuuta sierpnia sierpień sie srpna srpen августа авг
  ağustos
september sep sept septembre septiembre settembre set setembro syyskuu syyskuuta września wrzesień wrz září zari
  сентября сен сент eylül
october oct oktober okt octobre octubre ottobre ott outubro lokakuu lokakuuta października październik paź října
  říjen октября окт ekim
november nov novembre noviembre novembro marraskuu marraskuuta listopada listopad lis listopadu ноября ноя kasım
december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro joulukuu joulukuuta grudnia grudzień
  gru prosince prosinec декабря дек aralık
"""
_WEEKDAYS = """
monday montag lundi lunes lunedì lunedi segunda maandag måndag mandag maanantai maanantaina poniedziałek pondělí
  понедельник pazartesi
tuesday dienstag mardi martes martedì martedi terça dinsdag tisdag tirsdag tiistai tiistaina wtorek úterý вторник
  salı
wednesday mittwoch mercredi miércoles miercoles mercoledì mercoledi quarta woensdag onsdag keskiviikko keskiviikkona
  środa středa среду çarşamba
thursday donnerstag jeudi jueves giovedì giovedi quinta donderdag torsdag torstai torstaina czwartek čtvrtek четверг
  perşembe
friday freitag vendredi viernes venerdì venerdi sexta vrijdag fredag perjantai perjantaina piątek pátek пятницу cuma
saturday samstag sonnabend samedi sábado sabado sabato zaterdag lördag lørdag lauantai lauantaina sobotę sobotu
  субботу cumartesi
sunday sonntag dimanche domingo domenica zondag söndag søndag sunnuntai sunnuntaina niedzielę neděli воскресенье
  pazar
"""


def _numbered(blocks: str) -> dict[str, int]:
    """The words of each block of lines, by the block's number from 1; an indented line belongs to the one above."""
    lines = re.split(r"\n(?! )", blocks.strip())
    return {word: number for number, line in enumerate(lines, 1) for word in line.split()}


_MONTH, _WEEKDAY = _numbered(_MONTHS), _numbered(_WEEKDAYS)
_FILLERS = {*_WEEKDAY, *flat("""
the on of den dem der le la el il lo o dia día dan am an de w we ve v dne dnia em en op på na i 日
""").split()}  # fmt: skip

_YEAR = r"(?P<year>\d{4}|\d{2})"
_WORD = r"(?P<month>[^\W\d_]{3,12})"
_FORMS = (
    r"(?P<year>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)",
    r"(?:(?P<year>\d{4})\s?[年년]\s?)?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日일号號]",
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º|°|:a|:e)?\s?(?:of |de |d['’])?\s?{_WORD}\.?"
    rf"(?:,?\s(?:de |del )?{_YEAR}(?![\d:]))?",
    rf"{_WORD}\.?\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d.:])(?:,?\s(?P<year>\d{{4}}))?",
    rf"(?P<d>\d{{1,2}})\.\s?(?P<m>\d{{1,2}})\.(?:\s?{_YEAR}(?![\d:]))?",
    r"(?P<d>\d{1,2})[-.](?P<m>\d{1,2})[-.](?P<year>\d{4})(?!\d)",
    rf"(?P<either>\d{{1,2}})/(?P<or>\d{{1,2}})(?:/{_YEAR})?(?![\d/])",
)
_DATE = tuple(re.compile(rf"(?<![\d.:/-]){form}") for form in _FORMS)


def _dates(told: str, sent_on: date, day_first: bool) -> Iterator[_When]:
    """Every date of the text, in order; where two forms fit one place, the longer one."""
    found = sorted(
        ((match.start(), -match.end(), match) for form in _DATE for match in islice(form.finditer(told), _DATES)),
        key=lambda each: each[:2],
    )
    end = 0
    for start, _, match in found:
        if start >= end and (day := _day(match, sent_on, day_first)) is not None:
            end = match.end()
            yield _When(start, end, day)


def _day(match: re.Match[str], sent_on: date, day_first: bool) -> date | None:
    said = match.groupdict()
    day_month = _read(said, day_first)
    if day_month is None:
        return None
    day, month = day_month
    if said["year"]:
        year = int(said["year"]) + (2000 if len(said["year"]) == 2 else 0)
        return _date(year, month, day)
    # Without a year it is the next one: nobody is away until last spring.
    this = _date(sent_on.year, month, day)
    return this if this and this >= sent_on - timedelta(days=1) else _date(sent_on.year + 1, month, day)


def _read(said: Mapping[str, str | None], day_first: bool) -> tuple[int, int] | None:
    """Day and month; None for a word that is no month, and for what can be read in two ways."""
    if either := said.get("either"):
        first, second = int(either), int(said.get("or") or 0)
        if day_first or first == second or first > 12 >= second:
            return first, second
        return (second, first) if second > 12 >= first else None
    month = _MONTH.get(said["month"] or "") if "month" in said else int(said["m"] or 0)
    return (int(said["d"] or 0), month) if month else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # the 31st of February
        return None
