"""Every payload of the list in every field, in a real browser: nothing of it becomes markup."""

from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.api.hostile import PLAIN, report
from tests.api.world import security_list

pytestmark = pytest.mark.slow
EACH = 25  # payloads of one report
# The page as a list of elements with the names of their attributes, and apart from it, as a set,
# what stands where the number of sentences of the post decides how many elements there are.
SHAPE = """
() => {
  const told = (one) => [one.localName, ...one.getAttributeNames().filter(
    (name) => !(one.localName === 'details' && name === 'open')).sort()].join(' ');
  const loose = (one) => one.closest(
    '.ours, .whole, .lead, .hot, .strip, .ribbon, .hidden-char, .wording, .correction, .flags');
  const all = [...document.querySelectorAll('*')];
  return {
    exact: all.filter((one) => !loose(one)).map(told),
    loose: [...new Set(all.filter(loose).map(told))],
    links: [...document.querySelectorAll('[href], [src], [action]')].map(
      (one) => (one.getAttribute('href') || one.getAttribute('src') || one.getAttribute('action')))
      .filter((link) => !/^(https?:|[/]|#)/.test(link)),
  };
}
"""


def payloads():
    kept = [one.replace("\0", "\ufffd") for one in security_list("html_payloads.json")]
    readable = [one.encode("utf-8", "replace").decode() for one in kept if one.strip()]
    return [one[:9_000] for one in readable]


@pytest.fixture(scope="module")
def reports():
    every = payloads()
    pieces = [every[at : at + EACH] for at in range(0, len(every), EACH)]
    pieces[-1] += [PLAIN] * (EACH - len(pieces[-1]))
    return [report([PLAIN] * EACH), *(report(piece) for piece in pieces)]


def same(page, plain):
    shape = page.evaluate(SHAPE)
    assert shape["links"] == []
    assert shape["exact"] == plain["exact"]
    assert set(shape["loose"]) <= {*plain["loose"], *EXPECTED}
    assert page.evaluate("window.broken") == []
    assert [one for one in page.told if "422 (Unprocessable" not in one] == []


# Where a post is long, and where it says hidden characters by name.
EXPECTED = {"p class", "span class", "bdi lang", "bdi", "mark class", "sup", "a class href id"}


def test_no_payload_in_any_field_of_a_report_is_markup(visit, stored, tmp_path):
    page, own = visit(), visit()
    page.goto(f"/reports/{stored[0]}?lang=en")
    plain = page.evaluate(SHAPE)
    saved = tmp_path / "report.html"
    fetched = page.request.get(f"/reports/{stored[0]}/download/html?lang=zh")
    saved.write_bytes(fetched.body())
    own.goto(saved.as_uri())
    alone = own.evaluate(SHAPE)
    assert len(plain["exact"]) > 20 * EACH
    for name in stored[1:]:
        page.goto(f"/reports/{name}?lang=en")
        page.mouse.move(200, 400)
        page.keyboard.press("Tab")
        same(page, plain)
        saved.write_bytes(page.request.get(f"/reports/{name}/download/html?lang=zh").body())
        own.told.clear()
        own.goto(saved.as_uri())
        own.told[:] = [one for one in own.told if not one.startswith(Path(saved).as_uri())]
        same(own, alone)


def test_no_payload_in_the_form_or_its_address_is_markup(visit):
    page = visit()
    page.goto("/?example=1")
    form = page.evaluate(SHAPE)["exact"]
    page.evaluate(FILL, ["", ""])
    page.wait_for_selector("#fault")
    plain = page.evaluate(SHAPE)
    every = payloads()
    for at in range(0, len(every), EACH):
        some = every[at : at + EACH]
        page.goto("/")
        page.evaluate(FILL, ["\n".join(some), "https://x.example/\n" + some[0]])
        page.wait_for_selector("#fault")
        same(page, plain)
        page.goto(f"/?{urlencode({'lang': some[0][:500], 'example': some[-1][:500]})}")
        assert page.evaluate(SHAPE)["exact"] == form
        assert page.evaluate("window.broken") == []


FILL = """
([post, retweets]) => {
  const form = document.querySelector('form.ask');
  form.noValidate = true;
  form.post.value = post;
  form.retweets.value = retweets;
  form.requestSubmit();
}
"""
