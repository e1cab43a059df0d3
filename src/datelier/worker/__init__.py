"""The data worker: it sits beside the data, dials out to the platform and answers its actions."""
