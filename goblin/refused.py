"""What goblin says when it will not do what was asked."""


class Refused(Exception):
    """What was asked cannot be done; the text is said to the person as it stands."""

    def __init__(self, sentence: str, field: str | None = None, status: int = 422):
        super().__init__(sentence)
        self.sentence, self.field, self.status = sentence, field, status
