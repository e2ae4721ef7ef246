"""Renders a report for a terminal: plain text when nobody can see colours."""

import os
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.rule import Rule
from rich.segment import Segment
from rich.text import Text

from drift.catalogue import label, language
from drift.catalogue import text as words
from drift.records import Label, Lang, Report, Severity, Voice
from drift.report.advice import advice
from drift.report.layout import (
    Card,
    Line,
    Note,
    Run,
    Word,
    cards,
    flag_names,
    headline,
    maker,
    opening,
    tally,
    unchanged,
)
from drift.report.marks import ICONS
from drift.visible import visible

WIDTH = 100  # wider lines are hard to read
_COLOURS = {
    Label.MISREPRESENTS: "bold red",
    Label.DRIFTED: "bold yellow",
    Label.UNCERTAIN: "bold magenta",
    Label.FAITHFUL: "bold green",
    Label.UNRELATED: "bold",
}
_SEVERE = {Severity.CRITICAL: "bold red", Severity.MAJOR: "red", Severity.MINOR: "yellow"}
_NEVER_FIRST = "，。、；：！？）》」』”’…,.;:!?)]%⁰¹²³⁴⁵⁶⁷⁸⁹"
_NEVER_LAST = "（《「『“‘(["
_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(report: Report, lang: Lang = "en") -> str:
    """Render without colours, for files and pipes."""
    return render(report, lang, WIDTH, colour=False)


def render(report: Report, lang: str, cells: int, colour: bool) -> str:
    """Render for a terminal that is so many cells wide."""
    tongue = language(lang)
    out = StringIO()
    console = Console(
        file=out,
        width=max(40, min(cells, WIDTH)),
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    _head(console, report, tongue)
    for card in cards(report):
        _card(console, card, report.signature, tongue)
    console.print()
    console.print(Text(words("interface", "limits", tongue), style="dim"))
    console.print(Text(visible(report.signature), style="dim"))
    return "".join(row.rstrip() + "\n" for row in out.getvalue().split("\n"))


def wants_colour(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether colours are welcome: a terminal, and neither NO_COLOR nor a dumb one."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def width(stream: TextIO) -> int:
    """Give the width of the terminal behind a stream; 80 where there is none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):  # a pipe, a file, a stream without a number
        return 80


def _head(console: Console, report: Report, lang: Lang) -> None:
    console.print()
    console.print(Text(headline(report, lang), style="bold"))
    counts = Text()
    for verdict, count in tally(report):
        counts.append(
            f"{ICONS[verdict]} {label('verdict', verdict.value, lang)} {count}   ",
            _COLOURS[verdict],
        )
    if counts:
        console.print(counts)
    post = report.post
    known = [visible(part) for part in (post.author, post.created_at, post.url) if part]
    if known:
        console.print(Text(" · ".join(known), style="dim"))
    if post.text.strip():
        console.print(_Wrapped(Text(f"“{visible(opening(post.text))}”", style="dim")))


def _card(console: Console, card: Card, signature: str, lang: Lang) -> None:
    verdict = card.verdict
    title = Text(f"{card.number}  ")
    title.append(
        f"{ICONS[verdict.label]} {label('verdict', verdict.label.value, lang)}",
        _COLOURS[verdict.label],
    )
    title.append(f"  {words('interface', 'score_short', lang)} {verdict.score:.0%}")
    who = verdict.retweet.author or verdict.retweet.id
    if who:
        title.append(f"  {visible(who)}", "dim")
    console.print()
    console.print(Rule(title, align="left", characters="─", style="dim"))
    colour = console.color_system is not None
    console.print(Padding(_Wrapped(_marked(card.runs, colour)), (0, 2)))
    flags = flag_names(verdict.flags, lang)
    if flags:
        _pair(console, "!", words("interface", "flags", lang).format(flags=flags))
    _evidence(console, card, signature, lang)
    for note in card.notes:
        _note(console, note, lang)
    if not card.notes:
        _pair(console, ICONS[verdict.label], unchanged(verdict, lang))
    _block(console, "said", advice(card.verdict, lang), lang)
    _block(console, "correction", (card.correction or {}).values(), lang)


def _block(console: Console, heading: str, texts: Iterable[str], lang: Lang) -> None:
    """Print texts under a heading, or nothing where there are none."""
    for number, text in enumerate(texts):
        if not number:
            _heading(console, words("interface", heading, lang))
        console.print(Padding(_Wrapped(Text(visible(text))), (0, 4)))


def _evidence(console: Console, card: Card, signature: str, lang: Lang) -> None:
    """Print gloss, back-translation and the post's sentences."""
    judged = [line for line in card.lines if line.voice in (Voice.CLAIM, Voice.QUOTE)]
    if any(line.words for line in judged):
        _heading(console, words("interface", "gloss", lang))
        for line in judged:
            console.print(Padding(_Interlinear(line), (0, 4)))
    backs = [visible(line.back) for line in judged if line.back]
    if backs:
        name, rough = maker(signature)
        by = words("interface", "back_by", lang).format(maker=visible(name)) if name else ""
        about = words("interface", "back_rough", lang) if rough else by
        heading = words("interface", "back", lang)
        _heading(console, f"{heading} ({about})" if about else heading)
        console.print(Padding(_Wrapped(Text(" / ".join(backs))), (0, 4)))
    if card.passages:
        _heading(console, words("interface", "post_says", lang))
        colour = console.color_system is not None
        for passage in card.passages:
            shown = Text("… ") if passage.gap else Text()
            shown.append_text(_marked(passage.runs, colour))
            console.print(Padding(_Wrapped(shown), (0, 4)))


def _note(console: Console, note: Note, lang: Lang) -> None:
    finding = note.finding
    head = Text(f"{note.number}  ")
    severity = label("severity", finding.severity.value, lang)
    head.append(f"{label('type', finding.type, lang)} · {severity}", _SEVERE[finding.severity])
    head.append(
        "  " + words("interface", "sure", lang).format(percent=round(finding.confidence * 100)),
        "dim",
    )
    console.print()
    console.print(Padding(head, (0, 2)))
    for told in sorted(note.explanation, key=lambda key: key != lang):
        shown = Text(visible(note.explanation[told]), style="" if told == lang else "dim")
        console.print(Padding(_Wrapped(shown), (0, 5)))


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Padding(Text(text, style="dim italic"), (0, 2)))


def _pair(console: Console, sign: str, text: str) -> None:
    console.print()
    console.print(Padding(Text(f"{sign}  {text}"), (0, 2)))


def _marked(runs: Sequence[Run], colour: bool) -> Text:
    """Show marked stretches: underlined where there is colour, in brackets where there is none."""
    shown = Text(overflow="fold")
    open_numbers: set[int] = set()
    for run in runs:
        starts = [number for number in run.numbers if number not in open_numbers]
        if not colour:
            shown.append("[" * len(starts))
        shown.append(
            visible(run.text), f"underline {_SEVERE[run.severity]}" if run.severity else ""
        )
        for number in run.ends:
            shown.append(("" if colour else "]") + str(number).translate(_DIGITS))
        open_numbers = set(run.numbers) - set(run.ends)
    return shown


class _Wrapped:
    """Styled text wrapped as each language wants it: between words or Chinese characters."""

    def __init__(self, text: Text) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Break the text into lines for the width there is."""
        for paragraph in self.text.split("\n", allow_blank=True):
            for row in paragraph.divide(breaks(paragraph.plain, options.max_width)):
                row.rstrip()
                row.no_wrap = True
                yield row


def breaks(text: str, width: int) -> list[int]:
    """Give the offsets at which a line of mixed Chinese and English is to be broken.

    >>> breaks("原文说“the northern pier”。转发说北码头", 12)
    [8, 17, 25]
    """
    found: list[int] = []
    used, chance, since = 0, 0, 0  # cells in this line, last place to break, cells after that
    for index, char in enumerate(text):
        if index > (found[-1] if found else 0) and _may_break(text, index):
            chance, since = index, 0
        cells = cell_len(char)
        while used + cells > width and not char.isspace():
            if chance <= (found[-1] if found else 0):
                chance, since = index, 0
            found.append(chance)
            used = since
        used += cells
        since += cells
    return found


def _may_break(text: str, index: int) -> bool:
    """Tell whether a line may end before this character."""
    before, here = text[index - 1], text[index]
    if before.isspace():
        return not here.isspace()
    if here in _NEVER_FIRST or before in _NEVER_LAST or here.isspace():
        return False
    return cell_len(before) == 2 or cell_len(here) == 2


class _Interlinear:
    """Chinese words over their English glosses, in columns that wrap together."""

    def __init__(self, line: Line) -> None:
        self.words = line.words

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the columns out for the width there is."""
        for row in _fold(self.words, options.max_width):
            for pick in ("zh", "en"):
                cells = []
                for word in row:
                    text = visible(getattr(word, pick)).replace("\n", " ")
                    cells.append(text + " " * (_column(word) - cell_len(text)))
                yield Segment("  ".join(cells).rstrip())
                yield Segment.line()


def _fold(columns: Sequence[Word], width: int) -> list[list[Word]]:
    """Break columns into rows that fit."""
    rows: list[list[Word]] = [[]]
    used = 0
    for word in columns:
        need = _column(word) + 2
        if rows[-1] and used + need > width + 2:
            rows.append([])
            used = 0
        rows[-1].append(word)
        used += need
    return [row for row in rows if row]


def _column(word: Word) -> int:
    """Give the width in cells of a word's column."""
    return max(
        cell_len(visible(word.zh).replace("\n", " ")), cell_len(visible(word.en).replace("\n", " "))
    )
