"""How a title stands in an address, free among what its owner has."""

import re
import unicodedata

LONGEST = 80


def slug_of(title: str) -> str:
    """How a title stands in an address; letters of every script are kept."""
    words = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFKC", title).lower()).strip("-_")
    return words[:LONGEST].strip("-_") or "untitled"


def free_slug(model, owner, wanted: str) -> str:
    """`wanted`, or `wanted-2` and so on: free among what the owner has in that table."""
    near = model.slug.startswith(wanted)
    taken = {row.slug for row in model.select(model.slug).where((model.user == owner) & near)}
    return next(
        s for n in range(1, len(taken) + 2) if (s := wanted if n == 1 else f"{wanted}-{n}") not in taken
    )
