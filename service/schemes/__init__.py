"""Assessment schemes as data: a file beside the paper contract, and the pure engine that reads and works it."""
