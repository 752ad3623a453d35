"""A file is what its content says; what is shown of it is pixels alone; what is bad is refused with its reason."""

from __future__ import annotations

import io
import subprocess
import sys

import PIL.Image
import pytest

from contractor.documents import isolating
from contractor.documents.isolating import pictured
from contractor.documents.kinds import JPEG, PDF, PNG, clean_name, kind_of
from contractor.documents.lettering import chinese_font
from contractor.documents.refusals import EmptyDocument, NameLies, NotADocument, NotShowable
from tests.documents import files

ZIP = b"PK\x03\x04" + bytes(200)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!DOCTYPE html><title>x</title>" + files.PAYLOAD


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (files.pdf(), "发票.pdf", PDF),
        (files.image(), "发票.JPG", JPEG),
        (files.image("PNG"), "发票.png", PNG),
        (files.image("PNG"), "扫描件2026.11", PNG),  # a month is not an ending
        (files.pdf(), "没有后缀", PDF),
    ],
)
def test_a_paper_is_what_its_content_says(content, name, found):
    assert kind_of(content, name) == found


@pytest.mark.parametrize(
    ("content", "name", "refusal"),
    [
        (files.pdf(), "照片.jpg", NameLies),
        (files.image(), "发票.pdf", NameLies),
        (files.image(), "发票.pdf.exe", NameLies),
        (HTML, "发票.pdf", NotADocument),
        (SVG, "图.svg", NotADocument),
        (SVG, "图.png", NotADocument),
        (ZIP, "发票.pdf", NotADocument),
        (b"\n%PDF-1.7 behind a line", "发票.pdf", NotADocument),  # a polyglot begins as something else
        (files.image("GIF"), "图.gif", NotADocument),
        (b"", "发票.pdf", EmptyDocument),
    ],
)
def test_a_paper_that_lies_about_its_type_is_refused(content, name, refusal):
    with pytest.raises(refusal):
        kind_of(content, name)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\病历\\发票.pdf", "发票.pdf"),
        ("发\x00票\n.pdf", "发票.pdf"),
        ("\u202egpj.exe", "gpj.exe"),
        ("", "document"),
        ("....", "document"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_keeps_no_path_and_nothing_that_is_not_seen(given, kept):
    assert clean_name(given) == kept


def test_every_page_of_a_pdf_becomes_a_picture():
    shown = pictured(files.pdf(3), PDF)
    assert len(shown.pages) == 3
    first = PIL.Image.open(io.BytesIO(shown.content[: shown.pages[0][2]]))
    assert (first.format, first.size) == ("JPEG", shown.pages[0][:2])


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (files.image() + files.PAYLOAD, JPEG),
        (files.image("PNG") + files.PAYLOAD + ZIP, PNG),
        (files.image(comment=files.PAYLOAD), JPEG),
        (files.pdf_that_acts(files.SCRIPT) + files.PAYLOAD, PDF),
    ],
)
def test_nothing_but_pixels_comes_through(content, media_type):
    shown = pictured(content, media_type).content
    assert b"script" not in shown and b"PK\x03\x04" not in shown and b"JavaScript" not in shown


def test_where_a_photograph_was_taken_is_not_shown_and_its_way_up_is_kept():
    camera = PIL.Image.Exif()
    camera[0x0112], camera[0x010F] = 6, "a camera with a name"
    shown = pictured(files.image(size=(60, 40), exif=camera), JPEG)
    assert shown.pages[0][:2] == (40, 60)
    assert b"Exif" not in shown.content and b"camera" not in shown.content


@pytest.mark.parametrize(
    ("catalogue", "told"),
    [(files.SCRIPT, ("script",)), (files.LAUNCH, ("launch",)), (files.CARRIED, ("files",)), (b"", ())],
)
def test_what_a_pdf_holds_besides_its_pages_is_told(catalogue, told):
    assert pictured(files.pdf_that_acts(catalogue), PDF).left_out == told


@pytest.mark.skipif(chinese_font() is None, reason="this machine has no font for Chinese; make test installs one")
def test_chinese_whose_font_a_pdf_does_not_carry_is_drawn_and_told():
    shown = pictured(files.pdf_without_its_font(), PDF)
    assert shown.left_out == ("letters_borrowed",)
    assert _darkness(shown) > 0.02


def test_where_nobody_has_the_font_it_is_told_that_words_may_be_missing(monkeypatch):
    monkeypatch.setattr(isolating, "chinese_font", lambda: None)
    shown = pictured(files.pdf_without_its_font(), PDF)
    assert shown.left_out == ("letters_missing",)
    assert _darkness(shown) == 0


def _darkness(shown) -> float:
    grey = PIL.Image.open(io.BytesIO(shown.content)).convert("L")
    return sum(grey.histogram()[:100]) / (grey.width * grey.height)


@pytest.mark.parametrize(
    ("content", "media_type", "reason"),
    [
        (files.png_bomb(), PNG, "too_heavy"),
        (files.image()[:300], JPEG, "unreadable"),
        (b"%PDF-1.7\n" + files.PAYLOAD, PDF, "unreadable"),
        (files.pdf(61), PDF, "too_many_pages"),
        (files.pdf_that_acts(files.XFA), PDF, "form"),
    ],
)
def test_what_no_picture_can_be_made_of_is_refused_with_its_reason(content, media_type, reason):
    with pytest.raises(NotShowable) as refused:
        pictured(content, media_type)
    assert refused.value.facts == {"reason": reason}


def test_the_process_that_reads_a_paper_can_open_no_file_and_no_connection():
    tried = (
        "import socket\n"
        "from contractor.documents import picturing as p\n"
        "p._rehearse(); p._close_doors()\n"
        "for open_it in (lambda: open('/etc/hostname'), socket.socket):\n"
        "    try:\n        open_it()\n    except OSError as refusal:\n        print(refusal.errno)\n"
    )
    done = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["24", "24"]
