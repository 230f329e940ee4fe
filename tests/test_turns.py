"""Pages take turns, and what is drawn once is shown only to whom it was drawn for."""

import threading
import time

import pytest

from goblin import db, people
from goblin.models import Media, User
from goblin.web import turns


def test_one_at_a_time(monkeypatch):
    monkeypatch.setattr(turns, "LONGEST_WAIT", 60)  # else a machine with much to do lets others in
    running, most = 0, 0
    guard = threading.Lock()

    @turns.taking_turns
    def handler():
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
        time.sleep(0.002)
        with guard:
            running -= 1

    threads = [threading.Thread(target=handler) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_slow_page_does_not_hold_up_those_behind_it():
    stuck, done = threading.Event(), []

    @turns.taking_turns
    def slow():
        stuck.wait(10)

    @turns.taking_turns
    def quick():
        done.append(True)

    first = threading.Thread(target=slow)
    first.start()
    quick()
    assert done and first.is_alive()
    stuck.set()
    first.join()


def test_the_turn_is_given_back_when_a_page_fails():
    @turns.taking_turns
    def fails():
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):
            fails()
    assert turns._turn.acquire(blocking=False)
    turns._turn.release()


def test_nobody_sees_the_menu_of_another(site):
    ann, bob, stranger = site.sign_in("ann", admin=True), site.sign_in("bob"), site.browser()
    for _ in range(2):
        assert "/u/ann/gallery/" in ann.get("/") and "/mod/users/" in ann.get("/")
        assert "/u/bob/gallery/" in bob.get("/") and "/mod/users/" not in bob.get("/")
        assert "/u/ann/" not in bob.get("/") and 'class="menu"' not in stranger.get("/")


def test_what_changes_shows_at_once(site):
    ann = site.sign_in("ann")
    assert "data-theme" not in ann.get("/")
    ann.post("/edit/account/", {"theme": "dark"})
    assert 'data-theme="dark"' in ann.get("/")
    people.set_flags(User.named("ann"), admin=True)
    assert "/mod/users/" in ann.get("/")
    assert 'class="count" data-waiting' in ann.get("/") and ">1</span>" not in ann.get("/")
    site.upload(ann)
    assert ">1</span>" in ann.get("/")


def test_rows_packed_into_one_are_the_rows(site):
    ann = site.sign_in("ann")
    for name in ("a.png", "b.png"):
        site.upload(ann, name, title=f'"{name}" \u2603')
    query = Media.select(Media.id, Media.title, Media.width).order_by(Media.id)
    packed = db.Prepared(lambda: db.packed(Media.select(Media.id, Media.title, Media.width)))
    assert sorted(packed.unpacked()) == list(query.tuples())
    nothing = db.Prepared(lambda: db.packed(Media.select(Media.id).where(Media.id < 0)))
    assert nothing.unpacked() == []
