"""How loss and accuracy are bound to one another."""
