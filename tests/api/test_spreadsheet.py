"""The table that a report is saved as, opened by a real spreadsheet: no cell is a formula."""

import csv
import io
import re
import shutil
import subprocess
import zipfile

import pytest

from drift.report import render
from drift.report.tables import COLUMNS
from drift.visible import visible
from tests.api.hostile import report
from tests.api.world import security_list

OFFICE = shutil.which("soffice")
FORMULA = b"table:formula="


def cells():
    """Give the cells of the list, and all of them with blanks or quotes in front."""
    listed = [one.replace("\0", "\ufffd") for one in security_list("csv_cells.json")]
    listed = [one for one in listed if one.strip()]
    return listed + [f"{front}{one}" for one in listed for front in ("  ", "'", '"', "\n", "x\n")]


def table():
    texts = cells()
    return texts, render(report(texts), "csv", "en")


def test_no_cell_of_a_table_begins_like_a_formula_and_every_text_can_be_read_in_it():
    texts, made = table()
    rows = list(csv.reader(io.StringIO(made)))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert len(rows) == len(texts) + 1
    for text, row in zip(texts, rows[1:], strict=True):
        kept = row[COLUMNS.index("retweet")]
        assert kept.removeprefix("'") == visible(text) or kept == visible(text)
        for cell in row:
            assert not re.match(r"\s*[=+\-@＝＋－＠]", cell) or re.fullmatch(r"-?[\d.]+", cell)


@pytest.mark.slow
@pytest.mark.skipif(not OFFICE, reason="no LibreOffice: apt-get install libreoffice-calc")
def test_a_spreadsheet_finds_no_formula_in_it(tmp_path):
    texts, made = table()
    found = opened(tmp_path, "report.csv", "\ufeff" + made)
    assert FORMULA not in found
    rows = found.count(b"<table:table-row") - 1
    assert rows >= len(texts)
    assert FORMULA in opened(tmp_path, "control.csv", '"=1+1","b"\n')  # it would find one


def opened(folder, name, text):
    """Convert a table as a spreadsheet reads it, and give what is in the sheet."""
    path = folder / name
    path.write_text(text, "utf-8", newline="")
    subprocess.run(
        [OFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
         "--convert-to", "ods", "--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,-1,true",
         "--outdir", folder, path],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    with zipfile.ZipFile(path.with_suffix(".ods")) as sheet:
        return sheet.read("content.xml")
