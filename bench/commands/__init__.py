"""The commands of `bench`, one module each; whatever is heavy is imported when a command runs."""
