"""The whole check of a scheme file: what can be said without facts, then its own examples."""

from service.schemes.examples import example_issues
from service.schemes.issues import SchemeIssue
from service.schemes.model import Scheme
from service.schemes.scheme_checks import static_issues


def check_scheme(scheme: Scheme) -> list[SchemeIssue]:
    """Return errors and warnings by line; the examples run only where there is no error before them."""
    issues = static_issues(scheme)
    if any(not issue.warning for issue in issues):
        return issues
    return sorted(issues + example_issues(scheme), key=lambda issue: (issue.line, issue.code))
