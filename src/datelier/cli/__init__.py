"""The command line: the same verbs, over HTTP."""
