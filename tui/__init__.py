"""The operator's screens. They enter the bench through `bench.session` alone."""
