"""Mails on disk: bounded, whole, and found again."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.journal.shelf import Shelf


def _about(mail_id: str, **more: str) -> dict[str, str]:
    return {"id": mail_id, **more}


def _ids(shelf: Shelf) -> list[object]:
    return [about["id"] for about in shelf.abouts()]


def _on_disk(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 3)
    shelf.write("a1", b"mail", _about("a1", subject="Grüße"))
    assert shelf.raw("a1") == b"mail"
    assert shelf.about("a1") == {"id": "a1", "subject": "Grüße"}
    assert shelf.raw("a2") is None
    assert shelf.about("a2") is None


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 3)
    for n in range(9):
        shelf.write(f"a{n}", b"x", _about(f"a{n}"))
    assert _ids(shelf) == ["a8", "a7", "a6"]
    assert _on_disk(tmp_path) == ["a6.eml", "a6.json", "a7.eml", "a7.json", "a8.eml", "a8.json"]


@given(sizes=st.lists(st.integers(0, 3000), min_size=1, max_size=15))
def test_the_bytes_on_disk_are_bounded_but_the_newest_stays(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("shelf")
    shelf = Shelf(folder, 100, 2000)
    for n, size in enumerate(sizes):
        shelf.write(f"a{n}", b"x" * size, _about(f"a{n}"))
    last = f"a{len(sizes) - 1}"
    assert _ids(shelf)[0] == last
    assert len(shelf) == 1 or sum(path.stat().st_size for path in folder.iterdir()) <= 2000
    assert len(_on_disk(folder)) == 2 * len(shelf)


def test_a_mail_that_is_written_again_is_counted_once(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 100, 1000)
    for _ in range(20):
        shelf.write("a1", b"x" * 100, _about("a1"))
    shelf.write("a2", b"x" * 100, _about("a2"))
    assert _ids(shelf) == ["a2", "a1"]


def test_after_a_restart_the_order_is_that_of_writing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 10)
    for n, mail_id in enumerate(("zz", "mm", "aa")):  # received ids are random: their names are in no order
        shelf.write(mail_id, b"x", _about(mail_id))
        os.utime(tmp_path / f"{mail_id}.json", (n, n))
    assert _ids(Shelf(tmp_path, 10)) == ["aa", "mm", "zz"]
    assert _ids(Shelf(tmp_path, 2)) == ["aa", "mm"]
    assert _on_disk(tmp_path) == ["aa.eml", "aa.json", "mm.eml", "mm.json"]


def test_what_a_crash_left_half_is_cleared_away(tmp_path: Path) -> None:
    Shelf(tmp_path, 10).write("whole", b"x", _about("whole"))
    for name in ("half.eml", "only.json", ".half.eml.new"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "notes.txt").write_text("somebody's own")
    assert _ids(Shelf(tmp_path, 10)) == ["whole"]
    assert _on_disk(tmp_path) == ["notes.txt", "whole.eml", "whole.json"]


def test_a_note_that_is_not_json_hides_no_other(tmp_path: Path) -> None:
    Shelf(tmp_path, 10).write("a1", b"x", _about("a1"))
    (tmp_path / "a2.eml").write_bytes(b"x")
    (tmp_path / "a2.json").write_text("{")
    assert _ids(Shelf(tmp_path, 10)) == ["a1"]


@pytest.mark.parametrize("bad", ["", "../a", "a/b", "a.b", "a\0", "a\n", "x" * 201])
def test_what_is_no_id_names_no_file(tmp_path: Path, bad: str) -> None:
    shelf = Shelf(tmp_path / "shelf", 10)
    with pytest.raises(ValueError, match="no id"):
        shelf.write(bad, b"x", {})
    assert shelf.raw(bad) is None
    assert _on_disk(tmp_path) == ["shelf"]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 10)
    (tmp_path / "a1.json").mkdir()  # in the way: the note can't be put there
    with pytest.raises(OSError, match="directory"):
        shelf.write("a1", b"x", _about("a1"))
    assert _on_disk(tmp_path) == ["a1.json"]
    assert "a1" not in shelf


def test_a_mail_is_found_by_what_it_answers(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 10)
    shelf.write("a1", b"x", _about("a1", message_id="<q@example.com>"))
    shelf.write("a2", b"x", _about("a2", message_id="<r@example.com>", in_reply_to="<q@example.com>"))
    shelf.write("a3", b"x", _about("a3"))
    for found in (shelf, Shelf(tmp_path, 10)):
        assert found.named("<q@example.com>") == ["a1"]
        assert found.answering("<q@example.com>") == ["a2"]
        assert found.named("") == found.answering("") == []


def test_every_word_must_be_somewhere(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 10)
    shelf.write("a1", b"x", {"id": "a1", "subject": "Where is my Order?", "recipients": ["desk@example.com"]})
    shelf.write("a2", b"x", {"id": "a2", "subject": "order", "destination": ["ann@example.com"]})
    for words, ids in (("ORDER", ["a2", "a1"]), ("order desk@", ["a1"]), ("ann@example.com", ["a2"]), ("nothing", [])):
        assert [one["id"] for one in shelf.listing(10, words) if isinstance(one, dict)] == ids


def test_many_threads_write_and_nothing_is_lost(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 50)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: shelf.write(f"a{n}", b"x", _about(f"a{n}")), range(200)))
    assert len(shelf) == 50
    assert len(_ids(shelf)) == 50
    assert len(_on_disk(tmp_path)) == 100
