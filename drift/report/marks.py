"""Signs that several forms of the report share."""

from drift.records import Label

# Verdicts are told by sign and word, never by colour alone.
ICONS = {
    Label.MISREPRESENTS: "✗",
    Label.DRIFTED: "≈",
    Label.UNCERTAIN: "?",
    Label.FAITHFUL: "✓",
    Label.UNRELATED: "–",
}
