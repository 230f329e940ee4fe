"""The web: one Bottle, a file of routes per area."""
