"""Values as YAML documents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import TextIO

import yaml

from kapell.sdk.draft import Counted


class Dumper(yaml.CSafeDumper):
    """Writes no aliases, and as texts what YAML has no form of."""

    def ignore_aliases(self, data: object) -> bool:
        """Every value is written where it stands."""
        return True


def _number(dumper: Dumper, value: Decimal) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}" if value.is_finite() else ".nan")


def _instant(dumper: Dumper, value: object) -> yaml.Node:
    text = value.isoformat().replace("+00:00", "Z") if isinstance(value, date | time) else str(value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, '"')


Dumper.add_representer(Decimal, _number)
for kind in (datetime, date, time):
    Dumper.add_representer(kind, _instant)


def write_documents(text: TextIO, values: Iterable[object]) -> int:
    """Write each value as a document that begins with `---`; how many there were."""
    counted = Counted(values)
    for value in counted:
        yaml.dump(value, text, Dumper, explicit_start=True, sort_keys=False, allow_unicode=True, width=1 << 30)
    return counted.count
