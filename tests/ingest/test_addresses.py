"""The guard by itself: which links are read how, and which addresses are on the list."""
# ruff: noqa: E501, RUF005 -- tables of cases

import os
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from drift.errors import FetchRefused
from drift.ingest.addresses import RefusedError, check, check_dial, dialable, looks_like_link


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTPS://EXAMPLE.com:443/a?b=你#c", "https://example.com/a?b=%E4%BD%A0"),
        (" https://例え.example/ ", "https://xn--r8jz45g.example/"),
        ("https:\\\\example.com\\a", "https://example.com/a"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://[2606:4700:4700::1111]/", "http://[2606:4700:4700::1111]/"),
        ("http://134744072/", "http://8.8.8.8/"),
    ],
)
def test_one_canonical_form(text, href):
    assert check(text).href == href
    assert (URL(href, encoded=True).raw_host or "") == check(text).host.strip("[]")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com",
        "//example.com/",
        "http://",
        "http:///",
        "http://a b/",
        "http://example.com:0/",
    ]
    + [
        "http://user@example.com/",
        "http://:p@example.com/",
        "ftp://example.com/",
        "data:text/html,x",
    ]
    + ["http://example.com:8080/", "http://a..example/", "http://1.2.3.4.5/", "http://[::1%25lo]/"]
    + [
        "http://x.onion/",
        "http://x.test/",
        "http://router/",
        "http://x.i2p/",
        "javascript:alert(1)",
    ]
    + [
        "http://example.com/" + "a" * 5_000,
        "http://ex\u00adample.com@10.0.0.1/",
        "http://256.1.1.1/",
    ],
)
def test_refused_links(text):
    with pytest.raises(FetchRefused) as caught:
        check(text)
    assert str(caught.value).startswith("this link could not be fetched")
    assert isinstance(caught.value.__cause__, RefusedError)


def test_relative_links_are_read_against_their_page():
    base = check("https://a.example/x/y")
    assert check("../z", base).href == "https://a.example/z"
    assert check("//b.example/", base).href == "https://b.example/"
    for target in ("//10.0.0.5/", "\\\\10.0.0.5\\", "http:10.0.0.5", "//b.example:22/"):
        with pytest.raises(FetchRefused):
            check(target, check("http://a.example/")) if target != "http:10.0.0.5" else check(
                "http://10.0.0.5", base
            )


EMBEDDINGS = (
    "::ffff:{0}", "::{0}", "::ffff:0:{0}", "64:ff9b::{0}", "64:ff9b:1::{0}", "2002:{1}::1",
    "2001:0:{1}::1", "2606:4700::5efe:{0}", "2606:4700::200:5efe:{0}", "fe80::5efe:{0}",
)  # fmt: skip


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(EMBEDDINGS))
def test_no_address_with_another_inside_is_dialled(number, form):
    inner = IPv4Address(number)
    digits = f"{number >> 16:x}:{number & 0xFFFF:x}"
    assert not dialable(IPv6Address(form.format(inner, digits)))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_spellings_of_an_address_are_judged_alike(number):
    address = IPv4Address(number)
    dotted = str(address)
    spelled = [
        dotted,
        str(number),
        hex(number),
        f"0{number:o}",
        dotted.replace(".", "。"),
        dotted + ".",
    ]
    allowed = set()
    for text in spelled:
        try:
            allowed.add(check(f"http://{text}/").href)
        except FetchRefused:
            allowed.add(None)
    assert allowed == ({f"http://{dotted}/"} if dialable(address) else {None})


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.215.14", True), ("1.1.1.1", True), ("2606:4700:4700::1111", True),
        ("192.0.0.192", False), ("168.63.129.16", False), ("192.88.99.1", False), ("224.0.0.1", False),
        ("255.255.255.255", False), ("100.64.0.1", False), ("0.0.0.1", False), ("fec0::1", False),
        ("3fff::1", False), ("ff02::1", False), ("::", False), ("5f00::1", False), ("100::1", False),
    ],
)  # fmt: skip
def test_the_list(address, allowed):
    assert dialable(ip_address(address)) is allowed


@pytest.mark.parametrize(
    ("host", "port"), [("10.0.0.5", 80), ("93.184.215.14", 22), ("fe80::1%lo", 80), ("name", 80)]
)
def test_the_last_check_before_the_dial(host, port):
    with pytest.raises(OSError, match=r"address|list"):
        check_dial(host, port)
    check_dial("93.184.215.14", 443)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://t.co/x", True), ("see https://t.co/x", False), ("gopher://x", True), ("王立军", False),
        ("file:///etc/passwd", True), ("a:b", False), ("", False), ("http:\\\\10.0.0.5/", True),
    ],
)  # fmt: skip
def test_what_is_meant_as_a_link(text, link):
    assert looks_like_link(text) is link


VECTORS = (
    Path(os.environ.get("DRIFT_DATA", "../shared/data")).parent / "security/ssrf_vectors.jsonl"
)


@pytest.mark.skipif(not VECTORS.is_file(), reason="the long list of cases is not at hand")
def test_every_case_that_needs_no_name_server():
    import json

    passed = []
    for case in map(json.loads, VECTORS.read_text(encoding="utf-8").splitlines()):
        try:
            check(case["url"])
            passed.append(case)
        except FetchRefused:
            assert case["expect"] != "allow", case
    assert {case["cat"] for case in passed if "dns_seq" not in case} <= {
        "allow",
        "redirect",
        "redirect-scheme",
    }
    for case in passed:
        if "location" in case:
            with pytest.raises(FetchRefused):
                check(case["location"], check(case["url"]))
