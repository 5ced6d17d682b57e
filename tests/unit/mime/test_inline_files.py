import binascii
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime import transfer
from postroom.mime.inline_files import MOST_BYTES, MOST_FILES, opened

DATA = bytes(range(256)) * 3 + b"the end"


def uuencoded(
    data: bytes, name: str = "a.bin", eol: bytes = b"\n", backtick: bool = True, strip: bool = False
) -> bytes:
    lines = [b"begin 644 " + name.encode()]
    for start in range(0, len(data), 45):
        line = binascii.b2a_uu(data[start : start + 45], backtick=backtick).rstrip(b"\n")
        lines.append(line.rstrip(b" ") if strip else line)
    return eol.join([*lines, b"" if strip else (b"`" if backtick else b" "), b"end", b""])


def yencoded(
    data: bytes, head: str = "", part: str = "", tail: str | None = None, line: int = 128, eol: bytes = b"\r\n"
) -> bytes:
    head = head or f"=ybegin line={line} size={len(data)} name=a file.bin"
    tail = f"=yend size={len(data)} crc32={zlib.crc32(data):08x}" if tail is None else tail
    rows: list[bytes] = []
    row = b""
    for byte in data:
        code = (byte + 42) % 256
        row += bytes([0x3D, (code + 64) % 256]) if code in (0, 10, 13, 0x3D) else bytes([code])
        if len(row) >= line:
            rows, row = [*rows, row], b""
    controls = [head.encode(), *([part.encode()] if part else [])]
    return eol.join([*controls, *rows, *([row] if row else []), *([tail.encode()] if tail else []), b""])


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
@pytest.mark.parametrize("backtick", [True, False])
@pytest.mark.parametrize("strip", [True, False])
def test_a_uuencoded_file_is_taken_out_of_its_text(eol: bytes, backtick: bool, strip: bool) -> None:
    before, after = b"Hello," + eol + eol, eol + b"Bye" + eol
    coded = uuencoded(DATA + b"\0" * 100, eol=eol, backtick=backtick, strip=strip)
    found = opened(before + coded + after)
    (file,) = found.files
    assert found.text == before + after
    assert (file.name, file.form, file.defects) == ("a.bin", "uuencode", ())
    assert file.data == DATA + b"\0" * 100
    assert (file.start, file.end) == (len(before), len(before) + len(coded))


@given(st.binary(min_size=1, max_size=400))
def test_the_range_of_a_whole_file_decodes_to_its_bytes_also_as_a_stream(data: bytes) -> None:
    body = b"see below\n" + uuencoded(data)
    (file,) = opened(body).files
    assert file.data == data
    assert transfer.decode("x-uuencode", body[file.start : file.end]) == data


def test_several_files_of_all_forms_stand_in_one_text() -> None:
    base64 = b"begin-base64 644 b.txt\naGVsbG8=\n====\n"
    found = opened(b"one\n" + uuencoded(DATA) + b"two\n" + base64 + b"three\n" + yencoded(DATA) + b"four\n")
    assert found.text == b"one\ntwo\nthree\nfour\n"
    assert [(f.form, f.data) for f in found.files] == [("uuencode", DATA), ("base64", b"hello"), ("yenc", DATA)]


def test_a_name_may_be_encoded_too() -> None:
    (file,) = opened(b"begin-base64-encoded 644 Y2Fmw6kudHh0\naGVsbG8=\n====\n").files
    assert file.name == "café.txt"


def test_a_name_is_kept_as_it_was_sent() -> None:
    names = ("my report.pdf", "../../etc/passwd", "café.pdf", "a.exe")
    assert [f.name for f in opened(b"".join(uuencoded(DATA, name) for name in names)).files] == list(names)
    (file,) = opened(uuencoded(DATA).replace(b"a.bin", "é.txt".encode("latin-1"))).files
    assert file.name == "é.txt"


@pytest.mark.parametrize(
    "text",
    [
        b"begin 6 pm, all of us\nAND BRING CAKE\nend\n",
        b"begin 600 people were there\n\nend\n",
        b"begin 600 people were there\nSTART NOW\nend\n",
        b"begin 644 a.txt\n",
        b"begin 644 a.txt",
        b"begin 644 a.txt\nend\n",
        b"begin 644 a.txt\n`\nend\n",
        b"begin 644\n#0V%T\n`\nend\n",
        b"begin 99 a.txt\n#0V%T\n`\nend\n",
        b"begin 888 a.txt\n#0V%T\n`\nend\n",
        b"> begin 644 a.txt\n> #0V%T\n> `\n> end\n",
        b" begin 644 a.txt\n #0V%T\n `\n end\n",
        b"begin 644 a.txt\n#0V%T\n",  # one line and no end: too little proof
        b"begin-base64 644 x\nso it goes\n====\n",
        b"begin-base64 644 x\n====\n",
        b"=ybegin line=128 size=584 name=x\nand then the data\n=yend size=584 crc32=ded29f4f\n",
        b"=ybegin line=128 name=x\n\n=yend size=0\n",
        b"=ybegin line=128 size=584 name=x\nprose",
        b"=ybegin name=x\n",
        b"=ybegin",
        b"=yend size=3\n",
        b"beginning\nbegin\nbegins\n",
    ],
)
def test_what_a_person_writes_is_text(text: bytes) -> None:
    for body in (text, text.replace(b"\n", b"\r\n"), b"Hi\n" + text):
        assert opened(body).text is body
        assert not opened(body).files


def test_a_uuencoded_file_without_an_end_is_cut_and_said_to_be() -> None:
    whole = uuencoded(DATA)
    cut = whole[: whole.rindex(b"\n`\n")]
    found = opened(cut + b"\n-- \nsent by a list\n")
    (file,) = found.files
    assert file.defects == ("uuencode_cut",)
    assert file.data == DATA
    assert found.text == b"-- \nsent by a list\n"
    (file,) = opened(whole[:-200]).files
    assert DATA.startswith(file.data.rstrip(b"\0"))
    assert file.defects == ("uuencode_cut",)


def test_lines_with_a_checksum_and_without_padding_are_read() -> None:
    line = binascii.b2a_uu(b"x" * 45).rstrip(b"\n")
    (file,) = opened(b"begin 644 a\n" + line + b"A\n" + line + b"B\n!80\n`\nend\n").files
    assert file.data == b"x" * 90 + b"a"


def test_lines_that_promise_more_than_they_hold_are_bounded() -> None:
    full = binascii.b2a_uu(b"x" * 45)
    found = opened(b"begin 644 a\n" + full * 2 + b"_\n" * 1_000_000 + b"`\nend\n")
    assert sum(len(file.data) for file in found.files) < 2 << 20
    assert found.files[0].defects == ("uuencode_cut",)


@given(st.binary(min_size=1, max_size=600), st.sampled_from([b"\n", b"\r\n"]), st.sampled_from([16, 64, 128]))
def test_a_yencoded_file_is_taken_out_of_its_text(data: bytes, eol: bytes, line: int) -> None:
    found = opened(b"Hi" + eol + yencoded(data, line=line, eol=eol) + b"Bye")
    (file,) = found.files
    assert (file.data, file.name, file.part, file.defects) == (data, "a file.bin", None, ())
    assert found.text == b"Hi" + eol + b"Bye"


def test_a_part_of_a_yencoded_file_is_kept_as_this_part() -> None:
    coded = yencoded(
        DATA,
        "=ybegin part=2 total=3 line=128 size=5000 name=a.rar",
        f"=ypart begin=1001 end={1000 + len(DATA)}",
        f"=yend size={len(DATA)} part=2 pcrc32={zlib.crc32(DATA):08x} crc32=12345678",
    )
    (file,) = opened(coded).files
    assert (file.data, file.part, file.defects) == (DATA, 2, ())


def test_what_a_yencoded_file_promises_and_does_not_keep_is_a_defect() -> None:
    wrong = yencoded(DATA, tail=f"=yend size={len(DATA)} crc32=00000001")
    assert opened(wrong).files[0].defects == ("yenc_crc",)
    short = yencoded(DATA, f"=ybegin line=128 size={len(DATA) + 5} name=a")
    assert opened(short).files[0].defects == ("yenc_size",)


def test_dots_that_the_way_doubled_are_undone_where_the_checksum_says_so() -> None:
    data = bytes([(0x2E - 42) % 256]) * 700  # every line begins with dots
    coded = yencoded(data)
    assert opened(coded).files[0].data == data
    doubled = coded.replace(b"\n.", b"\n..")
    (file,) = opened(doubled).files
    assert (file.data, file.defects) == (data, ())
    without_crc = yencoded(data, tail=f"=yend size={len(data)}").replace(b"\n.", b"\n..")
    assert opened(without_crc).files[0].data == data


def test_a_yencoded_file_without_an_end_is_cut_and_said_to_be() -> None:
    (file,) = opened(b"Hi\n" + yencoded(DATA, tail="")).files
    assert (file.data, file.defects) == (DATA, ("yenc_cut",))
    found = opened(yencoded(DATA, tail="") + b"\n-- \na footer\n")
    assert found.files[0].defects == ("yenc_cut",)
    assert b"a footer" in found.text


@pytest.mark.parametrize(
    "unit",
    [b"begin 644 a\n", b"begin 644 a\n#0V%T\n", b"begin-base64 644 a\naGVs\n", b"=ybegin line=9 size=9 name=a\n",
     b"=ybegin line=9 size=9 name=a\nxxxxxxxxx\n=ypart \n", b"=yend\n", b"begin", b"\nbegin ", b"begin 644 a\n\n\n`\n",
     b"begin 644 a" + b"a" * 400 + b"\n", b"=ybegin line=9 size=9 " + b"n" * 280 + b"\n"],
)  # fmt: skip
def test_many_beginnings_take_no_longer_than_they_are_long(unit: bytes) -> None:
    opened(unit * (1_000_000 // len(unit)))


def test_files_are_bounded_in_number() -> None:
    found = opened(b"begin 644 a\n#0V%T\n`\nend\n" * (MOST_FILES + 5))
    assert len(found.files) == MOST_FILES
    assert found.text.count(b"begin") == 5
    assert MOST_BYTES > 40 << 20


PIECES = (
    b"begin 644 a\n", b"#0V%T\n", b"`\n", b"end\n", b"M\n", b"begin-base64 644 a\n", b"aGVs\n", b"====\n",
    b"=ybegin line=4 size=4 name=a\n", b"=ypart begin=1 end=4\n", b"abcd\n", b"..ab\n", b"=yend size=4\n",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=30))
def test_text_and_files_together_are_the_body(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    found = opened(body)
    position, between = 0, b""
    for file in found.files:
        assert position <= file.start < file.end <= len(body)
        between += body[position : file.start]
        position = file.end
    assert between + body[position:] == found.text


def test_whatever_the_last_group_of_a_uuencoded_line_is_filled_up_with_is_passed_over() -> None:
    [file] = opened(b"begin 644 a.txt\n!04UB\n`\nend\n").files
    assert file.data == b"A"
