"""The tests of the 382, in words a test engineer reads."""
