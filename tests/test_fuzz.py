"""A bounded fuzz run: mutated files settle in words or pictures, whatever they hold. See tests/fuzz.py."""

import pytest

from goblin import media
from tests.fuzz import Fuzz, mutate


def run(corpus, tmp_path, count, seed=1):
    media.reset()
    media.scan()
    fuzz = Fuzz(corpus, tmp_path, seed)
    try:
        for number in range(count):
            fuzz.run(number)
    finally:
        fuzz.sandbox.close()
    assert not fuzz.wrong, "\n".join(fuzz.wrong)
    assert sum(fuzz.counts.values()) == count
    return fuzz.counts


def test_some_mutants_settle(corpus, tmp_path):
    counts = run(corpus, tmp_path, 25)
    assert counts["shown"] + counts["told"] > 10


@pytest.mark.long
def test_hundreds_of_mutants_settle(corpus, tmp_path):
    run(corpus, tmp_path, 400, seed=2)


def test_the_same_seed_makes_the_same_mutant():
    import random

    whole = bytes(range(256)) * 8
    assert mutate(whole, random.Random(5)) == mutate(whole, random.Random(5)) != whole
