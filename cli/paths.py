"""Where the parts of a checkout are: the command always runs from one."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "functions" / "classify" / "rules.yaml"
STATE = ROOT / ".postroom" / "run"
