"""Facts that no overwrite reaches, as in a compressed document: others do not get such a file while they are hidden."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "media" ADD COLUMN "facts_stay" INTEGER NOT NULL DEFAULT 0')
