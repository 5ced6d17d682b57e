from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime import headers
from postroom.mime.dates import moment

CET = "2026-11-24T08:00:00+01:00"
UTC = "2026-11-24T08:00:00+00:00"
DAY = "2026-11-24T00:00:00+00:00"


def date(written: str) -> str | None:
    return headers.date(written.encode())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # RFC 5322 section 3.3, and 4.3
        ("Tue, 24 Nov 2026 08:00:00 +0100", CET),
        ("24 Nov 2026 08:00:00 +0100", CET),
        ("Tue, 24 Nov 2026 08:00:00 +0100 (Mitteleuropäische Zeit)", CET),
        ("Tue,  24  Nov  2026  08:00:00  +0100", CET),
        ("Tue, 24 Nov 2026 08:00 +0100", CET),
        ("Tue 24 Nov 2026 08:00:00 +0100", CET),
        ("Tue,24 Nov 2026 08:00:00 +0100", CET),
        ("Tue, 24 Nov 2026 8:00:00 +0100", CET),
        ("Tue, (a comment) 24 Nov (another) 2026 08:00:00 +0100", CET),
        ("24 Nov 26 08:00:00 +0100", CET),
        ("Tue, 24 Nov 126 08:00:00 +0100", CET),  # a program that prints the years since 1900
        ("1 Jan 49 00:00:00 +0000", "2049-01-01T00:00:00+00:00"),
        ("1 Jan 50 00:00:00 +0000", "1950-01-01T00:00:00+00:00"),
        ("Tue, 24 Nov 2026 08:00:00 -0000", UTC),
        ("Tue, 24 Nov 2026 08:00:00", UTC),
        ("Tue, 24 Nov 2026", DAY),
        # Offsets and zones
        ("Tue, 24 Nov 2026 08:00:00 +01:00", CET),
        ("Tue, 24 Nov 2026 08:00:00 +1", CET),
        ("Tue, 24 Nov 2026 08:00:00 +100", CET),
        ("Tue, 24 Nov 2026 08:00:00 GMT+0100", CET),
        ("Tue, 24 Nov 2026 08:00:00 GMT+01:00", CET),
        ("Tue, 24 Nov 2026 08:00:00 UTC+1", CET),
        ("Tue, 24 Nov 2026 08:00:00 UTC +0100", CET),
        ("Tue, 24 Nov 2026 08:00:00+0100", CET),
        ("Tue, 24 Nov 2026 08:00:00 MEZ", CET),
        ("Tue, 24 Nov 2026 08:00:00 CET", CET),
        ("Tue, 24 Nov 2026 08:00:00 (CET)", CET),
        ("Tue, 24 Nov 2026 08:00:00 CEST", "2026-11-24T08:00:00+02:00"),
        ("Tue, 24 Nov 2026 08:00:00 MESZ", "2026-11-24T08:00:00+02:00"),
        ("Tue, 24 Nov 2026 08:00:00 EST", "2026-11-24T08:00:00-05:00"),
        ("Tue, 24 Nov 2026 08:00:00 PDT", "2026-11-24T08:00:00-07:00"),
        ("Tue, 24 Nov 2026 08:00:00 JST", "2026-11-24T08:00:00+09:00"),
        ("Tue, 24 Nov 2026 08:00:00 UT", UTC),
        ("Tue, 24 Nov 2026 08:00:00 GMT", UTC),
        ("Tue, 24 Nov 2026 08:00:00 Z", UTC),
        ("Tue, 24 Nov 2026 08:00:00 A", UTC),  # RFC 5322: military zones were never written right
        ("Tue, 24 Nov 2026 08:00:00 IST", UTC),  # India, Israel or Ireland
        ("Tue, 24 Nov 2026 08:00:00 Nowhere Time", UTC),
        ("Tue, 24 Nov 2026 08:00:00 +2359", "2026-11-24T08:00:00+23:59"),
        ("Tue, 24 Nov 2026 08:00:00 -0530", "2026-11-24T08:00:00-05:30"),
        ("Tue, 24 Nov 2026 08:00:00 +0090", "2026-11-24T08:00:00+01:30"),
        ("Tue, 24 Nov 2026 08:00:00 +2400", None),
        ("Tue, 24 Nov 2026 08:00:00 +9999", None),
        ("Tue, 24 Nov 2026 08:00:00 +01000", UTC),
        # Times
        ("Tue, 24 Nov 2026 08.00.00 +0100", CET),
        ("Tue, 24 Nov 2026 08.00 +0100", CET),
        ("24 nov. 2026 8h00", UTC),
        ("24 Nov 2026 08:00:00.123456 +0100", CET),
        ("Tuesday, November 24, 2026 8:00 PM", "2026-11-24T20:00:00+00:00"),
        ("Tuesday, November 24, 2026 12:05 a.m.", "2026-11-24T00:05:00+00:00"),
        ("Tuesday, November 24, 2026 12:05 p.m.", "2026-11-24T12:05:00+00:00"),
        ("Tue, 30 Jun 2026 23:59:60 +0000", "2026-06-30T23:59:59+00:00"),  # a leap second
        ("Tue, 24 Nov 2026 08:00:61 +0000", None),
        ("Tue, 24 Nov 2026 25:00:00 +0000", None),
        ("Tue, 24 Nov 2026 08:60:00 +0000", None),
        # asctime and its like
        ("Tue Nov 24 08:00:00 2026", UTC),
        ("Tue Nov 24 08:00:00 CET 2026", CET),
        ("Tue Nov 24 08:00:00 2026 +0100", CET),
        ("Tue Nov 24 2026 08:00:00 GMT+0100 (CET)", CET),  # JavaScript
        ("Nov 24, 2026", DAY),
        ("Nov, 24 2026 8:00:00 AM +0100", CET),
        ("24-Nov-2026 08:00:00 +0100", CET),
        ("08:00:00 24-Nov-2026", UTC),
        ("24/Nov/2026:08:00:00 +0100", CET),
        ("2026 Nov 24 08:00:00 +0100", CET),
        ("Tuesday, 24th of November 2026 08:00", UTC),
        # ISO 8601, and numbers alone
        ("2026-11-24T08:00:00+01:00", CET),
        ("2026-11-24 08:00:00 +0100", CET),
        ("2026-11-24T08:00:00Z", UTC),
        ("2026-11-24T08:00:00.000Z", UTC),
        ("20261124T080000Z", UTC),
        ("2026-11-24", DAY),
        ("2026/11/24 08:00", UTC),
        ("2026.11.24. 08:00", UTC),
        ("24.11.2026 08:00", UTC),
        ("24.11.2026 08.00", UTC),
        ("24.11.26, 08:00", UTC),
        ("24. 11. 2026 08:00", UTC),
        ("24.11.2026", DAY),
        ("24-11-2026 08:00", UTC),
        ("24/11/2026 08:00", UTC),
        ("11/24/2026 8:00 AM", UTC),
        ("11/11/2026", "2026-11-11T00:00:00+00:00"),
        ("3/4/2026", None),  # in March or in April
        ("1795507200", UTC),
        ("1795507200.5", UTC),
        ("1795507200000", UTC),
        ("0", None),
        # Languages
        ("Di, 24 Nov 2026 08:00:00 +0100", CET),
        ("Dienstag, 24. November 2026 08:00", UTC),
        ("Di., 3. März 2026 um 08:00 Uhr", "2026-03-03T08:00:00+00:00"),
        ("Di, 3 Mrz 2026 08:00", "2026-03-03T08:00:00+00:00"),
        ("Di, 3 M?rz 2026 08:00", "2026-03-03T08:00:00+00:00"),
        ("Di, 8 Dez 2026 08:00:00 +0100", "2026-12-08T08:00:00+01:00"),
        ("mar. 24 nov. 2026 à 08:00", UTC),
        ("mar, 24 mar 2026 08:00", "2026-03-24T08:00:00+00:00"),
        ("lundi 10 août 2026 08:00", "2026-08-10T08:00:00+00:00"),
        ("lun., 9 févr. 2026 08:00", "2026-02-09T08:00:00+00:00"),
        ("lun., 9 f\ufffdvr. 2026 08:00", "2026-02-09T08:00:00+00:00"),
        ("martes, 24 de noviembre de 2026 08:00", UTC),
        ("lun, 5 ene 2026 08:00", "2026-01-05T08:00:00+00:00"),
        ("mar 24 novembre 2026 08:00", UTC),
        ("gio 8 ott 2026 08:00", "2026-10-08T08:00:00+00:00"),
        ("ter., 24 de nov. de 2026 às 08:00", UTC),
        ("sex, 4 set 2026 08:00", "2026-09-04T08:00:00+00:00"),
        ("di 24 nov 2026 08:00", UTC),
        ("wo 4 mrt 2026 08:00", "2026-03-04T08:00:00+00:00"),
        ("tirsdag den 24. november 2026 08.00", UTC),
        ("fre 8 maj 2026 08:00", "2026-05-08T08:00:00+00:00"),
        ("tiistai 24. marraskuuta 2026 08.00", UTC),
        ("wt., 24 lis 2026 08:00", UTC),
        ("24 października 2026 08:00", "2026-10-24T08:00:00+00:00"),
        ("út 24. listopadu 2026 8:00", UTC),
        ("24 Kasım 2026 08:00", UTC),
        ("24 Ağustos 2026 Salı 08:00", "2026-08-24T08:00:00+00:00"),
        ("вт, 24 нояб. 2026 08:00", UTC),
        ("24 мая 2026 г., 08:00", "2026-05-24T08:00:00+00:00"),
        ("24 листопада 2026 р. о 08:00", UTC),
        ("2026年11月24日(火) 08:00", UTC),
        ("2026年11月24日 下午8:00", "2026-11-24T20:00:00+00:00"),
        ("2026년 11월 24일 (화) 오후 8:00", "2026-11-24T20:00:00+00:00"),
        ("2026년 11월 24일 (화) 오전 8:00", UTC),
        # What is absurd is kept: there is no clock here
        ("Thu, 01 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00+00:00"),
        ("Tue, 19 Jan 2038 03:14:08 +0000", "2038-01-19T03:14:08+00:00"),
        ("Mon, 01 Jan 0001 00:00:00 +0000", "0001-01-01T00:00:00+00:00"),  # .NET's least date
        ("Fri, 31 Dec 9999 23:59:59 -1200", "9999-12-31T23:59:59-12:00"),
        # What is no day is none
        ("Sat, 01 Jan 0000 00:00:00 +0000", None),
        ("Sat, 01 Jan 10000 00:00:00 +0000", None),
        ("Tue, 31 Feb 2026 08:00:00 +0000", None),
        ("Tue, 0 Nov 2026 08:00:00 +0000", None),
        ("Tue, 24 Nov 08:00:00 +0100", None),
        ("24 2026 08:00", None),
        ("yesterday", None),
        ("08:00", None),
        ("", None),
    ],
)
def test_a_date_becomes_what_it_says(written: str, expected: str | None) -> None:
    assert date(written) == expected


def test_a_month_in_any_charset_is_read() -> None:
    assert headers.date("24 août 2026 08:00".encode("latin-1")) == "2026-08-24T08:00:00+00:00"
    assert headers.date(b"=?utf-8?q?24_ao=C3=BBt_2026_08:00?=") == "2026-08-24T08:00:00+00:00"
    assert headers.date(b"\xff\xfe24 Nov 2026\x00 08:00\x80") == UTC


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001 - hypothesis refuses bounds with a zone
def test_what_a_program_prints_is_read_back(when: datetime) -> None:
    when = when.replace(microsecond=0)
    expected = f"{when.isoformat()}+00:00"
    month = "JanFebMarAprMayJunJulAugSepOctNovDec"[when.month * 3 - 3 : when.month * 3]
    assert date(f"{when.day} {month} {when.year:04} {when:%H:%M:%S} +0000") == expected
    assert date(f"{month} {when.day:2} {when:%H:%M:%S} {when.year:04}") == expected
    assert date(when.isoformat()) == expected


PIECES = ("24", "Nov", "2026", "99", "08:00", "+0100", "(", ")", ",", "/", ".", "-", "mar", "GMT", "0", "AM", "M?rz")


@given(
    st.text(max_size=60)
    | st.text("0123456789:.-/+ ()JanNovMäAPMGTZ,年月日h", max_size=60)
    | st.lists(st.sampled_from(PIECES)).map(" ".join)
)
def test_no_date_raises(written: str) -> None:
    for text in (written, written * 20):
        found = moment(text)
        assert found is None or found.tzinfo
