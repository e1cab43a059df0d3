"""`datelier agent`: from a draft in a file to a published version that answers."""

import json
from pathlib import Path

import pytest

from tests.cli.command import datelier
from tests.support.installation import Installation
