# ruff: noqa: S608 – every part of these texts stands in this file; what is asked for travels as parameters.
"""The comparisons as SQL, one for each thing that two witnesses may disagree on. Read them as sentences."""

from __future__ import annotations

# What a payee already holds of an earlier decision on the claim meets the new one before it is paid (decision 0046).
_MET = """
    SELECT settlement_id, account_entry_id, fund, sum(amount_fen)::bigint AS fen
    FROM contractor.set_off WHERE county_code = :county_code GROUP BY settlement_id, account_entry_id, fund
"""
# What the claims say is owed, a row for each fund; a decision that was taken back owes nothing. `OFFSET 0` keeps it
# apart, so that nothing it is joined with is searched again for each of its rows.
_OWED = f"""
    SELECT settlement.id AS settlement_id, settlement.claim_id, owed.fund, owed.fen - coalesce(met.fen, 0) AS fen
    FROM contractor.settlement
    JOIN contractor.claim ON (claim.county_code, claim.id) = (settlement.county_code, settlement.claim_id)
    CROSS JOIN LATERAL (VALUES
        ('pooled', settlement.base_fen + settlement.top_up_fen), ('serious', settlement.serious_fen),
        ('supplementary', settlement.supplementary_fen)) AS owed (fund, fen)
    LEFT JOIN ({_MET}) AS met ON (met.settlement_id, met.fund) = (settlement.id, owed.fund)
    WHERE settlement.county_code = :county_code AND settlement.reverses_settlement_id = 0
      AND owed.fen <> coalesce(met.fen, 0)
      AND claim.state = 'approved'
      AND NOT EXISTS (
        SELECT FROM contractor.settlement AS back
        WHERE (back.county_code, back.reverses_settlement_id) = (settlement.county_code, settlement.id))
    OFFSET 0
"""
_ENTRIES = f"""
    SELECT entry.entry_id, entry.claim_id, entry.paid_fen - coalesce(met.fen, 0) AS paid_fen
    FROM contractor.account_entry AS entry
    JOIN contractor.claim ON (claim.county_code, claim.id) = (entry.county_code, entry.claim_id)
    LEFT JOIN ({_MET}) AS met ON met.account_entry_id = entry.entry_id
    WHERE entry.county_code = :county_code AND entry.kind = 2 AND entry.paid_fen > coalesce(met.fen, 0)
      AND claim.state = 'approved'
      AND NOT EXISTS (
        SELECT FROM contractor.account_entry AS back
        WHERE (back.county_code, back.reverses_entry_id) = (entry.county_code, entry.entry_id))
"""
# Of a settlement the first payment counts; what replaces it pays the same by law.
_FIRST = "payment.county_code = :county_code AND payment.replaces_payment_id IS NULL"
_LEGS = """
    SELECT leg.payment_id,
           coalesce(sum(leg.amount_fen) FILTER (WHERE leg.account_code LIKE '_101.9'), 0) AS in_transit,
           coalesce(sum(leg.amount_fen) FILTER (WHERE leg.account_code LIKE '_301%'), 0) AS paid,
           coalesce(-sum(leg.amount_fen) FILTER (WHERE leg.account_code LIKE '_202'), 0) AS suspense
    FROM contractor.leg WHERE leg.county_code = :county_code AND leg.payment_id IS NOT NULL GROUP BY leg.payment_id
"""
# What the books must show of a payment in each state. One that pays what came back clears suspense instead of spending.
_BOOKED = f"""
    SELECT payment.id AS payment_id, payment.end_to_end_id AS subject, payment.batch_id, payment.state,
           payment.amount_fen, coalesce(legs.in_transit, 0) AS in_transit,
           coalesce(legs.paid, 0) - least(coalesce(legs.suspense, 0), 0) AS settled,
           greatest(coalesce(legs.suspense, 0), 0) AS suspense,
           CASE WHEN payment.state IN ('sent', 'in_doubt')
                  OR (payment.state = 'in_batch' AND batch.state IN ('sending', 'in_doubt'))
                THEN payment.amount_fen ELSE 0 END AS due_in_transit,
           CASE WHEN payment.state = 'paid' THEN payment.amount_fen END AS due_settled
    FROM contractor.payment
    LEFT JOIN contractor.payment_batch AS batch
        ON (batch.county_code, batch.id) = (payment.county_code, payment.batch_id)
    LEFT JOIN ({_LEGS}) AS legs ON legs.payment_id = payment.id
    WHERE payment.county_code = :county_code
"""
_BANK = """
    SELECT line.end_to_end_id,
           count(*) FILTER (WHERE line.says = 'paid') AS paid_count,
           coalesce(sum(line.amount_fen) FILTER (WHERE line.says = 'paid'), 0) AS paid_fen,
           count(*) FILTER (WHERE line.says = 'returned') AS returned_count
    FROM contractor.bank_line AS line
    JOIN contractor.bank_message AS message ON (message.county_code, message.id) = (line.county_code, line.message_id)
    WHERE line.county_code = :county_code AND message.kind = 'camt053' GROUP BY line.end_to_end_id
"""
_RECOVERED = """
    SELECT owed_back_id, sum(amount_fen)::bigint AS fen FROM (
        SELECT owed_back_id, amount_fen FROM contractor.set_off WHERE county_code = :county_code
        UNION ALL
        SELECT owed_back_id, amount_fen FROM contractor.repayment
        WHERE county_code = :county_code AND confirmed_at IS NOT NULL) AS parts GROUP BY owed_back_id
"""
_BOOKED_BACK = """
    SELECT owed_back_id, -sum(amount_fen)::bigint AS fen FROM contractor.leg
    WHERE county_code = :county_code AND owed_back_id IS NOT NULL AND account_code LIKE '_203' GROUP BY owed_back_id
"""
_LIMIT = " LIMIT :most"

QUERIES = {
    # Claims and payments
    "owed_and_not_planned": f"""
        SELECT 'settlement/' || owed.settlement_id || '/' || owed.fund AS subject, owed.fen AS expected, 0 AS found
        FROM ({_OWED}) AS owed LEFT JOIN contractor.payment
            ON {_FIRST} AND (payment.settlement_id, payment.fund) = (owed.settlement_id, owed.fund)
        WHERE payment.id IS NULL UNION ALL
        SELECT 'entry/' || owed.entry_id, owed.paid_fen, 0
        FROM ({_ENTRIES}) AS owed LEFT JOIN contractor.payment
            ON {_FIRST} AND payment.account_entry_id = owed.entry_id
        WHERE payment.id IS NULL""",
    "planned_and_not_owed": f"""
        SELECT payment.end_to_end_id AS subject, 'a decision' AS expected, payment.amount_fen AS found,
               payment.id AS payment_id, payment.batch_id
        FROM contractor.payment
        LEFT JOIN contractor.settlement AS decision
            ON (decision.county_code, decision.id, decision.claim_id)
             = (payment.county_code, payment.settlement_id, payment.claim_id)
        LEFT JOIN contractor.account_entry AS entry
            ON (entry.county_code, entry.entry_id, entry.claim_id)
             = (payment.county_code, payment.account_entry_id, payment.claim_id)
        WHERE {_FIRST} AND decision.id IS NULL AND entry.entry_id IS NULL""",
    "owed_another_amount": f"""
        SELECT payment.end_to_end_id AS subject, owed.fen AS expected, payment.amount_fen AS found,
               payment.id AS payment_id, payment.batch_id
        FROM ({_OWED}) AS owed JOIN contractor.payment
            ON {_FIRST} AND (payment.settlement_id, payment.fund) = (owed.settlement_id, owed.fund)
        WHERE payment.amount_fen <> owed.fen UNION ALL
        SELECT payment.end_to_end_id, owed.paid_fen, payment.amount_fen, payment.id, payment.batch_id
        FROM ({_ENTRIES}) AS owed JOIN contractor.payment
            ON {_FIRST} AND payment.account_entry_id = owed.entry_id
        WHERE payment.amount_fen <> owed.paid_fen""",
    # Batches and payments
    "batch_total_differs": """
        SELECT 'batch/' || batch.id AS subject, batch.payment_count || ' ' || batch.total_fen AS expected,
               count(payment.id) || ' ' || coalesce(sum(payment.amount_fen), 0) AS found, batch.id AS batch_id
        FROM contractor.payment_batch AS batch LEFT JOIN contractor.payment
            ON (payment.county_code, payment.batch_id) = (batch.county_code, batch.id)
        WHERE batch.county_code = :county_code AND batch.state NOT IN ('draft', 'discarded')
        GROUP BY batch.county_code, batch.id
        HAVING (batch.payment_count, batch.total_fen)
            IS DISTINCT FROM (count(payment.id)::integer, coalesce(sum(payment.amount_fen), 0)::bigint)""",
    "approved_otherwise": """
        SELECT 'batch/' || id AS subject, encode(approved_sha256, 'hex') AS expected,
               encode(contractor.batch_content_sha256(county_code, id), 'hex') AS found, id AS batch_id
        FROM contractor.payment_batch WHERE county_code = :county_code AND approved_sha256 IS NOT NULL
          AND approved_sha256 <> contractor.batch_content_sha256(county_code, id)""",
    # Payments and the ledger
    "in_transit_differs": f"""
        SELECT subject, due_in_transit AS expected, in_transit AS found, payment_id, batch_id
        FROM ({_BOOKED}) AS booked WHERE in_transit <> due_in_transit""",
    "paid_and_not_booked": f"""
        SELECT subject, due_settled AS expected, settled AS found, payment_id, batch_id
        FROM ({_BOOKED}) AS booked WHERE due_settled IS NOT NULL AND settled <> due_settled""",
    "booked_and_not_paid": f"""
        SELECT subject, state AS expected, settled AS found, payment_id, batch_id
        FROM ({_BOOKED}) AS booked
        WHERE settled <> 0 AND state IN ('planned', 'in_batch', 'sent', 'in_doubt', 'refused_by_bank')""",
    "returned_and_not_in_suspense": f"""
        SELECT subject, amount_fen AS expected, suspense AS found, payment_id, batch_id
        FROM ({_BOOKED}) AS booked
        WHERE state = 'returned' AND suspense <> amount_fen AND settled = amount_fen""",
    "booked_for_nobody": """
        SELECT 'posting/' || leg.posting_id || '/' || leg.leg_no AS subject, 'a payment' AS expected,
               leg.payment_id AS found
        FROM contractor.leg LEFT JOIN contractor.payment
            ON (payment.county_code, payment.id) = (leg.county_code, leg.payment_id)
        WHERE leg.county_code = :county_code AND leg.payment_id IS NOT NULL AND payment.id IS NULL""",
    "balance_drifted": """
        SELECT balance.book || '/' || balance.account_code AS subject, coalesce(legs.fen, 0) AS expected,
               balance.balance_fen AS found
        FROM contractor.account_balance AS balance
        JOIN contractor.account USING (county_code, book, account_code)
        LEFT JOIN (
            SELECT county_code, book, account_code, sum(amount_fen) AS fen FROM contractor.leg
            GROUP BY county_code, book, account_code) AS legs USING (county_code, book, account_code)
        WHERE balance.county_code = :county_code AND balance.balance_fen
            <> CASE account.normal_side WHEN 'debit' THEN 1 ELSE -1 END * coalesce(legs.fen, 0)""",
    "posting_unbalanced": """
        SELECT 'posting/' || posting.id AS subject, coalesce(seal.leg_count, 0) || ' legs, 0' AS expected,
               count(leg.leg_no) || ' legs, ' || coalesce(sum(leg.amount_fen), 0) AS found
        FROM contractor.posting
        LEFT JOIN contractor.leg ON (leg.county_code, leg.posting_id) = (posting.county_code, posting.id)
        LEFT JOIN contractor.posting_seal AS seal
            ON (seal.county_code, seal.posting_id) = (posting.county_code, posting.id)
        WHERE posting.county_code = :county_code
        GROUP BY posting.county_code, posting.id, seal.leg_count, seal.debit_fen
        HAVING coalesce(sum(leg.amount_fen), 0) <> 0 OR count(leg.leg_no) IS DISTINCT FROM seal.leg_count
            OR coalesce(sum(leg.amount_fen) FILTER (WHERE leg.amount_fen > 0), 0) IS DISTINCT FROM seal.debit_fen""",
    # Debts and the ledger: each is recovered, by set-off and repayment, exactly as the books hold it
    "recovered_and_not_booked": f"""
        SELECT 'debt/' || coalesce(recovered.owed_back_id, booked.owed_back_id) AS subject,
               coalesce(recovered.fen, 0) AS expected, coalesce(booked.fen, 0) AS found
        FROM ({_RECOVERED}) AS recovered FULL JOIN ({_BOOKED_BACK}) AS booked
            ON booked.owed_back_id = recovered.owed_back_id
        WHERE coalesce(recovered.fen, 0) <> coalesce(booked.fen, 0)""",
    "recovered_beyond_owed": f"""
        SELECT 'debt/' || debt.id AS subject, debt.amount_fen AS expected, recovered.fen AS found
        FROM contractor.owed_back AS debt JOIN ({_RECOVERED}) AS recovered ON recovered.owed_back_id = debt.id
        WHERE debt.county_code = :county_code AND recovered.fen > debt.amount_fen""",
    # Payments and the files to the bank
    "sent_and_not_ordered": """
        SELECT payment.end_to_end_id AS subject, payment.amount_fen AS expected, 'no line' AS found,
               payment.id AS payment_id, payment.batch_id
        FROM contractor.payment LEFT JOIN contractor.bank_line AS line
            ON (line.county_code, line.end_to_end_id, line.says)
             = (payment.county_code, payment.end_to_end_id, 'ordered')
        WHERE payment.county_code = :county_code AND payment.batch_id IS NOT NULL AND line.line_no IS NULL
          AND payment.state NOT IN ('planned', 'in_batch')""",
    "ordered_otherwise": """
        SELECT line.end_to_end_id AS subject, coalesce(payment.amount_fen::text, 'no payment') AS expected,
               line.amount_fen AS found, payment.id AS payment_id, payment.batch_id
        FROM contractor.bank_line AS line LEFT JOIN contractor.payment
            ON (payment.county_code, payment.end_to_end_id) = (line.county_code, line.end_to_end_id)
        WHERE line.county_code = :county_code AND line.says = 'ordered'
          AND payment.amount_fen IS DISTINCT FROM line.amount_fen""",
    "ordered_twice": """
        SELECT end_to_end_id AS subject, 1 AS expected, count(*) AS found FROM contractor.bank_line
        WHERE county_code = :county_code AND says = 'ordered' GROUP BY end_to_end_id HAVING count(*) > 1""",
    # Payments and the bank's statement
    "bank_paid_and_we_did_not": f"""
        SELECT bank.end_to_end_id AS subject, coalesce(payment.state, 'no payment') AS expected,
               bank.paid_fen AS found, payment.id AS payment_id, payment.batch_id
        FROM ({_BANK}) AS bank LEFT JOIN contractor.payment
            ON payment.county_code = :county_code AND payment.end_to_end_id = bank.end_to_end_id
        LEFT JOIN contractor.payment_event AS event ON (event.county_code, event.payment_id, event.event)
            = (:county_code, payment.id, 'confirmed')
        WHERE bank.paid_count > 0 AND event.payment_id IS NULL""",
    "bank_paid_otherwise": f"""
        SELECT bank.end_to_end_id AS subject, '1 of ' || payment.amount_fen AS expected,
               bank.paid_count || ' of ' || bank.paid_fen AS found, payment.id AS payment_id, payment.batch_id
        FROM ({_BANK}) AS bank JOIN contractor.payment
            ON payment.county_code = :county_code AND payment.end_to_end_id = bank.end_to_end_id
        WHERE bank.paid_count > 0 AND (bank.paid_count, bank.paid_fen) IS DISTINCT FROM (1, payment.amount_fen)""",
    "we_paid_and_the_bank_did_not": f"""
        SELECT payment.end_to_end_id AS subject, payment.amount_fen AS expected, 'not in any statement' AS found,
               payment.id AS payment_id, payment.batch_id
        FROM contractor.payment
        JOIN contractor.payment_event AS event ON (event.county_code, event.payment_id, event.event)
            = (payment.county_code, payment.id, 'confirmed')
        LEFT JOIN ({_BANK}) AS bank ON bank.end_to_end_id = payment.end_to_end_id
        WHERE payment.county_code = :county_code AND event.at < :booked_before AND coalesce(bank.paid_count, 0) = 0""",
    "bank_returned_and_we_did_not": f"""
        SELECT bank.end_to_end_id AS subject, payment.state AS expected, 'returned' AS found,
               payment.id AS payment_id, payment.batch_id
        FROM ({_BANK}) AS bank JOIN contractor.payment
            ON payment.county_code = :county_code AND payment.end_to_end_id = bank.end_to_end_id
        WHERE bank.returned_count > 0
          AND payment.state NOT IN ('returned', 'reissued', 'cancelled')""",
}
QUERIES = {kind: query + _LIMIT for kind, query in QUERIES.items()}

COUNTS = f"""
    SELECT (SELECT count(*) FROM ({_OWED}) AS owed) + (SELECT count(*) FROM ({_ENTRIES}) AS owed),
           (SELECT count(*) FROM contractor.payment WHERE county_code = :county_code),
           (SELECT count(*) FROM contractor.leg WHERE county_code = :county_code),
           (SELECT count(*) FROM contractor.bank_line WHERE county_code = :county_code)
"""
