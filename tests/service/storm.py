"""S1, S2 and S5: many at once. Each function takes the clients that send at the same time, one a thread, and sizes.

A client may be of a process of its own: nothing here looks past HTTP.
"""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

from httpx2 import Client, Response

from service.core.ids import new_id
from tests.service.calls import new_finding
from tests.service.policy import PREFIX

T = TypeVar("T")
PATIENCE = 200  # tries while the database is busy


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Start all jobs at the same moment, each in a thread; return what they return."""
    ready = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        ready.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def patiently(client: Client, method: str, path: str, **request: Any) -> Response:
    """Send a request, again while the answer is to come back in a moment."""
    for _ in range(PATIENCE):
        response = client.request(method, path, **request)
        if response.status_code != 503:
            return response
    raise TimeoutError(f"{method} {path} stays busy")


def duplicates(
    clients: Sequence[Client], auditor: Client, plot: str, *, ids: int, repeats: int, seed: int
) -> Iterator[str]:
    """File `ids` findings, each `repeats` times; yield what is there twice, or answered otherwise than the first."""
    known = {row["id"] for row in _all(auditor, "/findings")}
    before = auditor.get(f"{PREFIX}/audit-head").json()["seq"]
    wanted = [new_id() for _ in range(ids)]
    sends = wanted * repeats
    random.Random(seed).shuffle(sends)

    def share(n: int) -> Callable[[], list[tuple[UUID, Response]]]:
        return lambda: [
            (i, patiently(clients[n], "PUT", f"{PREFIX}/findings/{i}", json=new_finding(plot)))
            for i in sends[n :: len(clients)]
        ]

    answers: dict[UUID, list[Response]] = defaultdict(list)
    for part in at_once([share(n) for n in range(len(clients))]):
        for finding_id, response in part:
            answers[finding_id].append(response)
    for finding_id, responses in answers.items():
        counted = Counter(response.status_code for response in responses)
        if counted != Counter({200: repeats - 1, 201: 1}):
            yield f"{finding_id} was answered {dict(counted)}"
        elif len({response.text for response in responses}) != 1:
            yield f"{finding_id} was answered in different words"
    rows = [row for row in _all(auditor, "/findings") if row["id"] not in known]
    if {row["id"] for row in rows} != {str(i) for i in wanted} or len(rows) != ids:
        yield f"{len(rows)} findings of {ids} ids"
    yield from _gaps(int(row["code"].rpartition("-")[2]) for row in rows)
    # a server notes now and then which tokens were used: that is no event of a finding
    filed = _all(auditor, "/audit-events", after=str(before), verb="finding.file")
    if len(filed) != ids:
        yield f"{len(filed)} events of {ids} ids"


def _gaps(numbers: Iterator[int]) -> Iterator[str]:
    given = sorted(numbers)
    if given != list(range(given[0], given[0] + len(given))):
        yield f"numbers with gaps or twice: {given}"


def races(clients: Sequence[Client], auditor: Client, plot: str, *, pairs: int) -> Iterator[str]:
    """Let two clients file other content under one id; yield where not exactly one of them wins, whole."""
    for n in range(pairs):
        path = f"{PREFIX}/findings/{new_id()}"
        texts = (f"first {n}", f"second {n}")
        bodies = [new_finding(plot) | {"text": word, "quantity": str(k + 1)} for k, word in enumerate(texts)]

        def send(k: int, path: str = path, bodies: list[dict[str, Any]] = bodies) -> Callable[[], Response]:
            return lambda: patiently(clients[k], "PUT", path, json=bodies[k])

        answers = at_once([send(0), send(1)])
        statuses = sorted(answer.status_code for answer in answers)
        kept = auditor.get(path).json()
        if statuses != [201, 409]:
            yield f"pair {n} was answered {statuses}"
        elif (kept["text"], kept["quantity"]) != _content(bodies[answers[1].status_code == 201]):
            yield f"pair {n} is mixed: {kept['text']}, {kept['quantity']}"
        elif (loser := max(answers, key=lambda answer: answer.status_code).json())["details"]:
            yield f"pair {n} tells the loser {loser['details']}"


def _content(body: dict[str, Any]) -> tuple[str, str]:
    return body["text"], body["quantity"]


def lost_updates(
    workers: Sequence[tuple[Client, Client]], auditor: Client, finding_id: UUID, *, steps: int
) -> Iterator[str]:
    """Let each worker (a contractor's and an inspector's client) try so many steps on one confirmed finding.

    It is reported cured, sent back, reported cured, and so on. Yield steps that were acknowledged but are not there,
    and those that were taken from another state than their author had seen.
    """
    path = f"{PREFIX}/findings/{finding_id}"

    def work(contractor: Client, inspector: Client) -> Callable[[], list[tuple[int, int] | None]]:
        return lambda: [_try_step(path, contractor, inspector) for _ in range(steps)]

    taken = [step for part in at_once([work(*pair) for pair in workers]) for step in part if step]
    if len(taken) < steps:  # somebody's step is acknowledged whenever another's is refused
        yield f"only {len(taken)} steps were acknowledged"
    for seen, made in taken:
        if made != seen + 1:
            yield f"a step from {seen} became {made}"
    numbers = [step["number"] for step in auditor.get(path).json()["steps"]]
    if sorted([1, 2, *(made for _, made in taken)]) != numbers:
        yield f"{len(taken)} steps were acknowledged, {len(numbers) - 2} are there"
    yield from _from_long_ago(path, *workers[0])


def _from_long_ago(path: str, contractor: Client, inspector: Client) -> Iterator[str]:
    """Try the act that fits the state, on the word of who has not looked since the confirmation."""
    client, act = _next(contractor.get(path), contractor, inspector)
    answer = patiently(client, "POST", f"{path}/steps", json={"act": act}, headers={"If-Match": '"2"'})
    if answer.status_code != 412:
        yield f"a step from long ago was answered {answer.status_code}"


def _next(read: Response, contractor: Client, inspector: Client) -> tuple[Client, str]:
    return (inspector, "send_back") if read.json()["state"] == "cured" else (contractor, "report_cured")


def _try_step(path: str, contractor: Client, inspector: Client) -> tuple[int, int] | None:
    """Read and act; return the step that was seen and the one that was made, None when somebody was quicker."""
    read = patiently(contractor, "GET", path)
    client, act = _next(read, contractor, inspector)
    headers = {"If-Match": read.headers["etag"]}
    answer = patiently(client, "POST", f"{path}/steps", json={"act": act}, headers=headers)
    if answer.status_code == 201:
        return _number(read), _number(answer)
    assert answer.status_code in (409, 412), answer.text
    return None


def _number(response: Response) -> int:
    return int(response.headers["etag"].strip('"'))


def double_approvals(approvers: Sequence[Client], auditor: Client, statement: str) -> Iterator[str]:
    """Let several approve one prepared statement at once; yield if not exactly one does, with the next number."""
    path, body = f"{PREFIX}/statements/{statement}", {"decision": "approved"}
    numbers = [_decided(auditor, row["code"]) for row in _all(auditor, "/statements") if row["state"] == "approved"]

    def send(client: Client) -> Callable[[], Response]:
        return lambda: patiently(client, "POST", f"{path}/decision", json=body)

    counted = Counter(answer.status_code for answer in at_once([send(client) for client in approvers]))
    if counted != Counter({201: 1, 409: len(approvers) - 1}):
        yield f"{statement} was decided: {dict(counted)}"
    if _decided(auditor, statement) != max(numbers, default=0) + 1:
        yield f"{statement} has number {_decided(auditor, statement)} after {numbers}"


def _decided(auditor: Client, code: str) -> int:
    number: int = auditor.get(f"{PREFIX}/statements/{code}").json()["decision"]["number"]
    return number


def _all(client: Client, path: str, after: str | None = "", **asked: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while after is not None:
        body = client.get(PREFIX + path, params={"limit": "1000", "after": after, **asked}).json()
        rows, after = rows + body["items"], body["next"]
    return rows
