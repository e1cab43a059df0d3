"""Named metrics and terms that people wrote, certified, and that answers use."""
