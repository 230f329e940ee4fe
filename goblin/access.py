"""Who may see what: may(viewer, action, thing) and visible(viewer), the one answer for every way to a medium."""

import hmac

from peewee import SQL, Expression

from goblin.models import Collection, Media

VISIBILITIES = ("public", "unlisted", "members", "private")
OF_COLLECTIONS = ("public", "members", "private")  # they have no address that nobody can guess
ACTIONS = ("view", "download", "original", "edit", "delete")
SHOWN_TO_MEMBERS = ("public", "members")


def may(viewer, action: str, media: Media, key: str | None = None) -> bool:
    """Whether a viewer (a User, or None for a stranger) may do something with a medium.

    `key` is the token of the unlisted address the viewer came by. Actions: view, download (the file with
    what the owner hides taken out), original (the untouched file), edit, delete (and restore).
    Raises ValueError for an action that does not exist.
    """
    if action not in ACTIONS:
        raise ValueError(action)
    if _owns(viewer, media):
        return True
    if action in ("edit", "delete"):
        return False
    if media.deleted or not media.ready or not _sees(viewer, media, key):
        return False
    return action != "original" or media.share_original


def _owns(viewer, media):
    return viewer is not None and viewer.active and viewer.id == media.user_id


def _sees(viewer, media, key):
    if media.visibility == "public":
        return True
    if media.visibility == "members":
        return viewer is not None and viewer.active
    if media.visibility == "unlisted":
        return bool(key and media.secret) and hmac.compare_digest(key.encode(), media.secret.encode())
    return False


def sight(viewer, owner=None) -> str:
    """How a viewer looks at media: as a "stranger", as a "member" at all people's, at one's as "owner" or "guest"."""
    if viewer is None or not viewer.active:
        return "stranger"
    if owner is None:
        return "member"
    return "owner" if viewer.id == owner.id else "guest"


def visible_as(sight: str, viewer_id) -> Expression:
    """The condition on Media for a way of looking; the id may stand for one that is known later.

    Unlisted media are in nobody's lists but their owner's; nothing in the trash or without copies is in any.
    For "owner" and "guest" the caller narrows to that person's media.
    """
    ready = (Media.ready == True) & (Media.deleted.is_null())  # noqa: E712
    if sight == "owner":
        return ready & (Media.user == viewer_id)
    if sight == "stranger":
        return ready & (Media.visibility == "public")
    if sight == "guest":
        return ready & bare(Media.visibility).in_(SHOWN_TO_MEMBERS)
    ready = (bare(Media.ready) == True) & (bare(Media.deleted).is_null())  # noqa: E712
    return ready & (bare(Media.visibility).in_(SHOWN_TO_MEMBERS) | (Media.user == viewer_id))


def bare(column):
    """A column no index is used for: nearly all rows match, so SQLite walks in order rather than gather and sort."""
    return Expression(SQL("+"), "", column, flat=True)


def facts_seen_as(sight: str, viewer_id) -> Expression:
    """The condition for media whose facts (camera, pages ...) a way of looking shows; see may_see_facts."""
    if sight == "owner":
        return Media.user == viewer_id
    shown = Media.show_facts == True  # noqa: E712
    return shown if sight in ("stranger", "guest") else shown | (bare(Media.user) == viewer_id)


def visible(viewer) -> Expression:
    """The condition on Media for every list, count, search and neighbour a viewer may be shown."""
    return visible_as(sight(viewer), viewer.id if viewer else None)


def visible_of(viewer, owner) -> Expression:
    """The same question narrowed to one person's media."""
    return visible_as(sight(viewer, owner), viewer.id if viewer else None) & (Media.user == owner.id)


def may_see_collection(viewer, collection: Collection) -> bool:
    """Whether a viewer may know of a collection: its title, its description and what it holds for them."""
    if _owns(viewer, collection) or collection.visibility == "public":
        return True
    return collection.visibility == "members" and viewer is not None and viewer.active


def collections_seen(viewer) -> Expression:
    """The same question as a condition on Collection."""
    seen_as = sight(viewer)
    if seen_as == "stranger":
        return Collection.visibility == "public"
    return Collection.visibility.in_(SHOWN_TO_MEMBERS) | (Collection.user == viewer.id)


def may_see_place(viewer, media: Media) -> bool:
    """Whether a viewer is shown where it was taken."""
    return media.show_place or _owns(viewer, media)


def may_see_facts(viewer, media: Media) -> bool:
    """Whether a viewer is shown camera and exposure."""
    return media.show_facts or _owns(viewer, media)


def tells_hidden(media: Media) -> bool:
    """Whether a download would tell what its owner hides, as no patch can take it out: then it is not for others."""
    return (media.place_stays and not media.show_place) or (media.facts_stay and not media.show_facts)


def hidden_from(viewer, media: Media) -> list[str]:
    """Which patches ("place", "facts") a viewer's download carries."""
    if _owns(viewer, media) or media.share_original:
        return []
    return [
        name
        for name, shown in (("place", media.show_place), ("facts", media.show_facts))
        if not shown and media.patches.get(name)
    ]
