"""Who may see something, as forms offer it."""

from goblin import access, library

VISIBILITIES = (
    ("public", "Everybody", "Anyone who comes by"),
    ("unlisted", "Whoever has the address", "An address that nobody can guess, for you to pass on"),
    ("members", "Members", "Everyone who has an account here"),
    ("private", "Only you", "Nobody else"),
)
OF_COLLECTIONS = tuple(one for one in VISIBILITIES if one[0] in access.OF_COLLECTIONS)


def of_new_collections() -> str:
    """What a new collection begins with: what new media do, as far as collections can."""
    usual = library.limits.visibility
    return usual if usual in access.OF_COLLECTIONS else "private"
