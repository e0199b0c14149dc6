"""The Kamstrup 382 as pure logic: no I/O, no clock, no float in a register."""
