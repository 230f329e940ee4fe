"""The first tables. Ids of media are never given again: addresses of their files are cached for a year."""

STATEMENTS = (
    'CREATE TABLE "user" ("id" INTEGER NOT NULL PRIMARY KEY, "username" TEXT NOT NULL, '
    '"name" TEXT NOT NULL, "bio" TEXT NOT NULL, "email" TEXT NOT NULL, "password" TEXT, '
    '"admin" INTEGER NOT NULL, "uploader" INTEGER NOT NULL, "active" INTEGER NOT NULL, '
    '"quota" INTEGER, "theme" TEXT NOT NULL, "options" TEXT NOT NULL, "created" TEXT NOT NULL)',
    'CREATE UNIQUE INDEX "user_username" ON "user" ("username")',
    'CREATE INDEX "user_email" ON "user" ("email")',
    'CREATE TABLE "identity" ("id" INTEGER NOT NULL PRIMARY KEY, "user_id" INTEGER NOT NULL, '
    '"provider" TEXT NOT NULL, "subject" TEXT NOT NULL, '
    'FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE)',
    'CREATE INDEX "identity_user_id" ON "identity" ("user_id")',
    'CREATE UNIQUE INDEX "identity_provider_subject" ON "identity" ("provider", "subject")',
    'CREATE TABLE "session" ("id" INTEGER NOT NULL PRIMARY KEY, "hash" TEXT NOT NULL, '
    '"created" TEXT NOT NULL, "user_id" INTEGER NOT NULL, "seen" TEXT NOT NULL, '
    '"agent" TEXT NOT NULL, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE)',
    'CREATE UNIQUE INDEX "session_hash" ON "session" ("hash")',
    'CREATE INDEX "session_user_id" ON "session" ("user_id")',
    'CREATE INDEX "session_seen" ON "session" ("seen")',
    'CREATE TABLE "token" ("id" INTEGER NOT NULL PRIMARY KEY, "hash" TEXT NOT NULL, '
    '"created" TEXT NOT NULL, "user_id" INTEGER NOT NULL, "label" TEXT NOT NULL, '
    '"scope" TEXT NOT NULL, "used" TEXT, '
    'FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE)',
    'CREATE UNIQUE INDEX "token_hash" ON "token" ("hash")',
    'CREATE INDEX "token_user_id" ON "token" ("user_id")',
    'CREATE TABLE "one_time" ("id" INTEGER NOT NULL PRIMARY KEY, "hash" TEXT NOT NULL, '
    '"created" TEXT NOT NULL, "user_id" INTEGER, "purpose" TEXT NOT NULL, "expires" TEXT NOT NULL, '
    'FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE)',
    'CREATE UNIQUE INDEX "one_time_hash" ON "one_time" ("hash")',
    'CREATE INDEX "one_time_user_id" ON "one_time" ("user_id")',
    'CREATE TABLE "setting" ("key" TEXT NOT NULL PRIMARY KEY, "value" TEXT NOT NULL)',
    'CREATE TABLE "media" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, '
    '"user_id" INTEGER NOT NULL, "slug" TEXT NOT NULL, "title" TEXT NOT NULL, '
    '"description" TEXT NOT NULL, "kind" TEXT NOT NULL, "mime" TEXT NOT NULL, "name" TEXT NOT NULL, '
    '"bytes" INTEGER NOT NULL, "sha256" TEXT NOT NULL, "original" TEXT NOT NULL, '
    '"state" TEXT NOT NULL, "ready" INTEGER NOT NULL, "visibility" TEXT NOT NULL, "deleted" TEXT, '
    '"secret" TEXT, "license" TEXT NOT NULL, "created" TEXT NOT NULL, "updated" TEXT NOT NULL, '
    '"taken" TEXT, "taken_offset" TEXT, "ordered" TEXT NOT NULL, "width" INTEGER, "height" INTEGER, '
    '"duration" REAL, "lat" REAL, "lon" REAL, "animated" INTEGER NOT NULL, '
    '"placeholder" TEXT NOT NULL, "generation" INTEGER NOT NULL, "thumbs" TEXT NOT NULL, '
    '"files" TEXT NOT NULL, "data" TEXT NOT NULL, "patches" TEXT NOT NULL, '
    '"place_stays" INTEGER NOT NULL, "show_place" INTEGER NOT NULL, "show_facts" INTEGER NOT NULL, '
    '"share_original" INTEGER NOT NULL, "made" TEXT NOT NULL, "todo" TEXT NOT NULL, '
    '"overrides" TEXT NOT NULL, "started" TEXT, "progress" REAL, "step" TEXT NOT NULL, '
    '"error" TEXT NOT NULL, "detail" TEXT NOT NULL, "lacks" TEXT NOT NULL, "attempts" INTEGER NOT NULL, '
    '"fixed" TEXT NOT NULL, "companion_of_id" INTEGER, "pair" TEXT NOT NULL, '
    'FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE, '
    'FOREIGN KEY ("companion_of_id") REFERENCES "media" ("id") ON DELETE CASCADE)',
    'CREATE INDEX "media_user_id" ON "media" ("user_id")',
    'CREATE UNIQUE INDEX "media_secret" ON "media" ("secret")',
    'CREATE UNIQUE INDEX "media_user_id_slug" ON "media" ("user_id", "slug")',
    'CREATE INDEX "media_companion_of_id" ON "media" ("companion_of_id")',
    'CREATE INDEX "media_user_id_sha256" ON "media" ("user_id", "sha256")',
    'CREATE INDEX "media_user_id_pair" ON "media" ("user_id", "pair")',
    'CREATE INDEX "media_user_id_name" ON "media" ("user_id", "name")',
    'CREATE INDEX "media_visibility_ready_deleted_id" ON "media" ("visibility", "ready", "deleted", "id")',
    'CREATE INDEX "media_visibility_ready_deleted_ordered_id" ON "media" ("visibility", "ready", '
    '"deleted", "ordered", "id")',
    'CREATE INDEX "media_user_id_deleted_ready_id" ON "media" ("user_id", "deleted", "ready", "id")',
    'CREATE INDEX "media_user_id_deleted_ready_ordered_id" ON "media" ("user_id", "deleted", '
    '"ready", "ordered", "id")',
    'CREATE INDEX "media_user_id_updated" ON "media" ("user_id", "updated")',
    'CREATE INDEX "media_ordered_id" ON "media" ("ordered", "id")',
    'CREATE INDEX "media_state_id" ON "media" ("state", "id")',
    'CREATE INDEX "media_user_id_deleted_state" ON "media" ("user_id", "deleted", "state")',
    'CREATE INDEX "media_kind_made" ON "media" ("kind", "made")',
    'CREATE INDEX "media_deleted_id" ON "media" ("deleted", "id")',
    'CREATE TABLE "tag" ("id" INTEGER NOT NULL PRIMARY KEY, "media_id" INTEGER NOT NULL, '
    '"word" TEXT NOT NULL, "key" TEXT NOT NULL, '
    'FOREIGN KEY ("media_id") REFERENCES "media" ("id") ON DELETE CASCADE)',
    'CREATE INDEX "tag_media_id" ON "tag" ("media_id")',
    'CREATE UNIQUE INDEX "tag_media_id_key" ON "tag" ("media_id", "key")',
    'CREATE INDEX "tag_key_media_id" ON "tag" ("key", "media_id")',
    'CREATE TABLE "collection" ("id" INTEGER NOT NULL PRIMARY KEY, "user_id" INTEGER NOT NULL, '
    '"slug" TEXT NOT NULL, "title" TEXT NOT NULL, "description" TEXT NOT NULL, '
    '"created" TEXT NOT NULL, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE)',
    'CREATE INDEX "collection_user_id" ON "collection" ("user_id")',
    'CREATE UNIQUE INDEX "collection_user_id_slug" ON "collection" ("user_id", "slug")',
    'CREATE TABLE "membership" ("id" INTEGER NOT NULL PRIMARY KEY, "collection_id" INTEGER NOT NULL, '
    '"media_id" INTEGER NOT NULL, "added" TEXT NOT NULL, '
    'FOREIGN KEY ("collection_id") REFERENCES "collection" ("id") ON DELETE CASCADE, '
    'FOREIGN KEY ("media_id") REFERENCES "media" ("id") ON DELETE CASCADE)',
    'CREATE INDEX "membership_collection_id" ON "membership" ("collection_id")',
    'CREATE INDEX "membership_media_id" ON "membership" ("media_id")',
    'CREATE UNIQUE INDEX "membership_collection_id_media_id" ON "membership" ("collection_id", "media_id")',
    'CREATE TABLE "sidecar" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, '
    '"media_id" INTEGER NOT NULL, "kind" TEXT NOT NULL, "language" TEXT NOT NULL, '
    '"label" TEXT NOT NULL, "name" TEXT NOT NULL, "bytes" INTEGER NOT NULL, "sha256" TEXT NOT NULL, '
    '"place" TEXT NOT NULL, "created" TEXT NOT NULL, "deleted" TEXT, "tells_place" INTEGER NOT NULL, "vtt" BLOB, '
    'FOREIGN KEY ("media_id") REFERENCES "media" ("id") ON DELETE CASCADE)',
    'CREATE INDEX "sidecar_media_id" ON "sidecar" ("media_id")',
    'CREATE TABLE "callback" ("id" INTEGER NOT NULL PRIMARY KEY, "media_id" INTEGER NOT NULL, '
    '"address" TEXT NOT NULL, "home" TEXT NOT NULL, "due" TEXT, "tries" INTEGER NOT NULL, '
    '"created" TEXT NOT NULL, FOREIGN KEY ("media_id") REFERENCES "media" ("id") ON DELETE CASCADE)',
    'CREATE INDEX "callback_media_id" ON "callback" ("media_id")',
    'CREATE INDEX "callback_due" ON "callback" ("due")',
    'CREATE TABLE "upload" ("id" INTEGER NOT NULL PRIMARY KEY, "token" TEXT NOT NULL, '
    '"user_id" INTEGER NOT NULL, "length" INTEGER NOT NULL, "fingerprint" TEXT NOT NULL, '
    '"meta" TEXT NOT NULL, "created" TEXT NOT NULL, "expires" TEXT NOT NULL, "medium_id" INTEGER, '
    'FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE, '
    'FOREIGN KEY ("medium_id") REFERENCES "media" ("id") ON DELETE CASCADE)',
    'CREATE UNIQUE INDEX "upload_token" ON "upload" ("token")',
    'CREATE INDEX "upload_user_id" ON "upload" ("user_id")',
    'CREATE INDEX "upload_expires" ON "upload" ("expires")',
    'CREATE INDEX "upload_medium_id" ON "upload" ("medium_id")',
    'CREATE INDEX "upload_user_id_fingerprint" ON "upload" ("user_id", "fingerprint")',
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
