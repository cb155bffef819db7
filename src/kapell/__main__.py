"""`python -m kapell` is `kapell`."""

from __future__ import annotations

from kapell.cli import main

if __name__ == "__main__":
    main()
