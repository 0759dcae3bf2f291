"""What can be wrong with a scheme file: a code, a line and a sentence; collected, not raised one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.core.errors import Invalid, Issue, Refusal
from service.core.i18n import N_, Sentence, translate


@dataclass(frozen=True)
class SchemeIssue:
    """One thing wrong with a scheme file, at a line counted from 1; a warning does not stop the file."""

    code: str
    line: int
    message: str
    details: Mapping[str, str] = field(default_factory=dict)
    warning: bool = False
    cause: Refusal | None = None  # what stopped an example; fills {reason}

    @property
    def plain(self) -> Issue:
        """The same as issues of any file are; its place is the line."""
        details: dict[str, object] = dict(self.details)
        if self.cause is not None:
            details["reason"] = Sentence(self.cause.message, self.cause.details)
        return Issue(self.code, f"line {self.line}", self.message, details)

    def sentence(self, language: str = "en") -> str:
        """Return the sentence in the language of an Accept-Language header."""
        issue = self.plain
        return translate(issue.message, language, issue.details)


class SchemeRefused(Invalid):
    """The file cannot be used as a scheme; `issues` says why, by line."""

    code, message = "scheme_refused", N_("The scheme file cannot be used: {count} problems, the first in line {line}.")

    def __init__(self, issues: Sequence[SchemeIssue]) -> None:
        self.issues = tuple(sorted(issues, key=lambda issue: (issue.line, issue.code)))
        super().__init__(line=self.issues[0].line, count=len(self.issues))

    def listed(self) -> Sequence[Issue]:
        """Return the issues, by line."""
        return [issue.plain for issue in self.issues]

    def __str__(self) -> str:
        return "\n".join(f"line {issue.line} [{issue.code}] {issue.sentence()}" for issue in self.issues)
