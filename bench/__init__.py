"""What `make bench` runs: the product beside a hand-written application, in one run."""
