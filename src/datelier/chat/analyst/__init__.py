"""The analyst graph: a question is routed, its data is fetched, the answer is told."""
