"""What an institution was granted in a month: decided, reduced, advanced, on its way, paid; it reconciles by it."""
