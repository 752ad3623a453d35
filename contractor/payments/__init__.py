"""From an approved amount to a payee's account: batches, remittance, the bank's answers, returns."""
