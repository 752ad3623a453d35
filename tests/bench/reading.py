"""How fast files of claims are read: processor time per claim of six lines, and the most memory it takes."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from contractor.claims.doors.exchange_columns import COLUMNS
from tests.reading.making import fhir_bundle as bundle_of
from tests.reading.making import with_bare_numbers

CLAIMS = 100_000
IN_JSON = 20_000
LINES = 6
IN_A_WORKBOOK = 10_000
IN_A_BUNDLE = 1_000
READ_ALONE = """
import resource, sys, time
from pathlib import Path
from contractor.claims.doors.sent import read_sent
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started, wall = time.process_time(), time.perf_counter()
claims = lines = 0
for batch in read_sent(Path(sys.argv[1]), file_name=sys.argv[1]).batches:
    claims += len(batch)
    lines += batch.line_count
used, waited = time.process_time() - started, time.perf_counter() - wall
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(claims, lines, used, waited, before // 1024, after // 1024)
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for path, count in (
            (Path(folder, "claims.csv"), CLAIMS),
            (Path(folder, "claims.jsonl"), IN_JSON),
            (Path(folder, "claims.xlsx"), IN_A_WORKBOOK),
            (Path(folder, "bundle.json"), IN_A_BUNDLE),
        ):
            _write(path, count)
            answer = subprocess.run(
                [sys.executable, "-c", READ_ALONE, str(path)], capture_output=True, text=True, check=True
            ).stdout.split()
            claims, lines, used, waited = int(answer[0]), int(answer[1]), float(answer[2]), float(answer[3])
            assert (claims, lines) == (count, count * LINES), "every claim was read"
            print(
                f"  {path.suffix[1:]:<6} {claims:>7,} claims, {lines:,} lines, {path.stat().st_size / 1e6:.0f} MB: "
                f"{used / claims * 1e6:.0f} µs of processor a claim, {claims / waited:,.0f} claims/s; "
                f"memory {answer[4]} MiB before, {answer[5]} MiB at most"
            )
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print(f"  the largest process of all, the workbook's parser among them: {children} MiB")


def _write(path: Path, count: int) -> None:
    if path.name == "bundle.json":
        path.write_bytes(with_bare_numbers(bundle_of([{**claim, "lines": lines} for claim, lines in made(count)])))
        return
    if path.suffix == ".xlsx":
        book = xlsxwriter.Workbook(path, {"constant_memory": True})
        page = book.add_worksheet()
        write = lambda number, cells: page.write_row(number, 0, cells)  # noqa: E731 – one line for two writers
        _write_rows(write, count)
        book.close()
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            for claim, lines in made(count):
                file.write(json.dumps({**claim, "lines": lines}, ensure_ascii=False) + "\n")
        else:
            writer = csv.writer(file)
            _write_rows(lambda _number, cells: writer.writerow(cells), count)


def _write_rows(write, count: int) -> None:
    write(0, [column.title for column in COLUMNS])
    number = 0
    for claim, lines in made(count):
        for line in lines:
            number += 1
            write(number, [{**claim, **line}[column.key] for column in COLUMNS])


def made(count: int) -> Iterator[tuple[dict[str, str], list[dict[str, str]]]]:
    """Claims whose prices and amounts hardly repeat: remembering cells helps little, which is the slow case."""
    chance, first = random.Random(1), dt.date(2024, 1, 1)
    for number in range(count):
        admitted_on = first + dt.timedelta(chance.randrange(300))
        discharged_on = admitted_on + dt.timedelta(chance.randrange(1, 9))
        lines, total_fen = [], 0
        for place in range(1, LINES + 1):
            quantity_e4, price_e4 = chance.randrange(1, 40) * 2_500, chance.randrange(1, 900_000)
            charged_fen = (quantity_e4 * price_e4 + 500_000) // 1_000_000
            total_fen += charged_fen
            item = chance.randrange(3_000)
            lines.append({
                "line_no": str(place), "item_code": f"D{item:05d}", "hospital_item_name": f"注射用药品{item}",
                "performed_on": str(admitted_on), "quantity": f"{quantity_e4 // 10_000}.{quantity_e4 % 10_000:04d}",
                "unit_price": f"{price_e4 // 10_000}.{price_e4 % 10_000:04d}",
                "line_charged": f"{charged_fen // 100}.{charged_fen % 100:02d}",
            })  # fmt: skip
        yield {
            "claim_number": f"ZY{number:09d}", "route": "直补", "institution_code": "990121001",
            "card_number": f"9901210{chance.randrange(20_000):09d}", "invoice_number": f"{number:08d}",
            "admitted_on": str(admitted_on), "discharged_on": str(discharged_on), "department": "普外科",
            "diagnosis_code": f"K{chance.randrange(90):02d}.{chance.randrange(900):03d}", "diagnosis_name": "阑尾炎",
            "procedure_codes": "47.0100", "doctor": f"D{chance.randrange(300):04d}",
            "charged": f"{total_fen // 100}.{total_fen % 100:02d}", "institution_reduced": "0", "paid_elsewhere": "0",
            "advanced": f"{total_fen // 200}.00", "receipt_signed_on": str(discharged_on), "referral_slip": "",
            "payee_name": "", "payee_account": "", "submitted_on": str(discharged_on),
        }, lines  # fmt: skip


if __name__ == "__main__":
    main()
