"""Whether anything else than the reference itself says that it is right: a standard beside the source, or a second meter."""

from __future__ import annotations

NOT_CHECKED = "reference not independently checked"


def not_checked(*, standard: bool, positions: int) -> str:
    """What the record and the plan say of a reference that nothing checks; empty where something does."""
    if standard or positions > 1:
        return ""
    return f"{NOT_CHECKED}: the source's own readback, and no second position"
