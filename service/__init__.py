"""The service. A feature uses only those below it.

cli           greenkeep …: each command calls one action
demo          the founding case, entered through the same imports and actions that users have
backup        all of it into one folder, and back
app           builds the web application
doctor        examines an installation
opening       opens a database: schema, time zone, clock
web           server-rendered pages
ogc           vector tiles
jobs          background work, fed by the audit log: clean pictures for photos
exchange      files in, dry run first
documents     files that hang on contracts, plots, findings and statements
settlement    statements: prepared by one person, decided by another, then frozen
assessment    a scheme applied to the facts of a period: score and charges
findings      a problem on the ground: filed, confirmed, cured, verified
inspections   scores given on visits
workplan      tasks: what is due, reported, signed
contracts     who covers which plot when, at what price; what contractors see
plots         the register: zones, plots and their versions; what inspectors see
schemes       assessment schemes as data
standards     dated catalogues
evidence      photos and files, by their hash
access        the authority, organisations, people, sign-in
audit_log     who did what to which record, hash-chained
core          no domain

Outside of the order: models imports every table, migrations is the schema's history.
"""
