"""What calls did to the world outside: writes to sources and requests to others, each once."""
