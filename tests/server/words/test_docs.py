from server.words.docs import PAGE, page
from server.words.table import read_table


def test_the_page_holds_the_table():
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, read_table()) == text, "run python -m server.words.docs"


def test_every_word_is_on_the_page():
    table = read_table()
    text = page("", table)
    for word in table.known():
        assert word in text
