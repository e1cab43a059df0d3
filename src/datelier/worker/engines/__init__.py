"""One engine per kind of source."""
