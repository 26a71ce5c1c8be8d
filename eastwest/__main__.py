"""`python -m eastwest` is `eastwest`."""

import sys

from eastwest.cli import main

if __name__ == "__main__":
    sys.exit(main())
