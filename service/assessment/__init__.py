"""Apply a contract's scheme to the facts of a period: score and proposed charges, each explained."""
