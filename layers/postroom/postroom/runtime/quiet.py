"""The quiet hours of a desk, from the environment."""

from postroom.errors import Misconfigured
from postroom.quiet import QuietHours, quiet_hours


def of(written: str) -> QuietHours | None:
    """The quiet hours, if there are any; Misconfigured says what is wrong with them."""
    try:
        return quiet_hours(written)
    except ValueError as error:
        raise Misconfigured([f"POSTROOM_QUIET_HOURS: {error}"]) from error
