"""Organizations, people, sessions, tokens, roles and scopes, and the audit log."""
