"""What RAW files of cameras share: telling them apart, their previews, developing the simple ones."""
