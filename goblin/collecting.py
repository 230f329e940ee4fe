"""Collections: found or made by their title, filled, renamed, removed."""

import re

from goblin import access
from goblin.db import db
from goblin.details import LONGEST
from goblin.models import Collection, Media, Membership, User
from goblin.refused import Refused
from goblin.slugs import free_slug, slug_of
from goblin.wording import clean_line

NARROWED = {"unlisted": "private"}  # a collection has no address that nobody can guess
MOST = 200  # collections given in one go; each title that is not there yet makes one


def collect(user: User, title: str, visibility: str = "members") -> Collection:
    """The person's collection of that title, or `id:N`. Raises Refused.

    If there is none it is made, and seen by those who see what it is made for: `visibility` is that of a medium.
    """
    if title.startswith("id:"):
        known = re.fullmatch(r"id:(\d{1,18})", title)
        found = known and Collection.get_or_none((Collection.user == user) & (Collection.id == int(known[1])))
        if found is None:
            raise Refused("That collection is not there any more.", "collection")
        return found
    title = _checked(title)
    with db.atomic():
        found = Collection.get_or_none((Collection.user == user) & (Collection.title == title))
        slug, seen_by = free_slug(Collection, user, slug_of(title)), NARROWED.get(visibility, visibility)
        return found or Collection.create(user=user, title=title, slug=slug, visibility=seen_by)


def _checked(title):
    if not (title := clean_line(title)):
        raise Refused("Give the collection a name.", "collection")
    if len(title) > LONGEST["title"]:
        raise Refused(f"This is too long; {LONGEST['title']} characters at most.", "collection")
    return title


def require(user: User, title: str):
    """Raises Refused where collect() would, and makes nothing: to be asked before much is sent or taken."""
    collect(user, title) if title.startswith("id:") else _checked(title)


def put_into(item: Media, collection: Collection | None):
    """Add a medium to a collection it may be in already."""
    if collection is not None:
        Membership.insert(media=item, collection=collection).on_conflict_ignore().execute()


def put_only_into(item: Media, titles: str | list[str]):
    """Make these the owner's collections that hold a medium. Raises Refused."""
    titles = [titles] if isinstance(titles, str) else titles
    if not isinstance(titles, list) or not all(isinstance(t, str) for t in titles):
        raise Refused("Collections are named by their titles.", "collection")
    titles = set(titles) - {""}
    if len(titles) > MOST:
        raise Refused(f"That is more than the {MOST} collections one medium may be in.", "collection")
    wanted = {collect(item.user, t, item.visibility).id for t in titles}
    mine = Collection.select(Collection.id).where(Collection.user == item.user)
    unwanted = (
        (Membership.media == item) & Membership.collection.in_(mine) & Membership.collection.not_in(wanted)
    )
    Membership.delete().where(unwanted).execute()
    for id in wanted:
        Membership.insert(media=item, collection=id).on_conflict_ignore().execute()


def check_description(text: str):
    """Raises Refused for one that is too long."""
    if len(text) > LONGEST["description"]:
        raise Refused(f"This is too long; {LONGEST['description']} characters at most.", "description")


def check_visibility(choice: str):
    """Raises Refused for one that collections do not have."""
    if choice not in access.OF_COLLECTIONS:
        raise Refused("Choose who may see this: public, members or private.", "visibility")


def edit(collection: Collection, user: User, title: str, description: str, visibility: str) -> Collection:
    """Rename or describe a collection, and say who may see it. Raises Refused."""
    if collection.user_id != user.id:
        raise Refused("Only its owner may change this.", status=403)
    check_description(description)
    check_visibility(visibility)
    title = clean_line(title) and _checked(title)
    taken = (Collection.user == user) & (Collection.title == title) & (Collection.id != collection.id)
    if Collection.select().where(taken).exists():
        raise Refused("You have another collection of that name.", "title", 409)
    collection.title, collection.description = title or collection.title, description
    collection.visibility = visibility
    collection.save()
    return collection


def delete(collection: Collection, user: User):
    """Remove a collection; its media stay. Raises Refused."""
    if collection.user_id != user.id:
        raise Refused("Only its owner may delete this.", status=403)
    Collection.delete().where(Collection.id == collection.id).execute()
