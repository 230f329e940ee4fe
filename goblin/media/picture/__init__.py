"""What pictures of every kind share: reading details, colours, copies."""
