"""What one client, and all of them, may ask of the SMTP port."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Of one command in one session. Whoever has more mail connects again.
_COMMANDS = {"*": 100, "MAIL": 10_000, "RCPT": 100_000, "DATA": 10_000, "RSET": 10_000, "NOOP": 10_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """SES documents none of these; they are those of RFC 5321 section 4.5.3, or generous."""

    idle_seconds: float = 300  # RFC 5321 section 4.5.3.2.7
    recipients: int = 100  # of one mail: what RFC 5321 section 4.5.3.1.8 asks of every server, and no more
    errors: int = 100  # replies of 5xx in one session
    connections: int = 500  # at once
    commands: Mapping[str, int] = field(default_factory=lambda: _COMMANDS)
