"""`datelier agent`: from a draft in a file to a published version that answers."""
