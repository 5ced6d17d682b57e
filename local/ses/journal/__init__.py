"""What was received, sent and told, for those who look. Bounded, whatever happens; nothing here is ever in the way."""

from local.ses.journal.journal import Journal as Journal
from local.ses.journal.shelf import Shelf as Shelf
