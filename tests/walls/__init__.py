"""Five walls per engine, each tested alone: attacks, honest analytics, and the table of both."""
