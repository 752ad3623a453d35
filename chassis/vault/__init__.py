"""Identity numbers, bank accounts and other secrets: sealed at rest, found by a blind index, masked by default."""
