"""What is said of a value that a model refuses, by the kind of error; read in child processes, so without libraries."""

from service.core.i18n import N_

INVALID = N_("This value is not valid.")
SENTENCES = {
    "missing": N_("This field is needed."),
    "extra_forbidden": N_("There is a field here that is not known."),
    "finite_number": N_("This must be a finite number."),
    "greater_than": N_("This must be more than {gt}."),
    "greater_than_equal": N_("This must not be less than {ge}."),
    "less_than_equal": N_("This must not be more than {le}."),
    "decimal_max_places": N_("At most {decimal_places} decimal places."),
    "string_too_long": N_("At most {max_length} characters."),
    "string_too_short": N_("At least {min_length} characters."),
    "unreadable_text": N_("The text holds characters that are not allowed, such as control characters."),
    "plain_number": N_("This must be a plain decimal number."),
    "not_a_day": N_("A day is written YYYY-MM-DD."),
    "not_an_instant": N_("An instant is written YYYY-MM-DDTHH:MM:SS with its offset, such as +08:00."),
    "enum": N_("This must be one of: {expected}."),
    "literal_error": N_("This must be one of: {expected}."),
}
