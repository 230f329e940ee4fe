"""What has no date of its own comes last by date taken, not among what was taken on the day of its upload."""


def up(migrator, db):
    db.execute_sql("""UPDATE "media" SET "ordered" = '-' || substr("created", 1, 19) WHERE "taken" IS NULL""")
