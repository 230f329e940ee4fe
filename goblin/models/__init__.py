"""The tables and the questions asked of them: one file per noun."""

from goblin.models.callback import Callback
from goblin.models.collection import Collection, Membership
from goblin.models.media import Media, Tag
from goblin.models.session import OneTime, Session, Token
from goblin.models.setting import Setting
from goblin.models.sidecar import Sidecar
from goblin.models.upload import Upload
from goblin.models.user import Identity, User

ALL = [
    *(User, Identity, Session, Token, OneTime, Setting),
    *(Media, Tag, Collection, Membership, Sidecar, Callback, Upload),
]

__all__ = [
    *("ALL", "Callback", "Collection", "Identity", "Media", "Membership", "OneTime"),
    *("Session", "Setting", "Sidecar", "Tag", "Token", "Upload", "User"),
]
