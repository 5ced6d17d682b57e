"""Where the parts of a checkout are: the command always runs from one."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "functions" / "classify" / "rules.yaml"
MODEL = ROOT / "functions" / "classify" / "categories.model"
POLICY = ROOT / "functions" / "attachments" / "policy.yaml"
TEMPLATES = ROOT / "functions" / "reply" / "templates"
STATE = ROOT / ".postroom" / "run"

#: How this command is called from here, without activating an environment.
COMMAND = (
    Path(sys.executable).with_name("postroom").relative_to(ROOT)
    if Path(sys.executable).is_relative_to(ROOT)
    else Path("postroom")
)
