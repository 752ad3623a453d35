"""Which schedule is in force: entered from the committee's document, compared with it by a second person."""
