"""Subtitles know which track of their film they were, and for whom they are: forced, hearing impaired."""

STATEMENTS = (
    'ALTER TABLE "sidecar" ADD COLUMN "track" INTEGER',
    'ALTER TABLE "sidecar" ADD COLUMN "traits" TEXT NOT NULL DEFAULT \'\'',
    'CREATE UNIQUE INDEX "sidecar_media_id_track" ON "sidecar" ("media_id", "track")',
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
