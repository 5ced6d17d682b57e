"""Layers, unpacked once for all workers, as Lambda mounts them once under /opt.

MiniStack unpacks every layer again for every worker: 17 MB and a thousand files each time. So it gets a layer that
holds one `.pth` file, which puts the folder of the unpacked layer on the worker's path, at the very place where its own
copy would have stood.
"""

import io
import shutil
import zipfile
from pathlib import Path

# MiniStack reads the .pth files of python/lib/<anything>/site-packages, as Lambda does of python/lib/python3.x.
POINTER = "python/lib/python3/site-packages/layer.pth"


def mount(layer: Path, into: Path) -> bytes:
    """Unpacks the layer's zip into `into`, and gives the zip of a layer that points there."""
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    with zipfile.ZipFile(layer) as archive:
        archive.extractall(into)  # ours: built a moment ago by packages.py
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as pointer:
        pointer.writestr(POINTER, f"import sys; sys.path.insert(0, {str(into / 'python')!r})\n")
    return buffer.getvalue()
