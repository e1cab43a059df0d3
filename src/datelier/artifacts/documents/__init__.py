"""Documents: texts, code and sheets, each a row of immutable versions."""
