"""Zips of functions and layers."""

import sys
import zipfile
from pathlib import Path

import pytest

from local.stack.packages import Builder, BuildFailed, function_prefix, write_zip
from local.stack.template import Code

PARSE = Code(folder="functions/parse", handler="functions.parse.handler.handle")


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    """A source tree of one function and one layer, and an interpreter in an environment of its own."""
    for name, body in {
        "functions/parse/handler.py": "def handle(event, context): return 1\n",
        "functions/parse/rules.yaml": "a: 1\n",
        "functions/parse/__pycache__/handler.cpython-399.pyc": "stale",
        "layers/postroom/Makefile": "build:\n",
        "layers/postroom/postroom/__init__.py": "",
        "layers/postroom/postroom/words.py": "WORD = 1\n",
        "layers/broken/requirements.txt": "",
        "requirements/broken.txt": "two words\n",
        "venv/pyvenv.cfg": "version = 3\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(body)
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    return Builder(root=tmp_path, into=tmp_path / "build", python=python)


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {name for name in archive.namelist() if not name.endswith(".pyc")}


def bytecode(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {name for name in archive.namelist() if name.endswith(".pyc")}


def test_a_function_keeps_the_dotted_name_of_its_handler(builder: Builder) -> None:
    assert names(builder.build(PARSE).path) == {"functions/parse/handler.py", "functions/parse/rules.yaml"}


def test_a_handler_without_a_package_stands_at_the_top() -> None:
    assert function_prefix(Code(folder="functions/parse", handler="handler.handle")).parts == ()


def test_a_layer_lies_under_python_without_its_makefile(builder: Builder) -> None:
    package = builder.build(Code(folder="layers/postroom"))
    assert names(package.path) == {"python/postroom/__init__.py", "python/postroom/words.py"}


def test_bytecode_is_compiled_afresh_and_believed_unchecked(builder: Builder) -> None:
    package = builder.build(Code(folder="layers/postroom"))
    compiled = bytecode(package.path)
    assert len(compiled) == 2
    with zipfile.ZipFile(package.path) as archive:
        # PEP 552: the flags 0b01 say "by hash, unchecked".
        assert {archive.read(name)[4:8] for name in compiled} == {b"\x01\x00\x00\x00"}


def test_the_same_sources_are_built_once(builder: Builder) -> None:
    first = builder.build(PARSE)
    built = first.path.stat().st_mtime_ns
    assert builder.build(PARSE) == first
    assert first.path.stat().st_mtime_ns == built


def test_changed_sources_are_built_again_and_the_old_zip_goes(builder: Builder) -> None:
    first = builder.build(PARSE)
    (builder.root / "functions/parse/rules.yaml").write_text("a: 2\n")
    second = builder.build(PARSE)
    assert second.key != first.key
    assert sorted(builder.into.iterdir()) == [second.path]


def test_another_interpreter_builds_again(builder: Builder) -> None:
    first = builder.build(PARSE)
    (builder.root / "venv/pyvenv.cfg").write_text("version = 4\n")
    assert builder.build(PARSE).key != first.key


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    for place, order in (("a", ("x", "y")), ("b", ("y", "x"))):
        (tmp_path / place).mkdir()
        for name in order:
            (tmp_path / place / name).write_text(name)
        write_zip(tmp_path / place, tmp_path / f"{place}.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_two_builds_in_two_places_give_the_same_bytes(builder: Builder) -> None:
    one = builder.build(Code(folder="layers/postroom")).path.read_bytes()
    elsewhere = Builder(root=builder.root, into=builder.root / "elsewhere", python=builder.python)
    assert elsewhere.build(Code(folder="layers/postroom")).path.read_bytes() == one


def test_a_folder_that_is_not_there_is_named(builder: Builder) -> None:
    with pytest.raises(BuildFailed, match="functions/reply"):
        builder.build(Code(folder="functions/reply", handler="functions.reply.handler.handle"))


def test_pins_that_cannot_be_installed_say_so_and_leave_nothing(builder: Builder) -> None:
    # No pin at all: pip refuses before it looks anywhere.
    with pytest.raises(BuildFailed, match="Invalid requirement"):
        builder.build(Code(folder="layers/broken"))
    assert list(builder.into.iterdir()) == []
