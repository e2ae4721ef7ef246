"""Renders a report in the form its reader wants; every form is a function of the report alone."""

from importlib import import_module

from drift.catalogue import language
from drift.errors import InputError
from drift.records import Report

# Form -> module and function; resolved when asked, so that JSON does not pay for a page.
FORMS = {
    "text": "drift.report.terminal:plain",
    "json": "drift.report.structured:document",
    "jsonl": "drift.report.structured:lines",
    "md": "drift.report.markdown:document",
    "csv": "drift.report.tables:findings",
    "html": "drift.report.html:page",
}
_WORDLESS = ("json", "jsonl")  # say everything in both languages


def render(report: Report, form: str, lang: str = "en") -> str:
    """Write the report in one of `FORMS`, its headings in English or Chinese."""
    if form not in FORMS:
        raise InputError(f"unknown format {form!r}; choose one of {', '.join(FORMS)}")
    tongue = language(lang)
    module, function = FORMS[form].split(":")
    write = getattr(import_module(module), function)
    text: str = write(report) if form in _WORDLESS else write(report, tongue)
    return text
