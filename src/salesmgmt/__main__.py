"""`python -m salesmgmt` is the command line."""

import sys

from salesmgmt.cli import main

sys.exit(main())
