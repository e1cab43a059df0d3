"""Names of the built-in graphs, known without importing LangGraph."""

PLAIN_NAME = "plain"
BACKGROUND_NAME = "background"
ANALYST_NAME = "analyst"
