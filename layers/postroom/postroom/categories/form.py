"""A model as bytes. One file, without code in it: nothing that is read here is ever run.

    postroom categories 1 <SHA-256 of all that follows, in hex>\\n
    length of the header       4 bytes, little-endian
    header                     JSON: labels, biases, scales, sharpness, threshold, number of features, report
    features                   4 bytes each, little-endian: CRC-32, ascending
    weights                    a row a feature, a byte a label: 128 is nought, times the label's scale

The version of a model is 12 digits of a SHA-256 of what its answers rest on: all but the report, which has the date. So
the same mails make the same version whenever they are learned from.
"""

import hashlib
import sys
from array import array
from dataclasses import dataclass

import msgspec

from postroom.categories.example import MOST_LABELS, is_label
from postroom.categories.model import Model
from postroom.categories.report import Report
from postroom.errors import PostroomError

_MAGIC = b"postroom categories "
_FORM = b"1"
_LARGEST = 1e6  # of a bias, a scale or the sharpness: far above those of any trained model
_LENGTH = 4  # bytes, of the header's length and of a feature


class Unusable(PostroomError):
    """The bytes are no model that this code can use; the text says why, and what helps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands before the numbers."""

    labels: tuple[str, ...]
    biases: tuple[float, ...]
    scales: tuple[float, ...]
    sharpness: float
    threshold: float
    features: int
    report: Report


def write(header: Header, features: "array[int]", weights: bytes) -> bytes:
    """The file. `features` (array of "I") ascend; `weights` has a row for each, a byte for each label."""
    head = msgspec.json.encode(header)
    body = len(head).to_bytes(_LENGTH, "little") + head + _little(features).tobytes() + weights
    return b"%s%s %s\n" % (_MAGIC, _FORM, hashlib.sha256(body).hexdigest().encode()) + body


def read(content: bytes) -> Model:
    """The model of a file's bytes; Unusable where it is none, or not whole."""
    first, _, body = content.partition(b"\n")
    digest = hashlib.sha256(body).hexdigest()
    _check(first, digest)
    start = _LENGTH + int.from_bytes(body[:_LENGTH], "little")
    header = _header(body[_LENGTH:start])
    end, width = start + _LENGTH * header.features, len(header.labels)
    features, weights = array("I"), body[end:]
    if len(weights) != header.features * width:
        raise Unusable("the model's tables are not as long as its header says: train it again")
    features.frombytes(body[start:end])
    return Model(
        version=_version(header, body[start:]),
        labels=header.labels,
        biases=header.biases,
        scales=header.scales,
        sharpness=header.sharpness,
        threshold=header.threshold,
        report=header.report,
        places=dict(zip(_little(features), range(0, len(weights), width), strict=True)),
        weights=weights,
    )


def _version(header: Header, tables: bytes) -> str:
    """By everything that an answer rests on. `tables` are the features and the weights."""
    said = (header.labels, header.biases, header.scales, header.sharpness, header.threshold)
    return hashlib.sha256(msgspec.json.encode(said) + tables).hexdigest()[:12]


def _header(content: bytes) -> Header:
    try:
        header = msgspec.json.decode(content, type=Header)
    except msgspec.DecodeError as error:
        raise Unusable(f"the model's header is not understood ({error}): train it again") from error
    width = len(header.labels)
    if not 2 <= width <= MOST_LABELS or len(set(header.labels)) != width or not all(map(is_label, header.labels)):
        raise Unusable("the model's labels are no names of categories, or the same twice: train it again")
    if len(header.biases) != width or len(header.scales) != width:
        raise Unusable("the model's header has not one bias and one scale for each label: train it again")
    # JSON has no NaN, but a sharpness below 0 or a bias of 1e308 makes one, or an overflow, of a stranger's mail.
    if not all(abs(each) <= _LARGEST for each in (*header.biases, *header.scales)):
        raise Unusable("the model's biases or scales are no numbers of a margin: train it again")
    if not (0 < header.sharpness <= _LARGEST and header.threshold > 0 and header.features >= 0):
        raise Unusable("the model's sharpness, threshold and number of features must be above 0: train it again")
    return header


def _check(first: bytes, digest: str) -> None:
    if not first.startswith(_MAGIC):
        raise Unusable("this is no model of `postroom train`: name the file that it wrote")
    form, _, written = first.removeprefix(_MAGIC).partition(b" ")
    if form != _FORM:
        raise Unusable(f"the model has form {form[:10]!r}, and this Postroom reads {_FORM!r}: train it again here")
    if written != digest.encode():
        raise Unusable("the model is damaged (its SHA-256 is another than it says): copy it again, or train it again")


def _little(features: "array[int]") -> "array[int]":
    """In the order of bytes that the file has; the same back."""
    if sys.byteorder == "little":
        return features
    swapped = array("I", features)
    swapped.byteswap()
    return swapped
