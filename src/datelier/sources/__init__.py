"""Sources, their catalogs and files, and the gateway that data workers attach to."""
