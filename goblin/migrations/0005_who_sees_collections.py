"""A collection says itself who may see it: until now its title showed with anything in it that did."""

HELD = (
    "EXISTS (SELECT 1 FROM membership JOIN media ON media.id = membership.media_id WHERE "
    "membership.collection_id = collection.id AND media.deleted IS NULL AND media.visibility = '{}')"
)
# As wide as the narrower of what it holds for others; what is but the owner's narrows only what holds no other.
STATEMENTS = (
    'ALTER TABLE "collection" ADD COLUMN "visibility" TEXT NOT NULL DEFAULT \'members\'',
    f"UPDATE collection SET visibility = 'public' WHERE {HELD.format('public')} AND NOT {HELD.format('members')}",
    "UPDATE collection SET visibility = 'private' WHERE "
    f"({HELD.format('private')} OR {HELD.format('unlisted')}) "
    f"AND NOT {HELD.format('members')} AND NOT {HELD.format('public')}",
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
