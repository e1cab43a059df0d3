"""`python -m datelier` is the same as `datelier`."""

from datelier.cli.main import main

main()
