"""postroom train, predict: a model of a desk's categories, and what it says of texts and mails."""

import argparse
from pathlib import Path

from cli import files, messages
from cli.files import Usage, write_json
from cli.forms import Form
from cli.terminal import Column, Terminal
from postroom.categories import form
from postroom.categories.example import Example
from postroom.categories.model import Guess, Model
from postroom.categories.report import Report
from postroom.clock import iso, now
