"""Aligns the words of both languages with eflomal, in both directions."""

import os
from pathlib import Path


def align(work: Path) -> None:
    """Write forward.links and reverse.links (`i-j`: English word i, Chinese word j).

    English goes in by its base forms, so that rejected helps to align rejecting.
    """
    import eflomal  # an optional dependency of the recipe alone

    os.nice(5)
    aligner = eflomal.Aligner(n_samplers=2)
    with (
        (work / "en.base.txt").open(encoding="utf-8") as english,
        (work / "zh.txt").open(encoding="utf-8") as chinese,
    ):
        aligner.align(
            english,
            chinese,
            links_filename_fwd=str(work / "forward.links"),
            links_filename_rev=str(work / "reverse.links"),
        )
