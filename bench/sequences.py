"""Sequences are found by name through the entry point group `bench.sequences`, so a plant adds its own package the same way."""

from __future__ import annotations

import difflib
from importlib.metadata import entry_points
from typing import cast

from bench.steps import Sequence

GROUP = "bench.sequences"


def sequence_names() -> tuple[str, ...]:
    """Names of all installed sequences."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def sequence_named(name: str) -> Sequence:
    """The sequence of this name. Raises `ValueError` with the names there are."""
    for entry in entry_points(group=GROUP, name=name):
        return cast(Sequence, entry.load())
    known = sequence_names()
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise ValueError(f"there is no sequence {name!r}.{hint} Installed: {', '.join(known)}.")
