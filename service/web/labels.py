"""The words of states, roles, acts and kinds, as pages show them."""

from service.contracts.changes import Act as LineAct
from service.contracts.changes import Level
from service.contracts.rules import DayCount, Rounding
from service.core.actor import Kind, Role
from service.core.i18n import N_
from service.documents.rules import DocumentKind
from service.exchange.rules import UploadKind, UploadState
from service.findings.rules import Act, Severity, State
from service.standards.rules import DayUnit

STATES = {
    State.FILED: N_("To confirm"),
    State.CONFIRMED: N_("To cure"),
    State.CURED: N_("To verify"),
    State.SENT_BACK: N_("Sent back"),
    State.VERIFIED: N_("Verified"),
    State.WITHDRAWN: N_("Withdrawn"),
}
# what was done in the step that led to a state
STEPS = {
    State.FILED: N_("Filed"),
    State.CONFIRMED: N_("Confirmed"),
    State.CURED: N_("Reported cured"),
    State.SENT_BACK: N_("Cure sent back"),
    State.VERIFIED: N_("Cure verified"),
    State.WITHDRAWN: N_("Withdrawn"),
}
# a shape of the sprite and a hue of the style sheet: word, shape and colour tell a state, in that order of trust
LOOKS = {
    State.FILED: ("ring", "grey"),
    State.CONFIRMED: ("triangle", "amber"),
    State.CURED: ("diamond", "blue"),
    State.SENT_BACK: ("octagon", "red"),
    State.VERIFIED: ("check", "green"),
    State.WITHDRAWN: ("back", "grey"),
}
MAP_STATES = {
    State.FILED: "filed",
    State.CONFIRMED: "to_cure",
    State.CURED: "to_verify",
    State.SENT_BACK: "sent_back",
    State.VERIFIED: "verified",
    State.WITHDRAWN: "withdrawn",
}
ACTS = {
    Act.CONFIRM: N_("Confirm finding"),
    Act.REPORT_CURED: N_("Report cured"),
    Act.VERIFY: N_("Verify cure"),
    Act.SEND_BACK: N_("Send back cure"),
    Act.WITHDRAW: N_("Withdraw finding"),
}
LINE_ACTS = {LineAct.ADD: N_("is added"), LineAct.CHANGE: N_("changes"), LineAct.REMOVE: N_("is removed")}
LEVELS = {
    Level.WITHIN: N_("Within the ceiling"),
    Level.NEAR: N_("80% of the ceiling is used"),
    Level.REACHED: N_("Ceiling reached"),
    Level.EXCEEDED: N_("Ceiling exceeded"),
}
LEVEL_LOOKS = {
    Level.WITHIN: ("check", "green"),
    Level.NEAR: ("triangle", "amber"),
    Level.REACHED: ("octagon", "red"),
    Level.EXCEEDED: ("octagon", "red"),
}
CURES = {
    DayUnit.DAYS: N_("{days} days from confirmation"),
    DayUnit.WORKING_DAYS: N_("{days} working days from confirmation"),
}
SHORT_CURES = {DayUnit.DAYS: N_("per {unit}; {days} days"), DayUnit.WORKING_DAYS: N_("per {unit}; {days} working days")}
SEVERITIES = {Severity.MINOR: N_("Minor"), Severity.SEVERE: N_("Severe")}
ROLES = {
    Role.VIEWER: N_("Viewer"),
    Role.INSPECTOR: N_("Inspector"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.CONTRACTOR: N_("Contractor"),
    Role.MANAGER: N_("Manager"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMIN: N_("Administrator"),
}
PARTIES = {
    Kind.AUTHORITY: N_("Park authority"),
    Kind.CONTRACTOR: N_("Contractor"),
    Kind.CONSULTANT: N_("Supervising consultant"),
    Kind.BUILDER: N_("Builder"),
}
PLOT_KINDS = {
    "strip": N_("Roadside strip"),
    "median": N_("Median"),
    "corner": N_("Street corner"),
    "square": N_("Square"),
    "park": N_("Park"),
    "lawn": N_("Lawn"),
    "flower_bed": N_("Flower bed"),
    "garden": N_("Garden"),
    "grove": N_("Grove"),
    "other": N_("Other ground"),
}
GROUPS = {
    "common": N_("Common"),
    "lawn": N_("Lawn"),
    "tree": N_("Trees"),
    "shrub": N_("Shrubs and hedges"),
    "pest": N_("Pests and weeds"),
    "work": N_("Care work"),
    "cleaning": N_("Cleaning"),
    "facility": N_("Facilities"),
    "staff": N_("Staff on site"),
    "safety": N_("Safety"),
}
DAY_COUNTS = {
    DayCount.ACTUAL_365: N_("Actual days over 365"),
    DayCount.CONTRACT_YEAR: N_("Actual days over the days of the contract's year"),
    DayCount.TWELFTHS: N_("A twelfth for each calendar month"),
}
ROUNDINGS = {
    Rounding.PER_LINE: N_("Each line is rounded"),
    Rounding.PER_CONTRACT: N_("The contract's total is rounded, then split over the lines"),
}
SETTLED = {"month": N_("Settled monthly"), "quarter": N_("Settled quarterly")}
BASES = {"projected": N_("projected area"), "developed": N_("developed area")}
STATEMENT_STATES = {
    "prepared": N_("Awaits approval"),
    "approved": N_("Approved"),
    "sent_back": N_("Sent back to be redone"),
}
STATEMENT_LOOKS = {"prepared": ("diamond", "blue"), "approved": ("check", "green"), "sent_back": ("octagon", "red")}
VERBS = {  # of the audit log
    "authority.found": N_("Authority entered"),
    "authority.move_on": N_("Demo's clock moved on"),
    "catalogue.finding_types": N_("Finding types entered"),
    "catalogue.grades": N_("Grades entered"),
    "catalogue.operations": N_("Operations entered"),
    "catalogue.workdays": N_("Workdays entered"),
    "contract.amend": N_("Contract amended"),
    "contract.sign": N_("Contract signed"),
    "database.backup": N_("Backup made"),
    "database.restore": N_("Backup restored"),
    "document.file": N_("Document filed"),
    "file.keep": N_("File kept"),
    "finding.confirm": N_("Finding confirmed"),
    "finding.file": N_("Finding filed"),
    "finding.photo": N_("Photo added"),
    "finding.report_cured": N_("Reported cured"),
    "finding.send_back": N_("Cure sent back"),
    "finding.verify": N_("Cure verified"),
    "finding.withdraw": N_("Finding withdrawn"),
    "import.contract": N_("Contract imported"),
    "import.plots": N_("Plots imported"),
    "import.scores": N_("Scores imported"),
    "import.tasks": N_("Tasks imported"),
    "job.give_up": N_("Background work given up"),
    "job.retry": N_("Background work asked for again"),
    "organisation.add": N_("Party entered"),
    "password.set": N_("Password set"),
    "password.try": N_("Password tried"),
    "photo.view_original": N_("Original photo viewed"),
    "plots.register": N_("Plots entered"),
    "plots.revise": N_("Plots changed"),
    "rendition.note": N_("Picture made"),
    "role.change": N_("Role changed"),
    "role.confirmed": N_("Role confirmed"),
    "role.declined": N_("Role declined"),
    "role.propose": N_("Role proposed"),
    "scheme.enter": N_("Scheme entered"),
    "scores.enter": N_("Scores entered"),
    "sign_in.begin": N_("Signed in"),
    "sign_in.end": N_("Signed out"),
    "sign_in.link": N_("Sign-in link issued"),
    "statement.approved": N_("Statement approved"),
    "statement.prepare": N_("Statement prepared"),
    "statement.sent_back": N_("Statement sent back"),
    "task.change": N_("Task changed"),
    "tasks.enter": N_("Tasks entered"),
    "token.issue": N_("Token issued"),
    "token.revoke": N_("Token revoked"),
    "token.use": N_("Token used"),
    "upload.cancel": N_("Upload dropped"),
    "upload.check": N_("Upload checked"),
    "upload.confirm": N_("Upload confirmed"),
    "upload.expire": N_("Upload expired"),
    "upload.read": N_("Upload read"),
    "upload.receive": N_("Upload received"),
    "upload.recheck": N_("Upload checked again"),
    "user.add": N_("Account opened"),
    "user.close": N_("Account closed"),
    "user.post": N_("Posted to zones"),
    "user.reopen": N_("Account opened again"),
    "user.withdraw": N_("Posting to a zone ended"),
    "zone.add": N_("Zone entered"),
}
DOCUMENT_KINDS = {
    DocumentKind.AGREEMENT: N_("Agreement"),
    DocumentKind.DRAWING: N_("Drawing"),
    DocumentKind.ACCEPTANCE: N_("Acceptance record"),
    DocumentKind.LETTER: N_("Letter"),
    DocumentKind.REPORT: N_("Report"),
    DocumentKind.INVOICE: N_("Invoice"),
    DocumentKind.OTHER: N_("Other document"),
}
METHODS = {"geodesic WGS84 v1": N_("on the ellipsoid")}
UPLOAD_KINDS = {
    UploadKind.PLOTS: (N_("Plots"), N_("GeoPackage, GeoJSON, Shapefile (.zip), CSV with WKT")),
    UploadKind.TASKS: (N_("Tasks"), N_("CSV")),
    UploadKind.SCORES: (N_("Scores"), N_("CSV")),
}
REASONS = {
    "unlinked": N_("rows whose plot is not known"),
    "missing": N_("rows without a score"),
    "known": N_("rows whose score stands already"),
}
UPLOAD_STATES = {
    UploadState.RECEIVED: N_("Waits for its dry run"),
    UploadState.READING: N_("Dry run under way"),
    UploadState.CHECKED: N_("To confirm"),
    UploadState.REFUSED: N_("Has errors"),
    UploadState.WRITTEN: N_("Imported"),
    UploadState.CANCELLED: N_("Cancelled"),
    UploadState.EXPIRED: N_("Expired"),
}
UPLOAD_LOOKS = {
    UploadState.RECEIVED: ("ring", "grey"),
    UploadState.READING: ("diamond", "blue"),
    UploadState.CHECKED: ("triangle", "amber"),
    UploadState.REFUSED: ("octagon", "red"),
    UploadState.WRITTEN: ("check", "green"),
    UploadState.CANCELLED: ("back", "grey"),
    UploadState.EXPIRED: ("back", "grey"),
}
UPLOAD_TOLD = {
    UploadState.RECEIVED: N_("The file has arrived. Its dry run begins as soon as those before it are done."),
    UploadState.READING: N_("The file is being read and compared with the records. Nothing is written."),
    UploadState.CHECKED: N_("No error was found. Nothing is written until you confirm."),
    UploadState.REFUSED: N_("The file cannot be imported. Mend what is listed below and send it again."),
    UploadState.WRITTEN: N_("The file was imported as its dry run had shown it."),
    UploadState.CANCELLED: N_("The file was dropped. Nothing of it was imported."),
    UploadState.EXPIRED: N_("Nobody decided on the file within a day, so it was dropped. Nothing of it was imported."),
}
