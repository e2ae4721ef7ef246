"""What comes back from a page is its article, whole and alone: no page, no comments."""

import os
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import pages

from drift.errors import InputError
from drift.ingest.articles import read_page
from drift.ingest.fetch import Page

URL = "https://a.example/2012/bridge/"


def read(sample, url=URL):
    body = sample.html if isinstance(sample.html, bytes) else sample.html.encode()
    return read_page(Page(url, url, 200, body, {"content-type": sample.type}))


def words(text):
    return re.findall(r"[㐀-鿿]|[^\W㐀-鿿]+", text.lower())


def measures(found, truth):
    """Give recall and precision, counted in words (Chinese: characters)."""
    have, want = Counter(words(found)), Counter(words(truth))
    common = (have & want).total()
    return common / max(want.total(), 1), common / max(have.total(), 1)


@pytest.mark.parametrize("kind", pages.SAMPLES)
def test_text_of_the_page(kind):
    sample = pages.SAMPLES[kind]()
    article = read(sample)
    recall, precision = measures(article.text, "\n".join(sample.body))
    assert recall >= 0.95, article.text
    assert precision >= 0.95, article.text
    for text in sample.apart:
        assert text not in article.text
    for paragraph in sample.body:  # paragraphs stay whole
        assert paragraph in article.text


@pytest.mark.parametrize("kind", pages.SAMPLES)
def test_what_the_page_says_about_it(kind):
    sample = pages.SAMPLES[kind]()
    article = read(sample)
    assert article.title == sample.title or sample.title is None
    assert article.author == sample.author or sample.author is None
    assert article.published == sample.published or sample.published is None
    assert article.language == sample.language
    assert len(article.comments) == sample.comments
    assert len(article.updates) == sample.updates
    assert tuple(b.text for b in article.blocks if b.kind == "heading") == sample.headings


def test_comments_have_their_authors():
    article = read(pages.wordpress_classic())
    assert [(block.author, block.text) for block in article.comments] == pages.COMMENTS
    assert article.canonical == "https://a.example/bridge/"
    assert article.modified == "2012-03-09T17:02:00+00:00"
    assert "changed after publication, last on 2012-03-09" in article.notes


def test_structure_is_kept():
    article = read(pages.wordpress_blocks())
    kinds = [block.kind for block in article.blocks if block.kind not in ("comment", "update")]
    assert kinds == ["paragraph"] * 2 + ["heading", "paragraph"] + ["item"] * 3 + ["quote"] * 2 + [
        "paragraph"
    ]
    assert "nine days.\n\nWe were not" in article.text
    assert "delivery date.\nTwo name" in article.text


@pytest.mark.parametrize(
    ("html", "message"),
    [
        (pages.front_page(), "a list of 5 articles"),
        (pages.paywall(), "only the beginning of this article is public"),
        (pages.needs_scripts(), "runs scripts"),
        ("<html><body></body></html>", "no article text was found"),
        ("", "no article text was found"),
        ("<html><body><p>Too short.</p></body></html>", "no article text was found"),
        ("\x01\x02\x03\x00" * 200, "leads to a file"),
    ],
)
def test_pages_without_an_article_say_why(html, message):
    with pytest.raises(InputError, match=message) as caught:
        read(pages.Sample(html, ()))
    assert "paste the text instead" in str(caught.value)


def test_a_page_that_is_gone():
    with pytest.raises(InputError, match=r"answers 404 \(not found\)"):
        read_page(Page(URL, URL, 404, b"<p>gone", {"content-type": "text/html"}))


@pytest.mark.parametrize(
    "canonical",
    ["http://127.0.0.1/", "javascript:alert(1)", "https://a.example/", "file:///x", "//[::1]/x"],
)
def test_a_canonical_link_is_checked_like_any_other(canonical):
    html = pages.amp().html.replace("https://a.example/bridge/", canonical)
    assert read(pages.Sample(html, ())).canonical is None


SEED = Path(os.environ.get("DRIFT_DATA", "../shared/data")).parent / "seed"


@pytest.mark.skipif(not SEED.is_dir(), reason="the seed's text is not at hand")
def test_the_seed_page():
    text = next(SEED.glob("*.txt")).read_text(encoding="utf-8")
    sample, heard = pages.seed(text)
    article = read(sample, "https://a.example/2012/02/defection/")
    body = re.sub(r" ?Update: .*", "", "\n".join(sample.body))
    recall, precision = measures(article.text, body)
    assert (round(recall, 3), round(precision, 3)) == (1.0, 1.0)
    assert article.text.startswith("Weibo and Twitter are buzzing")
    assert article.text.endswith("on-again off-again censorship.")
    assert "UPDATE" not in article.text
    assert "Update:" not in article.text
    kept = "\n".join(block.text for block in article.updates)
    assert all(part in kept for part in sample.apart)
    assert len(article.updates) == len(sample.apart) + 2
    said = "\n".join(block.text for block in article.comments)
    assert len(article.comments) == 13
    assert all(line in said and line not in article.text for line in heard if len(line) > 40)
    assert (article.title, article.author) == (
        "High-Level Defection or Convenient Vacation?",
        "C. Custer",
    )
