"""Tells who acts in an English sentence, and which words of a post stand for one party.

There is no parser here: a clause's subject is what stands before its first finite verb, leading
phrases, appositions and relative clauses left out. Where that is not plain, the answer is None.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import takewhile

from drift.lemmas import lemma
from drift.lexicons import source as lexicon
from drift.lexicons.inflection import is_past
from drift.records import Kind, Segment, Token

_LONGEST = 8  # tokens of a description beside a name
_WORDY = frozenset({Kind.NAME, Kind.CONTENT})


def base(token: Token) -> str:
    """Give the key by which a word is compared: its lemma without a possessive."""
    return lemma(token.key.removesuffix("'s"))


def bases(segment: Segment, indices: Sequence[int]) -> frozenset[str]:
    """Give the keys of the names and content words among some tokens."""
    tokens = (segment.tokens[index] for index in indices)
    return frozenset(base(token) for token in tokens if token.kind in _WORDY)


def subject(segment: Segment, index: int) -> tuple[int, ...] | None:
    """Give the tokens that name who acts in the clause of a token, or in the one that it continues.

    >>> from drift.records import Span
    >>> from drift.segment import clauses, tokens
    >>> text = "In May the mayor's office, after a row, asked the union for help."
    >>> whole = Span(0, len(text))
    >>> cut = tuple(clauses(text, whole, "en"))
    >>> one = Segment("en", text, whole, tokens(text, whole, "en"), cut)
    >>> [one.tokens[i].text for i in subject(one, len(one.tokens) - 2)]
    ['the', "mayor's", 'office']
    """
    spans = segment.clauses or (segment.span,)
    place = segment.tokens[index].span
    number = next((n for n, span in enumerate(spans) if span.covers(place)), None)
    goes_on = False  # a clause that begins with its verb has its subject in one before it
    while number is not None and number >= 0:
        clause = _clause(segment, number)
        found = _subject(segment.tokens, clause, goes_on)
        if found or not clause or _is_relative(segment, clause):
            return found or None
        number, goes_on = number - 1, True
        while number > 0 and _is_relative(segment, _clause(segment, number)):
            number -= 1
    return None


def is_pronoun(segment: Segment, indices: Sequence[int]) -> bool:
    """Tell whether a subject opens with a word that points back to somebody else."""
    ends = (segment.tokens[indices[0]].key, segment.tokens[indices[-1]].key)
    return any(key in _words("pronouns") for key in ends)


def is_joint(token: Token) -> bool:
    """Tell whether a word cannot stand in a name: who, which, not."""
    return token.key in _words("relatives") or token.key in ("not", "only", "like")


def is_anyone(keys: frozenset[str]) -> bool:
    """Tell whether a subject's words may stand for anyone named before ("the company")."""
    return keys <= _words("anyone")


def any_of(keys: frozenset[str]) -> bool:
    """Tell whether a subject has a word in it that points back to some body ("the firm's site")."""
    return bool(keys & _words("anyone"))


def is_leading(token: Token) -> bool:
    """Tell whether a word opens a phrase that is no subject ("in the interview")."""
    return token.key in _words("prepositions")


def ties(segments: Sequence[Segment]) -> Mapping[str, frozenset[str]]:
    """Give the words that a post uses for one party together: names, titles, descriptions.

    "Mayor Ida Karlsen" and "Ida Karlsen, the mayor," tie the three words to each other.
    """
    found: dict[str, set[str]] = {}
    for segment in segments:
        for group in _groups(segment):
            keys = {base(token) for token in group}
            for key in keys:
                found.setdefault(key, set()).update(keys)
    return {key: frozenset(keys) for key, keys in found.items()}


def _groups(segment: Segment) -> Iterator[list[Token]]:
    """Yield every name with what stands beside it as a title or an apposition."""
    tokens = segment.tokens
    first = 0
    while first < len(tokens):
        if tokens[first].kind is not Kind.NAME:
            first += 1
            continue
        last = first
        while last < len(tokens) and tokens[last].kind is Kind.NAME:
            last += 1
        name = list(tokens[first:last])
        yield name + _title(tokens, first) + _after(tokens, last) + _before(tokens, first, last)
        first = last


def _title(tokens: Sequence[Token], at: int) -> list[Token]:
    """Take the words right before a name: drug company Orvanta."""
    first = at
    while first > max(0, at - 4) and tokens[first - 1].kind is Kind.CONTENT:
        if is_verb(tokens, first - 1):
            break
        first -= 1
    return list(tokens[first:at])


def _after(tokens: Sequence[Token], at: int) -> list[Token]:
    """Take an apposition or a predicate behind a name: Orvanta, a drug company, / is a drug maker.

    What is listed with the name (Orvanta, Meridon and others) is none.
    """
    rest = list(tokens[at : at + 2 + _LONGEST])
    if len(rest) < 2 or (rest[0].text not in ",(" and rest[0].key not in ("is", "was")):
        return []
    if rest[1].key in _words("relatives") | _words("joining") | _words("prepositions"):
        return []
    if rest[0].key in ("is", "was") and rest[1].key not in _words("determiners"):
        return []
    inside = takewhile(lambda token: token.kind is not Kind.PUNCTUATION, rest[1:])
    group = list(inside)
    if rest[0].text == "," and any(is_verb(rest, n + 1) for n in range(len(group))):
        return []
    return [token for token in group if token.kind in _WORDY]


def _before(tokens: Sequence[Token], first: int, last: int) -> list[Token]:
    """Take what a name explains: the union, ATU, says."""
    closed = last < len(tokens) and tokens[last].text in ",.;):"
    if not closed or first < 2 or tokens[first - 1].text not in ",(":
        return []
    group: list[Token] = []
    for index in range(first - 2, max(-1, first - 2 - _LONGEST), -1):
        token = tokens[index]
        if token.kind is Kind.PUNCTUATION or token.key in _words("joining"):
            break
        if is_verb(tokens, index):
            break
        if token.kind in _WORDY:
            group.append(token)
        if token.key in _words("determiners"):
            break
    return group


def is_verb(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether a word looks like a finite verb or an auxiliary where it stands."""
    token = tokens[index]
    if token.key in _words("auxiliaries") or token.kind is not Kind.CONTENT:
        return token.key in _words("auxiliaries")
    before = tokens[index - 1] if index else None
    if before and before.key in _words("determiners") | _words("prepositions"):
        return False
    return is_past(token.key) or (lemma(token.key) in _verbs() and _is_present(tokens, index))


def _is_present(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether a verb's base or form in -s is used as a verb: "analysts think", "she says"."""
    token, before = tokens[index], tokens[index - 1] if index else None
    if token.key.endswith(("s", "ing")):
        return token.key.endswith("s") and lemma(token.key) != token.key
    if index + 1 < len(tokens) and tokens[index + 1].key == "that":
        return True
    plural = before is not None and before.key.endswith("s") and "'" not in before.key
    return plural and before is not None and before.kind in _WORDY


def _clause(segment: Segment, number: int) -> list[int]:
    span = segment.clauses[number] if segment.clauses else segment.span
    return [index for index, token in enumerate(segment.tokens) if span.covers(token.span)]


def _is_relative(segment: Segment, clause: Sequence[int]) -> bool:
    return bool(clause) and segment.tokens[clause[0]].key in _words("relatives")


def _subject(tokens: Sequence[Token], clause: Sequence[int], goes_on: bool) -> tuple[int, ...]:
    """Take the words between a clause's opening and its first verb, if that is plain.

    Where the sentence goes on with a verb, the clause before it may have none of its own.
    """
    rest = _opened(tokens, clause)
    taken: list[int] = []
    while rest:
        token = tokens[rest[0]]
        if is_verb(tokens, rest[0]):
            return tuple(taken)
        if token.key in _words("relatives"):
            return ()
        if token.text == ",":
            rest = _past_apposition(tokens, rest) if taken else []
            continue
        if token.kind is not Kind.PUNCTUATION:
            taken.append(rest[0])
        elif token.text not in "\"“”'-":
            return ()
        rest = rest[1:]
    return tuple(taken) if goes_on else ()


def _past_apposition(tokens: Sequence[Token], rest: list[int]) -> list[int]:
    closing = next((n for n, index in enumerate(rest[1:], 1) if tokens[index].text == ","), None)
    return rest[closing + 1 :] if closing else []


def _opened(tokens: Sequence[Token], clause: Sequence[int]) -> list[int]:
    """Leave out what opens a clause: conjunctions, adverbs, a leading phrase ("In May the ...")."""
    rest = list(clause)
    while rest and (
        tokens[rest[0]].kind is Kind.PUNCTUATION or tokens[rest[0]].key in _words("joining")
    ):
        rest = rest[1:]
    if not rest or tokens[rest[0]].key not in _words("prepositions"):
        return rest
    comma = next((n for n, index in enumerate(rest) if tokens[index].text == ","), len(rest))
    opens = (
        n
        for n in range(2, comma)
        if tokens[rest[n]].key in _words("determiners")
        and tokens[rest[n - 1]].key not in _words("prepositions")
    )
    return rest[next(opens, comma + 1) :]


@cache
def _verbs() -> frozenset[str]:
    """Give the bases of the verbs: what has a form in -ed or -ing, and what is irregular."""
    text = files("drift").joinpath("lexicons", "lemmas.txt").read_text("utf-8")
    rows = (line.split(" ") for line in text.splitlines() if not line.startswith("#"))
    regular = {row[0] for row in rows if any(form.endswith(("ed", "ing")) for form in row[1:])}
    return frozenset(regular | set(tomllib.loads(lexicon("inflections"))["verbs"]))


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(tomllib.loads(lexicon("parties"))[name])
