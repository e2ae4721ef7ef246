"""Says in words what the models beside the rules said of a retweet."""

from drift.catalogue import text as words
from drift.records import Lang, Said, Verdict


def advice(verdict: Verdict, lang: Lang) -> tuple[str, ...]:
    """Give a line for each model that was asked; whether it counted is part of it."""
    return tuple(_line(said, lang) for said in verdict.said)


def _line(said: Said, lang: Lang) -> str:
    if not said.figures:
        return words("interface", "said_nothing", lang).format(model=said.model, why=said.note)
    told = words("interface", _LINES[said.about], lang).format(
        model=said.model,
        **{
            name: f"{value:.0%}" if name not in _COUNTS else f"{value:.0f}"
            for name, value in said.figures.items()
        },
    )
    return told if said.weighed else told + words("interface", "not_weighed", lang)


_LINES = {"entailment": "said_support", "similarity": "said_nearness", "judge": "said_judge"}
_COUNTS = ("pointed", "invented")
