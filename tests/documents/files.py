"""Papers as they come and as they must not come. No fixtures, only functions."""

from __future__ import annotations

import io
import struct
import zlib

import PIL.Image
import pypdfium2

PAYLOAD = b"<script>fetch('https://evil.example')</script>"


def image(kind: str = "JPEG", size: tuple[int, int] = (60, 40), colour: str = "white", **more) -> bytes:
    out = io.BytesIO()
    PIL.Image.new("RGB", size, colour).save(out, kind, **more)
    return out.getvalue()


def pdf(pages: int = 1) -> bytes:
    made = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        made.new_page(200, 100)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def pdf_that_acts(catalogue: bytes) -> bytes:
    """A page with something more in its catalogue: a script to run, a program to start, a file to carry."""
    return _pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R " + catalogue + b" >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] >>",
            b"<< /Length 4 >>\nstream\nMZ\x90\x00\nendstream",
        ]
    )


def pdf_without_its_font(words: str = "住院费用清单") -> bytes:
    """A bill as hospitals' programs write it: Chinese in STSong, which every office has and the file does not."""
    drawn = b"BT /F1 24 Tf 20 40 Td <" + words.encode("utf-16-be").hex().encode() + b"> Tj ET"
    return _pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
            b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
            b"/DescendantFonts [6 0 R] >>",
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R /DW 1000 "
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
            b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
            b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
        ]
    )


def _pdf_of(objects: list[bytes]) -> bytes:
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


SCRIPT = b"/OpenAction << /S /JavaScript /JS (app.launchURL\\('https://evil.example'\\)) >>"
LAUNCH = b"/OpenAction << /S /Launch /F (cmd.exe) >>"
CARRIED = b"/Names << /EmbeddedFiles << /Names [(a.exe) << /Type /Filespec /F (a.exe) /EF << /F 4 0 R >> >>] >> >>"
XFA = b"/AcroForm << /Fields [] /XFA [(template) 4 0 R] >>"


def png_bomb(side: int = 30_000) -> bytes:
    """A few kilobytes that unpack to gigabytes of pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1 << 20))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
