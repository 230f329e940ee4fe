"""What runs in the decoding child processes only: never imported by the gallery itself."""
