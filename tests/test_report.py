"""Every form of the report: what it says, and that hostile text stays text in it."""

import csv
import io
import json
import os
import re
import unicodedata
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from drift.errors import InputError
from drift.records import (
    Claim,
    Finding,
    Gloss,
    Label,
    Piece,
    Post,
    Report,
    Retweet,
    Severity,
    Span,
    Verdict,
    Voice,
)
from drift.report import FORMS, render, terminal
from drift.report.layout import Mark, card, headline, hot_sentences, runs
from drift.report.rows import error_row, to_row, to_verdict
from drift.report.tables import safe
from drift.visible import plain, safe_link, visible
from tests.samples import POST, SIGNATURE, report

SHARED = Path(os.environ.get("DRIFT_DATA", Path(__file__).parents[2] / "shared" / "data")).parent
CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
SGR = re.compile("\x1b\\[[0-9;]*m")


def attacks(name):
    """Read a list of hostile strings; it is not part of this repository."""
    path = SHARED / "security" / name
    if not path.exists():
        pytest.skip(f"no {name}: set DRIFT_DATA to a data folder that has security/ beside it")
    read = json.loads(path.read_text(encoding="utf-8"))
    return list(read.values()) if isinstance(read, dict) else read


def hostile(*payloads, url="no-address", source=None):
    """Make a report with the payloads wherever foreign text can stand, a retweet a payload."""
    source = f"One{' '.join(payloads)}two" if source is None else source
    first = f"x{payloads[0]}"
    verdicts = tuple(_hostile(payload, url, source) for payload in payloads)
    return Report(Post(first, source, url, first, first), verdicts, f"bt:{first}|v:1")


def _hostile(payload, url, source):
    filled, text = f"x{payload}", f"甲{payload}乙"
    theirs, ours = Span(1, max(2, len(text) - 1)), Span(0, len(source))
    details = dict.fromkeys(("word", "cue", "from", "to", "holder", "gloss"), filled)
    found = Finding("quantity", Severity.MAJOR, 0.5, theirs, ours, "quantity.changed", details)
    claim = Claim(
        theirs, Voice.CLAIM, filled, (Gloss(filled, filled, theirs),), (Piece(ours, 0.5),)
    )
    retweet = Retweet(filled, text, url, filled, filled)
    return Verdict(retweet, Label.MISREPRESENTS, 0.9, 0.9, "hans", (claim,), (found,), (filled,))


def by_ten(payloads):
    """Put ten payloads on a page, so that the page itself is read less often."""
    return [payloads[start : start + 10] for start in range(0, len(payloads), 10)]


# --- rows -----------------------------------------------------------------------------------------


def test_a_row_has_the_fields_of_the_contract_in_their_order():
    row = to_row(report().verdicts[0], POST, SIGNATURE)
    assert list(row) == [
        *("schema", "id", "verdict", "score", "confidence", "back_translation", "script"),
        *("claims", "findings", "correction", "signature"),
    ]
    assert row["schema"] == "drift/1"
    assert row["verdict"] == "misrepresents"
    assert list(row["claims"][0]) == ["span", "voice", "back_translation", "gloss", "aligned"]
    assert row["claims"][0]["gloss"][0] == {
        "zh": "市政府",
        "en": "city government",
        "start": 3,
        "end": 6,
    }
    first = row["findings"][0]
    assert list(first) == [
        *("type", "severity", "confidence", "retweet_span", "post_span", "explanation", "mqm"),
    ]
    assert set(first["explanation"]) == set(row["correction"]) == {"en", "zh"}


def test_spans_of_a_row_cut_their_own_text():
    for verdict in report().verdicts:
        row = to_row(verdict, POST, SIGNATURE)
        for found in row["findings"]:
            for side, text in (("retweet_span", verdict.retweet.text), ("post_span", POST.text)):
                span = found[side]
                assert span is None or text[span["start"] : span["end"]] == span["text"]


def test_absent_spans_are_null():
    rows = [to_row(verdict, POST, SIGNATURE) for verdict in report().verdicts]
    cause = next(found for found in rows[0]["findings"] if found["type"] == "cause")
    assert cause["post_span"] is None
    assert rows[6]["findings"][0]["retweet_span"] is None


def test_a_row_reads_back_into_the_same_row():
    for verdict in report().verdicts:
        row = json.loads(json.dumps(to_row(verdict, POST, SIGNATURE)))
        again = to_row(to_verdict(row, verdict.retweet), POST, SIGNATURE)
        row["correction"] = again["correction"] = None  # is drafted anew, from less
        assert again == row


@pytest.mark.parametrize(
    "row",
    [{}, {"schema": "drift/2"}, error_row("r1", "no text"), {"schema": "drift/1", "verdict": "x"}],
)
def test_what_is_no_row_is_refused(row):
    with pytest.raises(InputError):
        to_verdict(row, Retweet("r1", "转发"))


def test_json_is_a_document_and_lines_are_rows():
    document = json.loads(render(report(), "json"))
    assert document["post"]["text"] == POST.text
    assert document["summary"] == {
        "retweets": 7,
        "faithful": 1,
        "drifted": 2,
        "misrepresents": 2,
        "unrelated": 1,
        "uncertain": 1,
    }
    lines = render(report(), "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == document["results"]


def test_json_keeps_hostile_text_whole_and_harmless():
    text = "\ud800\x00\x1b]0;x\x07\u2028\u202e\x9b王\U000e0041"
    shown = Report(POST, (replace(report().verdicts[5], retweet=Retweet(text, text)),), SIGNATURE)
    line = render(shown, "jsonl")
    assert not CONTROL.search(line)
    assert json.loads(line)["id"] == text
    assert len(line.splitlines()) == 1


# --- what a reader is told ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "english", "chinese"),
    [
        ("", "There are no retweets to check.", "没有可核对的转发。"),
        ("m", "This retweet misrepresents the post.", "这条转发歪曲了原文。"),
        (
            "?",
            "Whether this retweet is faithful could not be decided.",
            "这条转发是否忠实于原文，无法判定。",
        ),
        ("mmf", "2 of 3 retweets misrepresent this post.", "3条转发中有2条歪曲了这篇原文。"),
        ("mff", "1 of 3 retweets misrepresents this post.", "3条转发中有1条歪曲了这篇原文。"),
        ("mm", "All 2 retweets misrepresent this post.", "2条转发全部歪曲了这篇原文。"),
        ("ff", "None of 2 retweets misrepresents this post.", "2条转发均未歪曲这篇原文。"),
        (
            "f?",
            "No misrepresentation found in 2 retweets; 1 could not be decided.",
            "2条转发中未发现歪曲，其中1条无法判定。",
        ),
    ],
)
def test_the_headline(labels, english, chinese):
    kinds = {"m": Label.MISREPRESENTS, "f": Label.FAITHFUL, "?": Label.UNCERTAIN}
    base = report().verdicts[2]
    shown = Report(POST, tuple(replace(base, label=kinds[one]) for one in labels), SIGNATURE)
    assert headline(shown, "en") == english
    assert headline(shown, "zh") == chinese


def test_findings_are_numbered_gravest_first_on_both_sides():
    shown = card(1, report().verdicts[0], POST)
    assert [note.finding.type for note in shown.notes] == [
        *("conditional", "cause", "quantity", "intensity"),
    ]
    marked = {run.numbers: run.text for run in shown.runs if run.numbers}
    assert marked == {
        (1,): "市政府已关闭北码头",
        (2,): "因害怕商户闹事",
        (3,): "4万",
        (4,): "毁灭性打击",
    }
    ours = {run.numbers: run.text for one in shown.passages for run in one.runs if run.numbers}
    assert ours == {
        (1,): "If the city were to close the northern pier",
        (3,): "4,000",
        (4,): "a blow",
    }
    assert [word.numbers for word in shown.lines[2].words] == [(3,), (), (), ()]


def test_hot_sentences_are_those_that_most_retweets_change():
    places = hot_sentences(report())
    assert [place.cards for place in places] == [(1, 2), (4, 7), (1,)]
    assert places[0].text.startswith("The port authority")


@given(
    text=st.text(max_size=40),
    spans=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6),
)
def test_runs_give_the_text_back_and_end_every_mark_once(text, spans):
    marks = [
        Mark(number, Span(min(pair), min(max(pair), len(text))), Severity.MINOR)
        for number, pair in enumerate(spans, 1)
    ]
    cut = runs(text, Span(0, len(text)), marks)
    assert "".join(run.text for run in cut) == text
    shown = [mark.number for mark in marks if mark.span.start < mark.span.end]
    assert sorted(number for run in cut for number in run.ends) == shown


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_form_tells_both_languages(form, lang):
    told = re.sub(r"\\(.)", r"\1", re.sub("<[^>]*>", "", render(report(), form, lang)))
    told = re.sub(r"\s+", "", told)
    assert "becausefeartradersmaketrouble" in told
    assert "转发加上了原因或动机" in told
    assert "这条中文转发与我的原文不符" in told
    assert "AChineseretweetdoesnotsaywhatIwrote" in told


@pytest.mark.parametrize("form", FORMS)
def test_every_form_bears_an_empty_report_and_empty_texts(form):
    empty = Verdict(Retweet("", ""), Label.UNRELATED, 0, 1, "none", (), ())
    assert render(Report(Post("", ""), (), ""), form) or form == "jsonl"  # no retweet, no line
    assert render(Report(Post("", ""), (empty, empty), ""), form)


def test_unknown_forms_and_languages_are_refused():
    with pytest.raises(InputError, match="choose one of text, json"):
        render(report(), "docx")
    with pytest.raises(InputError, match="choose en or zh"):
        render(report(), "text", "de")


# --- hidden characters ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("safe\u202etxt.exe", "safe[U+202E]txt.exe"),
        ("a\x1b[31mb", "a[U+001B][31mb"),
        ("line\r\nline\ttab", "line\nline tab"),
        ("x\U000e0041\U000e0042\U000e0043y", "x[U+E0041 +2]y"),
        ("Z" + "\u0301" * 40, "Z" + "\u0301" * 8 + "[U+0301 +31]"),
        ("\ud800\ufffe\u2028", "[U+D800 +2]"),
        ("1\ufe0f\ufe0f2", "1\ufe0f[U+FE0F]2"),
    ],
)
def test_hidden_characters_are_named(raw, shown):
    assert visible(raw) == shown


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d💻 👨\u200d👩\u200d👧\u200d👦 ❤\ufe0f 👍🏽 🏳\ufe0f\u200d🌈 1\ufe0f\u20e3",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می\u200cخواهم क्\u200dष",
        "葛\U000e0100城　全角，王立军 é e\u0301 ệ",
    ],
)
def test_what_people_really_write_stays(text):
    assert visible(text) == text


@given(st.text())
def test_visible_text_is_harmless_and_stays_as_it_is(text):
    shown = visible(text)
    assert not CONTROL.search(shown)
    assert visible(shown) == shown
    assert not CONTROL.search(plain(text))


# --- terminal -------------------------------------------------------------------------------------


def test_plain_text_has_no_colour_and_numbers_its_brackets():
    text = render(report(), "text")
    assert "\x1b" not in text
    assert "[市政府已关闭北码头]¹" in text
    assert "✗ Misrepresents" in text


def test_colour_only_where_it_is_welcome():
    class Screen(io.StringIO):
        def isatty(self):
            return True

    assert "\x1b[" in terminal.render(report(), "en", 80, colour=True)
    assert terminal.wants_colour(Screen(), {"TERM": "xterm"})
    assert not terminal.wants_colour(Screen(), {"NO_COLOR": "1", "TERM": "xterm"})
    assert not terminal.wants_colour(Screen(), {"TERM": "dumb"})
    assert not terminal.wants_colour(io.StringIO(), {"TERM": "xterm"})
    assert terminal.width(io.StringIO()) == 80


@pytest.mark.parametrize("width", [40, 60, 79, 100, 400])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_line_is_wider_than_the_terminal(width, lang):
    for colour in (False, True):
        text = SGR.sub("", terminal.render(report(), lang, width, colour))
        assert max(cell_len(line) for line in text.split("\n")) <= min(width, terminal.WIDTH)


def test_gloss_stands_under_its_word():
    lines = render(report(), "text").split("\n")
    at = next(index for index, line in enumerate(lines) if line.startswith("    因  "))
    chinese, english = lines[at : at + 2]
    for zh, en in (("害怕", "fear"), ("商户", "traders"), ("闹事", "make trouble")):
        assert cell_len(chinese[: chinese.index(zh)]) == cell_len(english[: english.index(en)])


@given(
    text=st.text(alphabet=st.sampled_from("ab ，。“”王立4."), max_size=80), width=st.integers(4, 30)
)
@example(text=" 444444。", width=7)  # what is left after a break may still be too wide
def test_lines_break_within_the_width(text, width):
    cuts = terminal.breaks(text, width)
    assert cuts == sorted(set(cuts))
    for start, end in pairwise((0, *cuts, len(text))):
        assert cell_len(text[start:end].rstrip()) <= width


def test_no_control_byte_reaches_the_terminal():
    for payloads in by_ten(attacks("terminal.json")):
        shown = hostile(*payloads)
        assert not CONTROL.search(render(shown, "text"))
        assert not CONTROL.search(SGR.sub("", terminal.render(shown, "zh", 80, colour=True)))
        assert not CONTROL.search(render(shown, "md"))


# --- CSV ------------------------------------------------------------------------------------------


def cells(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def test_csv_has_a_row_a_finding_and_loses_no_retweet():
    header, *body = cells(render(report(), "csv"))
    read = [dict(zip(header, row, strict=True)) for row in body]
    assert [row["retweet_id"] for row in read] == [
        *("r1", "r1", "r1", "r1", "r2", "r2", "r3", "r4", "r5", "r6", "r7"),
    ]
    assert read[2]["retweet_words"] in ("4万", "因害怕商户闹事")
    assert read[6]["finding"] == read[6]["explanation_en"] == ""


@pytest.mark.parametrize(
    ("raw", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("＝1+1", "'＝1+1"),
        (" @x", "' @x"),
        ("\t-1", "' -1"),
        ("'=1", "''=1"),
        ("plain", "plain"),
        (-1, -1),
    ],
)
def test_formulas_are_defused(raw, cell):
    assert safe(raw) == cell


def test_no_cell_of_an_attack_is_a_formula():
    for payload in attacks("csv_cells.json"):
        shown = hostile(payload)
        shown = replace(
            shown,
            verdicts=tuple(
                replace(one, retweet=Retweet(payload, payload, payload, payload), findings=())
                for one in shown.verdicts
            ),
        )
        for text in (render(shown, "csv"), render(hostile(payload), "csv")):
            header, *body = cells(text)
            assert len(body) == 1
            assert len(body[0]) == len(header)
            for cell in body[0]:
                assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
                assert not CONTROL.search(cell)


# --- HTML -----------------------------------------------------------------------------------------


class Shape(HTMLParser):
    """The elements of a page with the names of their attributes; and its links and text."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.elements, self.links, self.told, self.ids = [], [], [], []
        self.muted = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        names = tuple(sorted(name for name, _ in attrs))
        known = dict(attrs)
        if known.get("class") == "hidden-char":
            self.muted += 1
            return
        self.elements.append((tag, names))
        self.ids.extend(value for name, value in attrs if name == "id")
        self.links.extend(value for name, value in attrs if name in ("href", "src", "action"))

    def handle_endtag(self, tag):
        if tag == "span" and self.muted:
            self.muted -= 1

    def handle_data(self, data):
        self.told.append(f"[{data}]" if self.muted else data)


# Every kind of element that a page of calm text is made of.
CALM = {
    element
    for payloads in (["Calm."], ["Calm. And long", "calm"])
    for element in Shape(render(hostile(*payloads), "html")).elements
}


def test_the_page_asks_nothing_of_anyone():
    page = render(report(), "html")
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|\bon\w+=", page)
    shape = Shape(page)
    outside = [link for link in shape.links if not link.startswith("#")]
    assert set(outside) == {POST.url, "https://example.org/r/1"}
    for tag in re.findall(r"<a [^>]*https?:[^>]*>", page):
        assert 'rel="noopener noreferrer"' in tag


def test_links_within_the_page_lead_somewhere_and_ids_are_unique():
    for lang in ("en", "zh"):
        shape = Shape(render(report(), "html", lang))
        assert len(shape.ids) == len(set(shape.ids))
        assert {link[1:] for link in shape.links if link.startswith("#")} <= set(shape.ids)


def test_every_text_says_its_language():
    page = render(report(), "html", "zh")
    assert '<html lang="zh-Hans">' in page
    assert '<bdi lang="zh-Hant">RT @ferry' in page
    assert '<bdi lang="en">' in page


def test_the_page_s_tags_are_balanced():
    class Balance(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open = []

        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "br"):
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag, self.getpos()

        def handle_startendtag(self, tag, attrs):
            pass

    for lang in ("en", "zh"):
        parser = Balance()
        parser.feed(render(report(), "html", lang))
        assert parser.open == []


def test_no_payload_changes_the_elements_of_the_page():
    for payloads in by_ten(attacks("html_payloads.json")):
        page = render(hostile(*payloads), "html")
        shape = Shape(page)
        # The payloads stand in the post too, whose sentences are elements: no new kind of them.
        assert set(shape.elements) <= CALM, payloads
        assert all(link.startswith("#") for link in shape.links), payloads
        assert not CONTROL.search(page), payloads


@cache
def calm_elements(count, source):
    return Shape(render(hostile(*["calm"] * count, source=source), "html")).elements


def test_no_payload_outside_the_post_changes_the_shape_at_all():
    source = "A calm post. It has two sentences."
    for payloads in by_ten(attacks("html_payloads.json")):
        shape = Shape(render(hostile(*payloads, source=source), "html"))
        assert shape.elements == calm_elements(len(payloads), source)
        told = "".join(shape.told)
        for payload in payloads:
            assert visible(f"x{payload}") in told


def test_a_second_parser_sees_the_same():
    html = pytest.importorskip("lxml.html", reason="lxml is not installed")
    for payloads in by_ten(attacks("html_payloads.json")):
        tree = html.fromstring(render(hostile(*payloads), "html"))
        seen = {
            (element.tag, tuple(sorted(element.attrib)))
            for element in tree.iter()
            if element.get("class") != "hidden-char"
        }
        assert seen <= CALM, payloads


@settings(max_examples=60)
@given(st.text(alphabet=st.sampled_from("<>\"'&/=ab{}%#\x00\u202e`\n -!"), max_size=30))
def test_made_up_payloads_change_nothing_either(payload):
    assert set(Shape(render(hostile(payload), "html")).elements) <= CALM


@pytest.mark.parametrize(
    "url",
    [
        *(
            "javascript:alert(1)",
            "JAVASCRIPT:x",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example",
        ),
        *("ftp://x", "https:", "http://[::1", " https://x.example", "https://x.example/\u202e"),
        *('https://x.example/"onclick=x', "https://x.example/\n", "file:///etc/passwd", "", None),
    ],
)
def test_only_plain_web_addresses_become_links(url):
    assert safe_link(url) is None
    page = render(hostile("calm", url=url), "html")
    assert all(link.startswith("#") for link in Shape(page).links)


# --- Markdown -------------------------------------------------------------------------------------


def test_markdown_keeps_foreign_text_text():
    text = "# head\n- item\n1. one\n<b>x</b> [a](javascript:x) `code` *b* _i_ | &lt; $m$ ~~s~~\n==="
    shown = replace(report().verdicts[5], retweet=Retweet("r", text))
    body = render(Report(POST, (shown,), SIGNATURE), "md")
    lines = [line.removeprefix("> ").rstrip() for line in body.split("\n") if line.startswith("> ")]
    assert lines == [
        "\\# head",
        "\\- item",
        "1\\. one",
        r"\<b\>x\</b\> \[a\](javascript:x) \`code\` \*b\* \_i\_ \| \&lt; \$m\$ \~\~s\~\~",
        "\\===",
    ]


# --- size and signs -------------------------------------------------------------------------------


def test_every_character_of_the_forms_can_be_written():
    for form in FORMS:
        text = render(hostile("\ud800\udc00 \x00 \uffff"), form)
        assert all(unicodedata.category(char) != "Cs" for char in text)
        text.encode("utf-8")


def test_a_long_post_is_shown_around_its_marked_places():
    source = "word " * 20000 + "PR loss " + "word " * 20000
    at = source.index("PR loss")
    found = Finding(
        "intensity", Severity.MINOR, 0.5, Span(0, 2), Span(at, at + 7), "intensity.raised"
    )
    verdict = Verdict(Retweet("r", "重创形象"), Label.DRIFTED, 0.2, 0.5, "hans", (), (found,))
    shown = card(1, verdict, Post("p", source))
    assert sum(len(run.text) for one in shown.passages for run in one.runs) < 2500
    assert "PR loss" in render(Report(Post("p", source), (verdict,), ""), "text")


@pytest.mark.parametrize(("score", "said"), [(0.2, False), (0.62, True)])
def test_a_faithful_retweet_of_high_risk_gets_no_all_clear(score, said):
    calm = Verdict(Retweet("r", "议会开会"), Label.FAITHFUL, score, 1 - score, "hans", (), ())
    for form in ("text", "md", "html"):
        shown = render(Report(POST, (calm,), SIGNATURE), form, "en")
        assert ("all-clear" in " ".join(str(shown).split())) is said
