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
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + catalogue + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] >>",
        b"<< /Length 4 >>\nstream\nMZ\x90\x00\nendstream",
    ]
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
