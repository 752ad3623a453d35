"""Reading what people send: tables (CSV, xlsx) and JSON, within limits, with a report of what is wrong.

Start at `chassis.reading.tables.read_table`; the wording of a fault is `chassis.reading.wording`.
"""
