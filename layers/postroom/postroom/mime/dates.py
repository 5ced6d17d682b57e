"""The moment that a Date field names, in RFC 5322's form and in all that mail programs write instead of it.

What is written is kept, however absurd: there is no clock here. What names no day is None, and so is what can be read
in two ways: a wrong date is worse than none.

Source: RFC 5322 sections 3.3 and 4.3, RFC 3339, ISO 8601; the months as mail programs write them in 16 languages.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, lru_cache

_ORDINARY = re.compile(
    r"(?:[A-Z][a-z]{2}, *+)?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)(?: \([^()]*\))?",
    re.ASCII,
)
_ENGLISH = {"JanFebMarAprMayJunJulAugSepOctNovDec"[at : at + 3]: at // 3 + 1 for at in range(0, 36, 3)}

_COMMENT = re.compile(r"\(([^()]*)\)")
_EPOCH = re.compile(r"@?(\d{9,10})(?:\.\d{1,9})?", re.ASCII)
_EPOCH_MILLISECONDS = re.compile(r"\d{13}", re.ASCII)

_SECONDS = r"(?:[.,]\d{1,9})?(?!\d)"
_AFTERNOON = r"(?:\s?([AaPp])\.?[Mm]\b)?"
_TIMES = (
    re.compile(r"(?:(?<![\d:])|(?<=\d{4}:))(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?" + _SECONDS + _AFTERNOON, re.ASCII),
    re.compile(r"(?<![\d.])(\d{1,2})\.(\d{2})(?:\.(\d{2}))?(?![\d.])" + _AFTERNOON, re.ASCII),
    re.compile(r"(?<![\d.])(\d{1,2})h(\d{2})(?:m?(\d{2})s?)?(?!\d)" + _AFTERNOON, re.ASCII),
)
_MORNINGS, _AFTERNOONS = re.compile("오전|上午|午前"), re.compile("오후|下午|午後")

_OFFSET = re.compile(r"(?:(?:\b(?:GMT|UTC?)|(?<=[\d\s])Z)\s?|(?<![\w.-]))([+-])\s?(\d{1,2}):?(\d\d)?(?!\d)", re.ASCII)
_HOURS = {
    0: "Z UT UTC GMT WET", 1: "CET MEZ BST WEST HEC", 2: "CEST MESZ EET SAST", 3: "EEST MSK", 8: "HKT SGT AWST",
    9: "JST KST", 10: "AEST", 11: "AEDT", 12: "NZST", 13: "NZDT", -3: "ADT BRT ART", -4: "AST EDT", -5: "EST CDT",
    -6: "CST MDT", -7: "MST PDT", -8: "PST AKDT", -9: "AKST", -10: "HST",
}  # fmt: skip
_ZONES = {name: hours for hours, names in _HOURS.items() for name in names.split()}
_ZONE = re.compile(rf"\b(?:{'|'.join(sorted(_ZONES, key=len, reverse=True))})\b")

_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})(?:[-/.]|\s?[年년]\s?)(\d{1,2})(?:[-/.]|\s?[月월]\s?)(\d{1,2})(?!\d)", re.ASCII
)
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}|\d\d)(?!\d)", re.ASCII)
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+(?:[?\ufffd][^\W\d_]*)?")

_FILLERS = frozenset({"de", "del", "of", "st", "nd", "rd", "th", "er", "º"})

_MONTHS = """
jan january januar jänner janvier janv enero ene gennaio gen janeiro januari styczeń stycznia sty leden ledna tammikuu
    ianuarie ian ocak oca január январь января янв січень січня січ
feb february februar feber février févr fév febrero febbraio fevereiro fev februari luty lutego lut únor února helmikuu
    februarie şubat şub február febr февраль февраля фев февр лютий лютого лют
mar march märz maerz mär mrz mars marzo março maart mrt marts marzec marca březen března maaliskuu martie mart március
    márc март марта мар березень березня бер
apr april avril avr abril abr aprile kwiecień kwietnia kwi duben dubna huhtikuu aprilie nisan nis április ápr апрель
    апреля апр квітень квітня кві
may mai mayo maggio mag maio mei maj maja květen května toukokuu mayıs május máj май мая травень травня тра
jun june juni juin junio giugno giu junho czerwiec czerwca cze červen června kesäkuu iunie iun haziran haz június jún
    июнь июня июн червень червня чер
jul july juli juillet juil julio luglio lug julho lipiec lipca lip červenec července heinäkuu iulie iul temmuz tem
    július júl июль июля июл липень липня лип
aug august août aoû agosto ago augustus augusti sierpień sierpnia sie srpen srpna elokuu ağustos ağu augusztus август
    августа авг серпень серпня сер
sep sept september septembre septiembre settembre setembro set wrzesień września wrz září syyskuu septembrie eylül eyl
    szeptember szept сентябрь сентября сен сент вересень вересня вер
oct october okt oktober octobre octubre ottobre ott outubro out październik października paź říjen října lokakuu
    octombrie ekim eki október октябрь октября окт жовтень жовтня жов
nov november novembre noviembre novembro listopad listopadu listopada lis marraskuu noiembrie noi kasım kas ноябрь
    ноября ноя нояб листопад листопада
dec december dez dezember décembre déc dic diciembre dicembre dezembro grudzień grudnia gru prosinec prosince joulukuu
    decembrie aralık ara декабрь декабря дек грудень грудня гру
"""


def moment(written: str) -> datetime | None:
    """The moment that this text names, with its offset (UTC where none is given), or None. Never raises; the text is
    short: at most some hundred characters."""
    try:
        if ordinary := _ORDINARY.fullmatch(written):
            return _ordinary(ordinary)
        return _epoch(written.strip()) or _loose(written) or _iso(written.strip())
    except (ValueError, OverflowError):
        return None


def _ordinary(found: re.Match[str]) -> datetime | None:
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    if month not in _ENGLISH:
        return _loose(found.group())
    time = _Time(int(hour), int(minute), int(second))
    return _moment(int(year), _ENGLISH[month], int(day), time, _zone(sign, hours, minutes))


def _moment(year: int, month: int, day: int, time: "_Time", zone: timezone) -> datetime:
    second = min(time.second, 59) if time.second <= 60 else time.second  # a leap second has no place in Python's clock
    return datetime(year, month, day, time.hour, time.minute, second, tzinfo=zone)


@lru_cache(maxsize=256)
def _zone(sign: str, hours: str, minutes: str | None) -> timezone:
    """Raises ValueError for a day and more."""
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset) if offset else UTC


def _epoch(written: str) -> datetime | None:
    """Seconds or milliseconds since 1970."""
    if found := _EPOCH.fullmatch(written):
        return datetime.fromtimestamp(int(found.group(1)), UTC)
    return datetime.fromtimestamp(int(written) // 1000, UTC) if _EPOCH_MILLISECONDS.fullmatch(written) else None


def _iso(written: str) -> datetime | None:
    """The forms of ISO 8601 without separators, and with weeks."""
    found = datetime.fromisoformat(written)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# --- Any other form --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Time:
    hour: int = 0
    minute: int = 0
    second: int = 0


def _loose(written: str) -> datetime | None:
    """Time and offset are looked for first, and the day in what is left of the text. Raises ValueError."""
    comments = _COMMENT.findall(written)
    text = _COMMENT.sub(" ", written)
    time, before, after = _time(text)
    zone, after = _named_zone(after, comments)
    day = _day(f"{before} {after}")
    return _moment(*day, time, zone) if day else None


def _time(text: str) -> tuple[_Time, str, str]:
    """The time of day (midnight where none is given), and the text before and behind it."""
    for form in _TIMES:
        if found := form.search(text):
            hour, minute, second = (int(number or 0) for number in found.group(1, 2, 3))
            half = (found.group(4) or "").lower() or _half(text)
            if half and 0 < hour <= 12:
                hour = hour % 12 + (12 if half == "p" else 0)
            return _Time(hour, minute, second), text[: found.start()], text[found.end() :]
    return _Time(), text, ""


def _half(text: str) -> str:
    if _AFTERNOONS.search(text):
        return "p"
    return "a" if _MORNINGS.search(text) else ""


def _named_zone(after: str, comments: list[str]) -> tuple[timezone, str]:
    """The offset, and the text without it. A name that nobody knows is UTC (RFC 5322 section 4.3)."""
    if found := _OFFSET.search(after):
        return _zone(*found.group(1, 2, 3)), f"{after[: found.start()]} {after[found.end() :]}"
    for text in (after, *comments):
        if named := _ZONE.search(text):
            return timezone(timedelta(hours=_ZONES[named.group()])), after
    return UTC, after


#: Year, month, day.
_Day = tuple[int, int, int]


def _day(text: str) -> _Day | None:
    if found := _YEAR_FIRST.search(text):
        return int(found.group(1)), int(found.group(2)), int(found.group(3))
    if found := _YEAR_LAST.search(text):
        return _numeric(int(found.group(1)), found.group(2), int(found.group(3)), found.group(4))
    return _with_month(_TOKEN.findall(text))


def _numeric(first: int, separator: str, second: int, year: str) -> _Day | None:
    """24.11.2026 and 24-11-2026 begin with the day. With slashes the half of the world begins with the month."""
    if second > 12:
        return _year(year), first, second
    if separator == "/" and first <= 12 and first != second:
        return None
    return _year(year), second, first


def _with_month(tokens: list[str]) -> _Day | None:
    """A month by its name, the day beside it, and the year behind them, or before them as in 2026 Nov 24."""
    tokens = ["", *(token for token in tokens if token.lower() not in _FILLERS), ""]
    # The last name of a month: "mar" is a Tuesday too, before the month.
    found = ((at, _month(tokens[at])) for at in range(len(tokens) - 2, 0, -1) if not tokens[at].isdecimal())
    at, month = next(((at, month) for at, month in found if month), (0, None))
    before, after = tokens[max(at - 1, 0)], tokens[at + 1]
    if month is None:
        return None
    if _is_day(before):
        day, years = before, tokens[at + 1 : at + 4]
    elif _is_day(after):
        day, years = after, [*tokens[at + 2 : at + 5], before]
    else:
        return None
    year = next((token for token in years if token.isdecimal() and len(token) > 1), None)
    return (_year(year), month, int(day)) if year else None


def _is_day(token: str) -> bool:
    return token.isdecimal() and len(token) < 3


def _year(written: str) -> int:
    """RFC 5322 section 4.3: two digits are 1950 to 2049, three count from 1900 on."""
    year = int(written[:5])
    if len(written) == 3:
        return year + 1900
    return year + (2000 if year < 50 else 1900) if len(written) < 3 else year


def _month(word: str) -> int | None:
    months = _months()
    folded = _folded(word).removesuffix("ta")  # Finnish: marraskuuta
    if "?" not in folded:
        return months.get(folded)
    alike = {number for name, number in months.items() if _is_damaged(folded, name)}
    return alike.pop() if len(alike) == 1 else None


def _is_damaged(word: str, name: str) -> bool:
    """Whether this is the name with one of its characters lost in a charset: M?rz."""
    head, _, tail = word.partition("?")
    return len(word) == len(name) and name.startswith(head) and name.endswith(tail)


@cache
def _months() -> dict[str, int]:
    lines = _MONTHS.replace("\n    ", " ").split("\n")
    return {_folded(name): number for number, line in enumerate(filter(None, lines), 1) for name in line.split()}


def _folded(word: str) -> str:
    """Lower case, without accents."""
    plain = unicodedata.normalize("NFKD", word.casefold().replace("ı", "i").replace("\ufffd", "?"))
    return "".join(c for c in plain if not unicodedata.combining(c))
