"""Logging in with the name or e-mail address and password of an account here."""

from goblin import auth, passwords
from goblin.models import User


@auth.register
class Local(auth.Provider):
    """Accounts of this gallery."""

    type = "local"

    def check(self, form: dict) -> User | None:
        name, password = form.get("username"), form.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            return None
        user = User.named(name) or (_of_address(name) if "@" in name else None)
        if not passwords.check_password(user.password if user else None, password):
            return None
        if passwords.is_outdated(user.password):
            User.update(password=passwords.hash_password(password)).where(User.id == user.id).execute()
        return user


def _of_address(email):
    found = list(User.select().where(User.email == email.strip()).limit(2))
    return found[0] if len(found) == 1 else None
