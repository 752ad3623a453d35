"""Files of claims on their way in: sent in a moment, taken in by a worker, their report kept for whoever sent them."""
