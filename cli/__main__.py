"""`python -m cli` is `postroom`."""

import sys

from cli.main import main

sys.exit(main())
