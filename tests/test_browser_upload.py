"""Adding media in a real browser."""


def test_page_opens_without_complaints(visit):
    page = visit("/submit/")
    assert page.title().startswith("Add media")
