"""Models: who answers, with which key, at what price."""
