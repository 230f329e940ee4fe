"""What goblin says when it will not do what was asked."""


class Refused(Exception):
    """What was asked cannot be done; the text is said to the person as it stands.

    `wait`: seconds after which it may be asked again; 0 where that makes no difference.
    """

    def __init__(self, sentence: str, field: str | None = None, status: int = 422, wait: float = 0):
        super().__init__(sentence)
        self.sentence, self.field, self.status, self.wait = sentence, field, status, wait


class NoPeopleYet(Refused):
    """The gallery has no account yet, so that nothing in it is for anybody."""


class WrongPassword(Refused):
    """What was given as a password is not it; whoever gives many of these is slowed down."""
