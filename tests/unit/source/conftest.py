"""Types that exist in these tests alone."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("sources", Path(__file__).with_name("sources.py"))
