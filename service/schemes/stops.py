"""What stops the settlement of a contract: each is a sentence with the rule and the key where it stopped."""

from service.core.errors import Invalid
from service.core.i18n import N_


class Stopped(Invalid):
    """A rule has no result at a key; whatever reads it has none either."""

    def __init__(self, *, rule: str, key: str, **details: object) -> None:
        super().__init__(rule=rule, key=key, **details)
        self.rule, self.key = rule, key


class NoValue(Stopped):
    """Nothing was there to look at, and the scheme does not say what then."""

    code, message = "scheme_no_value", N_("{rule} {key} has no value: {formula}.")


class OrderOfMissing(Stopped):
    """Smaller or greater than nothing."""

    code, message = "scheme_order_of_missing", N_("{rule} {key} compares a value that is missing: {formula}.")


class NotOneTableRow(Stopped):
    """A table is silent, or speaks twice."""

    code, message = (
        "scheme_not_one_row",
        N_("{rule} {key}: table {table} has {found} rows for {arguments}; it must be one."),
    )


class AmountOfOtherDays(Stopped):
    """A line's amount is the money of exactly its own days, and would be counted once in every period."""

    code, message = (
        "scheme_amount_of_other_days",
        N_("{rule} {key}: the amount of line {line} is not the money of one {level}; hand over one row per {level}."),
    )


class OutOfBounds(Stopped):
    """A number outgrew every amount of money."""

    code, message = "scheme_out_of_bounds", N_("{rule} {key}: a number grew out of all bounds.")


class TooDeep(Stopped):
    """Results without rows are worked when they are asked for, and too many asked for one another."""

    code, message = "scheme_too_deep", N_("{rule} {key}: too many rules without rows read one another.")


class TwoRowsOneKey(Stopped):
    """A rule with one result per row met two rows with one key."""

    code, message = "scheme_two_rows_one_key", N_("{rule} {key}: two rows have this key.")


class RowWithoutKey(Invalid):
    """A row cannot be brought to the result it belongs to, and its charge would vanish."""

    code, message = "scheme_row_without_key", N_("{rule}: {row} has no {column}.")


class UnreadFacts(Invalid):
    """Rows that no rule takes would cost nothing without a word."""

    code, message = (
        "scheme_unread_facts",
        N_(
            "No rule of the scheme takes {count} rows of {table}: {rows}. "
            "If they cost nothing, say so under 'others', as {table}: nothing."
        ),
    )


class NoSuchRegisterRow(Invalid):
    """A row belongs to a contract or plot that was not handed over."""

    code, message = "scheme_no_such_register_row", N_("{table} {row}: there is no {register} {value}.")


class TwoFactRows(Invalid):
    """A row is there twice."""

    code, message = "scheme_two_fact_rows", N_("{table} has two rows called {row}.")


class NotWholePeriods(Invalid):
    """A part of a period has no result."""

    code, message = "scheme_not_whole_periods", N_("The days from {first} up to {end} are not whole periods: {level}.")


class RegisterNeeded(Invalid):
    """Without the register, what was not looked at would vanish."""

    code, message = "scheme_register_needed", N_("{rule} is per {column}: hand over the rows of {table}.")
