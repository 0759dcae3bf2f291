"""Layouts and an invented contract for the published park files of San Francisco; none of the city's data is here."""
