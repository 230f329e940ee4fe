"""What reads, measures and draws three-dimensional models: runs in the decoding child processes only."""
