"""The analyst graph: questions are sorted first, and each kind is answered in steps of its own."""
