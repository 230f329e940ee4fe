"""goblin: a media gallery for a family or a small group, on a small machine."""

__version__ = "0.1.0"
