"""Who may do what: one table for every operation and every page.

ok: on every record. zone: on records of the actor's zones. own: on records of the actor's contracts. none: there is no
such record in the actor's sight. What is out of sight is answered like what is not there: 404, and lists leave it out.
403: not for this role. Without a sign-in everything is 401.
"""

ROLES = ("viewer", "inspector", "supervisor", "contractor", "manager", "auditor", "admin")
VERDICTS = ("ok", "zone", "own", "none", "403")
PREFIX = "/api/v1"

OPERATIONS = """
                                                          viewer inspector supervisor contractor manager auditor admin
GET  /authority                                           ok     ok        ok         ok         ok      ok      ok
GET  /organisations                                       ok     ok        ok         own        ok      ok      ok
GET  /organisations/{code}                                ok     ok        ok         own        ok      ok      ok
GET  /users                                               403    403       403        403        403     ok      ok
GET  /users/{code}                                        403    403       403        403        403     ok      ok
PUT  /organisations/{code}                                403    403       403        403        403     403     ok
PUT  /users/{code}                                        403    403       403        403        403     403     ok
POST /users/{code}/role                                   403    403       403        403        403     403     ok
POST /users/{code}/closure                                403    403       403        403        403     403     ok
GET  /role-grants                                         403    403       403        403        403     ok      ok
POST /role-grants/{grant_id}/answer                       403    403       403        403        403     403     ok
GET  /sessions                                            ok     ok        ok         ok         ok      ok      ok
POST /sessions/{session_id}/revocation                    ok     ok        ok         ok         ok      ok      ok
GET  /me                                                  ok     ok        ok         ok         ok      ok      ok
GET  /finding-types                                       ok     ok        ok         ok         ok      ok      ok
GET  /operations                                          ok     ok        ok         ok         ok      ok      ok
GET  /grades                                              ok     ok        ok         ok         ok      ok      ok
GET  /workdays                                            ok     ok        ok         ok         ok      ok      ok
GET  /zones                                               ok     ok        ok         ok         ok      ok      ok
GET  /zones/{code}                                        ok     ok        ok         ok         ok      ok      ok
PUT  /zones/{code}                                        403    403       403        403        ok      403     403
GET  /postings                                            ok     ok        ok         ok         ok      ok      ok
PUT  /postings/{posting_id}                               403    403       403        403        403     403     ok
POST /postings/{posting_id}/end                           403    403       403        403        403     403     ok
GET  /plots                                               ok     zone      zone       own        ok      ok      ok
GET  /plots.{form}                                        ok     zone      zone       own        ok      ok      ok
GET  /plots/{code}                                        ok     zone      zone       own        ok      ok      ok
GET  /plots/{code}/versions                               ok     zone      zone       own        ok      ok      ok
GET  /plots/tiles/{z}/{x}/{y}                             ok     ok        ok         ok         ok      ok      ok
GET  /schemes                                             ok     ok        ok         ok         ok      ok      ok
GET  /schemes/{code}/{version}                            ok     ok        ok         ok         ok      ok      ok
PUT  /schemes/{code}/{version}                            403    403       403        403        ok      403     403
GET  /contracts                                           ok     ok        ok         own        ok      ok      ok
GET  /contracts/{code}                                    ok     ok        ok         own        ok      ok      ok
PUT  /contracts/{code}                                    403    403       403        403        ok      403     403
GET  /contracts/{code}/lines                              ok     ok        ok         own        ok      ok      ok
GET  /contracts/{code}/lines/{number}/versions            ok     zone      zone       own        ok      ok      ok
GET  /contracts/{code}/amendments                         ok     ok        ok         own        ok      ok      ok
GET  /contracts/{code}/amendments/{amendment_id}          ok     ok        ok         own        ok      ok      ok
PUT  /contracts/{code}/amendments/{amendment_id}          403    403       403        403        ok      403     403
GET  /tasks                                               ok     zone      zone       own        ok      ok      ok
GET  /tasks.{form}                                        ok     zone      zone       own        ok      ok      ok
GET  /tasks/{task_id}                                     ok     zone      zone       own        ok      ok      ok
PUT  /tasks/{task_id}                                     403    403       403        403        ok      403     403
GET  /scores                                              ok     zone      zone       own        ok      ok      none
GET  /scores.{form}                                       ok     zone      zone       own        ok      ok      none
GET  /scores/{score_id}                                   ok     zone      zone       own        ok      ok      none
PUT  /scores/{score_id}                                   403    zone      403        403        ok      403     403
GET  /findings                                            ok     zone      zone       own        ok      ok      none
GET  /findings.{form}                                     ok     zone      zone       own        ok      ok      none
GET  /findings/{finding_id}                               ok     zone      zone       own        ok      ok      none
PUT  /findings/{finding_id}                               403    zone      zone       403        ok      403     403
POST /findings/{finding_id}/steps                         403    zone      zone       own        ok      403     none
PUT  /findings/{finding_id}/photos/{sha256}               403    zone      zone       own        ok      403     403
GET  /photos                                              ok     zone      zone       own        ok      ok      none
GET  /photos/{photo_id}                                   ok     zone      zone       own        ok      ok      none
POST /photos/{photo_id}/original-views                    403    403       403        403        ok      ok      403
GET  /documents                                           ok     zone      zone       own        ok      ok      none
GET  /documents/{document_id}                             ok     zone      zone       own        ok      ok      none
GET  /documents/{document_id}/content                     ok     zone      zone       own        ok      ok      none
PUT  /documents/{document_id}                             403    zone      zone       own        ok      403     403
GET  /statements                                          none   none      none       own        ok      ok      none
GET  /statements/{code}                                   none   none      none       own        ok      ok      none
GET  /statements/{code}/lines.{form}                      none   none      none       own        ok      ok      none
GET  /statements/{code}/lines/{number}/explanation        none   none      none       own        ok      ok      none
PUT  /contracts/{code}/statements/{period}                403    403       403        403        ok      403     403
POST /statements/{code}/decision                          403    403       403        403        ok      403     403
GET  /charges                                             none   none      none       own        ok      ok      none
GET  /jobs                                                403    403       403        403        403     ok      ok
GET  /contracts/{code}/audit                              403    403       403        403        403     ok      403
PUT  /uploads/{upload_id}                                 403    403       403        403        ok      403     403
GET  /uploads                                             403    403       403        403        ok      ok      403
GET  /uploads/{upload_id}                                 403    403       403        403        ok      ok      403
GET  /uploads/{upload_id}/issues                          403    403       403        403        ok      ok      403
POST /uploads/{upload_id}/check                           403    403       403        403        ok      403     403
POST /uploads/{upload_id}/confirm                         403    403       403        403        ok      403     403
POST /uploads/{upload_id}/cancel                          403    403       403        403        ok      403     403
GET  /imports                                             403    403       403        403        ok      ok      403
GET  /set-asides                                          403    403       403        403        ok      ok      403
GET  /audit-events                                        403    403       403        403        403     ok      ok
GET  /audit-head                                          ok     ok        ok         ok         ok      ok      ok
GET  /tokens                                              ok     ok        ok         ok         ok      ok      ok
POST /tokens/{token_id}/revocation                        ok     ok        ok         ok         ok      ok      ok
GET  /openapi.json                                        ok     ok        ok         ok         ok      ok      ok
GET  /docs                                                ok     ok        ok         ok         ok      ok      ok
"""

# A page with a list opens for everybody who has one of its rows; what it shows is narrowed like the lists above.
PAGES = """
                                    viewer inspector supervisor contractor manager auditor admin
GET  /                              ok     ok        ok         ok         ok      ok      ok
GET  /map                           ok     ok        ok         ok         ok      ok      ok
GET  /plots                         ok     ok        ok         ok         ok      ok      ok
GET  /plots/{code:path}             ok     zone      zone       own        ok      ok      ok
POST /plots/{code:path}             403    zone      zone       403        ok      403     403
GET  /findings                      ok     ok        ok         ok         ok      ok      ok
GET  /findings/new                  403    ok        ok         403        ok      403     403
POST /findings/new                  403    zone      zone       403        ok      403     403
GET  /findings/{code}               ok     zone      zone       own        ok      ok      none
POST /findings/{code}               403    zone      zone       own        ok      403     403
POST /findings/{code}/acts/{act}    403    zone      zone       own        ok      403     none
POST /findings/{code}/photos        403    zone      zone       own        ok      403     403
GET  /photos/{photo_id}             ok     zone      zone       own        ok      ok      none
GET  /tasks                         ok     ok        ok         ok         ok      ok      ok
GET  /contracts                     ok     ok        ok         ok         ok      ok      ok
GET  /contracts/{code}              ok     ok        ok         own        ok      ok      ok
POST /contracts/{code}              403    403       403        403        ok      403     403
GET  /schemes/{code}/v{version}     ok     ok        ok         ok         ok      ok      ok
GET  /statements                    403    403       403        ok         ok      ok      403
POST /statements                    403    403       403        403        ok      403     403
GET  /statements/{code}             none   none      none       own        ok      ok      none
POST /statements/{code}             403    403       403        own        ok      403     403
POST /statements/{code}/approve     403    403       403        403        ok      403     403
POST /statements/{code}/send-back   403    403       403        403        ok      403     403
GET  /uploads                       403    403       403        403        ok      ok      403
GET  /uploads/new                   403    403       403        403        ok      403     403
POST /uploads/new                   403    403       403        403        ok      403     403
GET  /uploads/{upload_id}           403    403       403        403        ok      ok      403
POST /uploads/{upload_id}/check     403    403       403        403        ok      403     403
POST /uploads/{upload_id}/confirm   403    403       403        403        ok      403     403
POST /uploads/{upload_id}/cancel    403    403       403        403        ok      403     403
GET  /changes                       403    403       403        403        403     ok      ok
GET  /jobs                          403    403       403        403        403     ok      ok
GET  /authority                     ok     ok        ok         ok         ok      ok      ok
GET  /account                       ok     ok        ok         ok         ok      ok      ok
POST /account/password              ok     ok        ok         ok         ok      ok      ok
POST /account/tokens                ok     ok        ok         ok         ok      ok      ok
POST /sessions/{session_id}/end     ok     ok        ok         ok         ok      ok      ok
POST /tokens/{token_id}/revoke      ok     ok        ok         ok         ok      ok      ok
GET  /accounts                      403    403       403        403        403     ok      ok
GET  /accounts/{code}               403    403       403        403        403     ok      ok
POST /accounts/{code}/role          403    403       403        403        403     403     ok
POST /accounts/{code}/close         403    403       403        403        403     403     ok
POST /role-grants/{grant_id}/confirm 403   403       403        403        403     403     ok
POST /role-grants/{grant_id}/decline 403   403       403        403        403     403     ok
POST /sign-out                      ok     ok        ok         ok         ok      ok      ok
"""
OPEN = {  # to whoever knows a password or holds a link
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/sign-in/{secret}"),
    ("POST", "/sign-in/{secret}"),
}
AT_A_BROWSER = {("POST", "/account/password"), ("POST", "/account/tokens")}  # a token is refused: 403

Operation = tuple[str, str]


def read(table: str, prefix: str = "") -> dict[Operation, dict[str, str]]:
    r"""Read a table: by (method, path) the verdict on each role.

    >>> read("viewer admin\nGET /x ok 403")
    {('GET', '/x'): {'viewer': 'ok', 'admin': '403'}}
    """
    head, *rows = (line.split() for line in table.strip().splitlines())
    return {(row[0], prefix + row[1]): dict(zip(head, row[2:], strict=True)) for row in rows}


API = read(OPERATIONS, PREFIX)
SITE = read(PAGES)
POLICY = API | SITE
