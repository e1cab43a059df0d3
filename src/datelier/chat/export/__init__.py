"""An answer as a document of its own: Markdown or HTML, with the receipts of its figures."""
