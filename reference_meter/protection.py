"""Who may change what: the 6-digit password of METERTOOL, and the seal in front of all legal data. R65, R67, R69.

Data sheet, Optical reading: "The meter is protected by a 6-digit password. It is not possible to change the meter's legal
data without breaking the verification seal and modifying the main print."
"""

from __future__ import annotations

_PASSWORD_DIGITS = 6


class WrongPassword(Exception):
    """The password is not the meter's; nothing was changed."""


class Sealed(Exception):
    """Legal data cannot be changed: the seal is whole or the main print unmodified; nothing was changed."""


class Protection:
    """The password and the state of seal and print."""

    def __init__(self, password: str) -> None:
        if len(password) != _PASSWORD_DIGITS or not (password.isascii() and password.isdigit()):
            raise ValueError("the meter's password is 6 decimal digits")
        self.password = password
        self.seal_broken = False
        self.print_modified = False

    def check(self, password: str) -> None:
        """Compare as six digits, leading zeroes included. Raises `WrongPassword`, which never names a password."""
        if password != self.password:
            raise WrongPassword("the password is not this meter's; nothing was changed")

    def modify_print(self) -> None:
        """Modify the main print; it lies behind the seal. Raises `Sealed`."""
        if not self.seal_broken:
            raise Sealed("the main print lies behind the verification seal, which is whole")
        self.print_modified = True

    def check_legal(self) -> None:
        """Raises `Sealed` unless the seal is broken and the main print modified."""
        if not (self.seal_broken and self.print_modified):
            lacking = "the verification seal is whole" if not self.seal_broken else "the main print is not modified"
            raise Sealed(f"legal data cannot be changed: {lacking}")
