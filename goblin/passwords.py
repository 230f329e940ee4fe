"""Passwords: argon2id, said once for accounts and share links."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB, two passes: OWASP's small-memory setting for argon2id; the library's 64 MiB would be the whole box.
hasher = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)
SHORTEST = 8
LONGEST = 1024
# One at a time: two logins at once must not double the memory.
_turn = threading.Semaphore(1)
_nobody = None


def hash_password(password: str) -> str:
    """The hash to store."""
    with _turn:
        return hasher.hash(password)


def check_password(stored: str | None, password) -> bool:
    """Whether the password fits; as slow for a person who does not exist (stored None) as for one who does."""
    if not isinstance(password, str) or not password or len(password) > LONGEST:
        return False
    with _turn:
        try:
            return hasher.verify(stored or _hash_of_nobody(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return hasher.check_needs_rehash(stored)


def _hash_of_nobody():
    global _nobody
    if _nobody is None:
        _nobody = hasher.hash("nobody has this password")
    return _nobody
