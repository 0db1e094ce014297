"""Each kind of network as a subject of the audit: its parts are found, and how to call them."""
