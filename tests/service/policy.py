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
GET  /me                                                  ok     ok        ok         ok         ok      ok      ok
GET  /finding-types                                       ok     ok        ok         ok         ok      ok      ok
GET  /zones                                               ok     ok        ok         ok         ok      ok      ok
GET  /plots                                               ok     zone      zone       own        ok      ok      ok
GET  /plots/{code}                                        ok     zone      zone       own        ok      ok      ok
GET  /plots/{code}/versions                               ok     zone      zone       own        ok      ok      ok
GET  /schemes                                             ok     ok        ok         ok         ok      ok      ok
GET  /schemes/{code}/{version}                            ok     ok        ok         ok         ok      ok      ok
GET  /contracts                                           ok     ok        ok         own        ok      ok      ok
GET  /contracts/{code}                                    ok     ok        ok         own        ok      ok      ok
GET  /tasks                                               ok     zone      zone       own        ok      ok      ok
GET  /scores                                              ok     zone      zone       own        ok      ok      none
GET  /findings                                            ok     zone      zone       own        ok      ok      none
GET  /findings/{finding_id}                               ok     zone      zone       own        ok      ok      none
PUT  /findings/{finding_id}                               403    zone      zone       403        ok      403     403
POST /findings/{finding_id}/steps                         403    zone      zone       own        ok      403     none
PUT  /findings/{finding_id}/photos/{sha256}               403    zone      zone       own        ok      403     403
GET  /photos/{photo_id}                                   ok     zone      zone       own        ok      ok      none
POST /photos/{photo_id}/original-views                    403    403       403        403        ok      ok      403
GET  /statements                                          none   none      none       own        ok      ok      none
GET  /statements/{code}                                   none   none      none       own        ok      ok      none
GET  /statements/{code}/lines/{number}/explanation        none   none      none       own        ok      ok      none
PUT  /contracts/{code}/statements/{period}                403    403       403        403        ok      403     403
POST /statements/{code}/decision                          403    403       403        403        ok      403     403
GET  /charges                                             none   none      none       own        ok      ok      none
GET  /audit-events                                        403    403       403        403        403     ok      ok
GET  /audit-head                                          ok     ok        ok         ok         ok      ok      ok
GET  /openapi.json                                        ok     ok        ok         ok         ok      ok      ok
GET  /docs                                                ok     ok        ok         ok         ok      ok      ok
"""

Operation = tuple[str, str]


def read(table: str, prefix: str = "") -> dict[Operation, dict[str, str]]:
    r"""Read a table: by (method, path) the verdict on each role.

    >>> read("viewer admin\nGET /x ok 403")
    {('GET', '/x'): {'viewer': 'ok', 'admin': '403'}}
    """
    head, *rows = (line.split() for line in table.strip().splitlines())
    return {(row[0], prefix + row[1]): dict(zip(head, row[2:], strict=True)) for row in rows}


POLICY = read(OPERATIONS, PREFIX)
