"""The table of the guest book."""


def up(migrator, db):
    db.execute_sql(
        'CREATE TABLE "guestbook_entry" '
        '("id" INTEGER NOT NULL PRIMARY KEY, "said" TEXT NOT NULL, "written" TEXT NOT NULL)'
    )
