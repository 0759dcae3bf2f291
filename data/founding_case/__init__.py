"""The founding case: the green space of a science park in Nanjing as an authority would hand it in (see README.md)."""

from data.founding_case.write import write

__all__ = ["write"]
