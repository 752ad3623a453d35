"""Making pictures of a document, in a process of its own: bytes come in, pictures go out, and nothing else does.

A file from outside is read here and nowhere else. Before the first byte of it is looked at, this process gives up
opening files and sockets and takes on limits of memory and time, so whatever a reader of PDF may be talked into
doing, it can do to nobody. `isolating` starts it; run as `python -m contractor.documents.picturing`.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import PIL.Image
import PIL.ImageFile
import PIL.ImageOps
import PIL.JpegImagePlugin
import PIL.PngImagePlugin
import PIL.TiffImagePlugin
import pypdfium2
import pypdfium2.raw as pdfium

from contractor.documents.lettering import Lettering, has_borrowed_letters

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
FORMATS = {JPEG: "JPEG", PNG: "PNG"}
MOST_PIXELS = 60_000_000
MOST_PAGES = 60
MOST_BYTES_OUT = 64 << 20
LONGEST_SIDE = 2_200
DOTS_AN_INCH = 150
QUALITY = 85
MEMORY_BYTES = 1 << 30
CPU_SECONDS = 40
STANDARD_STREAMS = 3
XFA_FORMS = frozenset({2, 3})
PASSWORD_WANTED = 4


class Unshowable(Exception):
    """The document cannot be shown; its first argument says why, as a key."""


def main() -> None:
    media_type, font = sys.argv[1:]
    # Everything that is loaded when first needed is needed once before the doors close.
    lettering = Lettering(Path(font)) if font else None
    _rehearse()
    _close_doors()
    content = sys.stdin.buffer.read()
    try:
        pages, left_out = pictures_of(content, media_type, has_font=lettering is not None)
        told = {"pages": [[width, height, len(picture)] for width, height, picture in pages], "left_out": left_out}
    except Unshowable as refusal:
        pages, told = [], {"refused": refusal.args[0]}
    out = sys.stdout.buffer
    out.write(json.dumps(told).encode() + b"\n")
    for _width, _height, picture in pages:
        out.write(picture)
    out.flush()


def pictures_of(
    content: bytes, media_type: str, *, has_font: bool = False
) -> tuple[list[tuple[int, int, bytes]], list[str]]:
    """Width, height and JPEG of every page, and what of the document no picture shows. Raises: Unshowable."""
    left_out: list[str] = []
    try:
        drawn = _pdf_pages(content, left_out, has_font) if media_type == PDF else _image(content, media_type)
        pages, size = [], 0
        for image in drawn:
            picture = _as_jpeg(image)
            size += len(picture)
            if size > MOST_BYTES_OUT:
                raise Unshowable("too_heavy")
            pages.append((*image.size, picture))
    except (MemoryError, PIL.Image.DecompressionBombError):
        raise Unshowable("too_heavy") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, pypdfium2.PdfiumError):
        # What the readers of broken files say is not for people; that it cannot be read is.
        raise Unshowable("unreadable") from None
    return pages, left_out


def _image(content: bytes, media_type: str) -> Iterator[PIL.Image.Image]:
    image = PIL.Image.open(io.BytesIO(content), formats=[FORMATS[media_type]])
    width, height = image.size
    if width * height > MOST_PIXELS:  # known from its head, before a pixel is unpacked
        raise Unshowable("too_heavy")
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = PIL.ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    yield _on_white(upright)


def _pdf_pages(content: bytes, left_out: list[str], has_font: bool) -> Iterator[PIL.Image.Image]:
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        locked = pdfium.FPDF_GetLastError() == PASSWORD_WANTED
        raise Unshowable("locked" if locked else "unreadable") from None
    count = len(pdf)
    if not count:
        raise Unshowable("unreadable")
    if count > MOST_PAGES:
        raise Unshowable("too_many_pages")
    if pdf.get_formtype() in XFA_FORMS:
        raise Unshowable("form")  # its pages are drawn by a program; their picture would say "please wait"
    pdf.init_forms()
    left_out += _not_shown(pdf, content)
    for number in range(count):
        page = pdf[number]
        longest = max(page.get_size())
        if not 1 <= longest < 100_000:
            raise Unshowable("unreadable")
        scale = min(DOTS_AN_INCH / 72, LONGEST_SIDE / longest)
        letters = "letters_borrowed" if has_font else "letters_missing"
        if letters not in left_out and has_borrowed_letters(page):
            left_out.append(letters)
        yield page.render(scale=scale).to_pil().convert("RGB")
        page.close()


def _not_shown(pdf: pypdfium2.PdfDocument, content: bytes) -> list[str]:
    """What acts or carries more than pages, as far as it is seen. None of it is in a picture, seen or not."""
    found = {
        "script": pdfium.FPDFDoc_GetJavaScriptActionCount(pdf) > 0 or b"/JavaScript" in content,
        "files": pdf.count_attachments() > 0 or b"/EmbeddedFile" in content,
        "launch": b"/Launch" in content,
    }
    return [what for what, is_there in found.items() if is_there]


def _on_white(image: PIL.Image.Image) -> PIL.Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    white = PIL.Image.new("RGBA", seen.size, "white")
    return PIL.Image.alpha_composite(white, seen).convert("RGB")


def _as_jpeg(image: PIL.Image.Image) -> bytes:
    """A new file of the pixels alone: no place it was taken at, no thumbnail, nothing behind its end."""
    bare = PIL.Image.frombytes("RGB", image.size, image.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _rehearse() -> None:
    warnings.simplefilter("ignore")
    PIL.Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    PIL.Image.preinit()
    small = PIL.Image.new("RGBA", (8, 8))
    for media_type, kind in FORMATS.items():
        out = io.BytesIO()
        camera = PIL.Image.Exif()
        camera[0x0112] = 6
        (small if kind == "PNG" else small.convert("RGB")).save(out, kind, exif=camera)
        pictures_of(out.getvalue(), media_type)
    pdf = pypdfium2.PdfDocument.new()
    pdf.new_page(72, 72)
    out = io.BytesIO()
    pdf.save(out)
    pictures_of(out.getvalue(), PDF)


def _close_doors() -> None:
    for what, limit in (
        (resource.RLIMIT_NOFILE, STANDARD_STREAMS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (limit, limit))


if __name__ == "__main__":
    main()
