"""A font for the Chinese that a PDF does not carry: read into memory before the doors close, given to PDFium on demand.

Programs of hospitals often leave Chinese fonts out of the file, because every office has them; without one, a bill's
words would be drawn as nothing at all.
"""

from __future__ import annotations

import ctypes
import mmap
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
NAMES = (
    "NotoSansCJK-Regular.*",
    "NotoSerifCJK-Regular.*",
    "SourceHanSans*Regular*.*",
    "wqy-*.ttc",
    "simsun.*",
    "DroidSansFallback*.ttf",
)
CHINESE_CHARSETS = frozenset({134, 136})
"""GB2312 and Big5, as PDFium asks for them."""
WHOLE, COLLECTION = 0, 0x74746366
"""What PDFium asks a font for besides its tables: all of it, or the collection it stands in (`ttcf`)."""
_A_HANDLE = 1
EVERY_READER_HAS = ("Helvetica", "Times", "Courier", "Symbol", "ZapfDingbats")


@cache
def chinese_font() -> Path | None:
    """The machine's font for Chinese, if it has one."""
    return next((path for name in NAMES for folder in FOLDERS for path in sorted(folder.rglob(name))), None)


class Lettering:
    """One font file as all that PDFium knows of this machine's fonts, as long as this object lives."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._begins = _face_begins(self._data)
        kinds = dict(pdfium.FPDF_SYSFONTINFO._fields_)
        # PDFium keeps only addresses: what they lead to lives as long as this object.
        self._info = pdfium.FPDF_SYSFONTINFO(
            version=1,
            Release=kinds["Release"](),
            EnumFonts=kinds["EnumFonts"](),
            MapFont=kinds["MapFont"](self._found_for),
            GetFont=kinds["GetFont"](),
            GetFontData=kinds["GetFontData"](self._read),
            GetFaceName=kinds["GetFaceName"](),
            GetFontCharset=kinds["GetFontCharset"](),
            DeleteFont=kinds["DeleteFont"](),
        )
        pdfium.FPDF_SetSystemFontInfo(self._info)

    def _found_for(self, _info, _weight, _italic, charset, _family, _face, _exact) -> int | None:
        return _A_HANDLE if charset in CHINESE_CHARSETS else None

    def _read(self, _info, _font, what, buffer, room) -> int:
        """Bytes of the font or of one table; told how many, and copied where there is room for them."""
        begin, size = self._place(what)
        if buffer and room >= size:
            ctypes.memmove(buffer, self._data[begin : begin + size], size)
        return size

    def _place(self, what: int) -> tuple[int, int]:
        whole = len(self._data)
        if what == WHOLE:
            # Of a collection the difference to the whole says where the face begins.
            return self._begins, whole - self._begins
        if what == COLLECTION:
            return (0, whole) if self._begins else (0, 0)
        tag = struct.pack(">I", what)
        return next(((begin, size) for name, begin, size in _tables(self._data, self._begins) if name == tag), (0, 0))


def has_borrowed_letters(page: pypdfium2.PdfPage) -> bool:
    """Whether text of this page is in a font that the file does not carry, the fourteen of every reader left aside."""
    return any(_is_borrowed(text) for text in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]))


def _is_borrowed(text: pypdfium2.PdfObject) -> bool:
    font = pdfium.FPDFTextObj_GetFont(text.raw)
    if not font or pdfium.FPDFFont_GetIsEmbedded(font) != 0:
        return False
    size = pdfium.FPDFFont_GetBaseFontName(font, None, 0)
    name = ctypes.create_string_buffer(size)
    pdfium.FPDFFont_GetBaseFontName(font, name, size)
    return not name.value.decode(errors="replace").startswith(EVERY_READER_HAS)


def _face_begins(data: mmap.mmap) -> int:
    """Where the simplified Chinese face begins; 0 where the file is one face."""
    if data[:4] != b"ttcf":
        return 0
    (count,) = struct.unpack(">I", data[8:12])
    begins = struct.unpack(f">{count}I", data[12 : 12 + 4 * count])
    return begins[min(2, count - 1)]


def _tables(data: mmap.mmap, begins: int) -> Iterator[tuple[bytes, int, int]]:
    (count,) = struct.unpack(">H", data[begins + 4 : begins + 6])
    for number in range(count):
        at = begins + 12 + 16 * number
        name, _sum, begin, size = struct.unpack(">4sIII", data[at : at + 16])
        yield name, begin, size
