"""Renders a report as Markdown, for notes, issues and mail."""

import re
from collections.abc import Iterator

from drift.catalogue import label
from drift.catalogue import text as words
from drift.records import Lang, Report, Voice
from drift.report.advice import advice
from drift.report.layout import Card, Note, Run, cards, headline, maker, tally, unchanged
from drift.report.marks import ICONS
from drift.visible import safe_link, visible

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~$]|&(?=#?\w{1,40};))")
_LINE_START = re.compile(r"^(\s*)(?=[-+=])|^(\s*\d{1,9})(?=[.)])", re.MULTILINE)


def document(report: Report, lang: Lang = "en") -> str:
    """Render the whole report."""
    blocks = [f"# {headline(report, lang)}", *_head(report, lang)]
    for card in cards(report):
        blocks.extend(_card(card, report.signature, lang))
    blocks.extend(["---", words("interface", "limits", lang), f"`{_code(report.signature)}`"])
    return "\n\n".join(block for block in blocks if block) + "\n"


def escape(text: str) -> str:
    r"""Make foreign text mean nothing to Markdown or HTML.

    >>> escape("<b>*x* [a](b)")
    '\\<b\\>\\*x\\* \\[a\\](b)'
    """
    return _LINE_START.sub(lambda match: f"{match[0]}\\", _SPECIAL.sub(r"\\\1", visible(text)))


def _head(report: Report, lang: Lang) -> Iterator[str]:
    post = report.post
    link = safe_link(post.url)
    known = [escape(part) for part in (post.author, post.created_at) if part]
    if link:
        known.append(f"<{link}>")
    yield " · ".join(known)
    yield " · ".join(
        f"{ICONS[verdict]} {label('verdict', verdict.value, lang)}: {count}"
        for verdict, count in tally(report)
    )


def _card(card: Card, signature: str, lang: Lang) -> Iterator[str]:
    verdict = card.verdict
    name = f"{ICONS[verdict.label]} {label('verdict', verdict.label.value, lang)}"
    who = escape(" ".join((verdict.retweet.author or verdict.retweet.id).split()))
    yield f"## {card.number}. {name} · {verdict.score:.0%} · {who}"
    yield _quote(_marked(card.runs))
    judged = [line for line in card.lines if line.voice in (Voice.CLAIM, Voice.QUOTE)]
    for line in judged:
        if line.words:
            cells = " · ".join(f"{_cell(word.zh)} {_cell(word.en)}".strip() for word in line.words)
            yield f"*{words('interface', 'gloss', lang)}*: {cells}"
    back = " / ".join(escape(line.back) for line in judged if line.back)
    if back:
        maker_name, rough = maker(signature)
        about = words("interface", "back_rough", lang) if rough else escape(maker_name)
        yield f"*{words('interface', 'back', lang)}* ({about}): {back}"
    if card.passages:
        said = "".join(
            ("… " if passage.gap else "") + _marked(passage.runs) + " " for passage in card.passages
        )
        yield f"**{words('interface', 'post_says', lang)}**"
        yield _quote(said.strip())
    yield from (_note(note, lang) for note in card.notes)
    if not card.notes:
        yield unchanged(verdict, lang)
    voices = advice(verdict, lang)
    if voices:
        lines = "".join(f"\n- {escape(line)}" for line in voices)
        yield f"**{words('interface', 'said', lang)}**\n{lines}"
    if card.correction:
        yield f"**{words('interface', 'correction', lang)}**"
        yield from (_quote(escape(draft)) for draft in card.correction.values())


def _note(note: Note, lang: Lang) -> str:
    finding = note.finding
    kind = label("type", finding.type, lang)
    severity = label("severity", finding.severity.value, lang)
    first = f"{note.number}. **{kind} · {severity}**"
    told = sorted(note.explanation, key=lambda key: key != lang)
    return "  \n   ".join([first, *(escape(note.explanation[key]) for key in told)])


def _marked(runs: tuple[Run, ...]) -> str:
    """Set marked stretches in bold with their numbers; tags, since ** fails beside Chinese."""
    shown = []
    for run in runs:
        text = escape(run.text)
        shown.append(f"<b>{text}</b>" if run.numbers and text else text)
        shown.extend(f"<sup>{number}</sup>" for number in run.ends)
    return "".join(shown)


def _quote(text: str) -> str:
    return "\n".join(f"> {row}  " for row in text.split("\n"))


def _cell(text: str) -> str:
    return escape(" ".join(text.split()))


def _code(text: str) -> str:
    return visible(text).replace("`", "'").replace("\n", " ")
