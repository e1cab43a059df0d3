"""Where a command that works on the installation itself says that it is reached."""

from pathlib import Path

from datelier.app.home import address_of, alone_in_home
from datelier.kit.settings import Settings


def test_a_link_leads_to_where_the_installation_was_started(tmp_path: Path) -> None:
    beside = Settings(home=tmp_path)
    assert address_of(beside) == "http://127.0.0.1:8484"
    with alone_in_home(Settings(home=tmp_path, port=8600)):
        assert address_of(beside) == "http://127.0.0.1:8600"


def test_an_address_that_is_named_counts(tmp_path: Path) -> None:
    with alone_in_home(Settings(home=tmp_path, port=8600)):
        named = Settings(home=tmp_path, public_url="https://data.example.com/")
        assert address_of(named) == "https://data.example.com"
