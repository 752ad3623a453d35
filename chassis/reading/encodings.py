"""In what characters a file of text is written: by its mark, else UTF-8, else the national GB 18030.

GB 18030 contains GBK and GB 2312. The whole file must decode; a file that decodes as UTF-8 by chance and is meant as
GBK would need every Chinese word to be a valid UTF-8 sequence, which short words can be and whole files are not.
The same pass sees that no line is endless, so that whoever reads lines afterwards stays within bounds.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from chassis.reading.faults import refused

PIECE = 1 << 20
_MARKS = (
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(path: Path) -> str:
    """The codec that decodes the whole file. Raises FileRefused where none does."""
    with path.open("rb") as file:
        beginning = file.read(4)
    if not beginning:
        raise refused("empty_file")
    marked = next((codec for mark, codec in _MARKS if beginning.startswith(mark)), None)
    if marked == "":
        raise refused("unknown_encoding", expected="UTF-8, GB 18030, UTF-16", found="UTF-32")
    for codec in (marked,) if marked else ("utf-8", "gb18030"):
        if _decodes(path, codec):
            return codec
    raise refused("unknown_encoding", expected="UTF-8, GB 18030, UTF-16", found=marked or "")


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                text = decoder.decode(piece)
                if len(piece) == PIECE and "\n" not in text and "\r" not in text:
                    # A reader of lines would take such a line into memory whole.
                    raise refused("over_long_line", expected=f"< {PIECE} B")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
