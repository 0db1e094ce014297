"""How loss and accuracy are bound together, and what a pair of them says."""
