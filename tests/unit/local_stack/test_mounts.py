"""Layers that point to a folder."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from local.stack.mounts import POINTER, mount

# What MiniStack's worker does with each layer that it has unpacked (core/lambda_runtime.py).
WORKER = """
import os, site, sys
sys.path.insert(0, sys.argv[1] + "/python")
lib = sys.argv[1] + "/python/lib"
for version in os.listdir(lib):
    site.addsitedir(os.path.join(lib, version, "site-packages"))
import textwrap
print(textwrap.WHOSE)
"""


def test_a_worker_imports_from_the_unpacked_layer_before_anything_else(tmp_path: Path) -> None:
    layer = tmp_path / "layer.zip"
    with zipfile.ZipFile(layer, "w") as archive:
        archive.writestr("python/textwrap.py", "WHOSE = 'the layer'\n")
    pointer = mount(layer, tmp_path / "it's mounted")
    with zipfile.ZipFile(io.BytesIO(pointer)) as archive:
        assert archive.namelist() == [POINTER]
        archive.extractall(tmp_path / "worker")
    command = [sys.executable, "-c", WORKER, str(tmp_path / "worker")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 (our own code)
    assert said == "the layer\n"


def test_mounting_again_leaves_nothing_of_before(tmp_path: Path) -> None:
    for name in ("old", "new"):
        with zipfile.ZipFile(tmp_path / "layer.zip", "w") as archive:
            archive.writestr(f"python/{name}.py", "")
        mount(tmp_path / "layer.zip", tmp_path / "mounted")
    assert [path.name for path in (tmp_path / "mounted" / "python").iterdir()] == ["new.py"]
