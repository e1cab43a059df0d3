"""The shell around every route: middleware, errors, the interface description, the web app."""
