"""A scanner that knows the signatures it is told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from postroom.ports import ScanResult


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryScanner:
    """`postroom.ports.Scanner`. `signatures` are bytes by the name of what has them."""

    signatures: Mapping[str, bytes] = field(default_factory=dict)
    longest: int = 100 << 20

    def scan(self, pieces: Iterable[bytes]) -> ScanResult:
        whole = b"".join(pieces)
        if len(whole) > self.longest:
            return ScanResult(whole=False)
        return ScanResult(found=next((name for name, mark in self.signatures.items() if mark in whole), None))
