"""Types of the parts that the analyst graph adds to an answer and that are read again later."""

SUMMARY_PART = "data-summary"
FOLLOWUPS_PART = "data-followups"
