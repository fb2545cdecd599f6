"""
Prints a JSON line for everything that an incident manager tells, by the package gql: see the README one folder up.
Needs Python 3.11 and `pip install "gql[websockets]>=3.5,<4"`.

A session of gql ends with its connection, and nothing is asked for again: the loop in `main` brings it back.
"""

import asyncio
import json
import os
import pathlib
import random
import sys
import time
from datetime import datetime

from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from websockets import ConnectionClosed

FIELDS = "id title severity state source createdAt updatedAt"
NEW_INCIDENTS = gql(f"subscription NewIncidents {{ newIncidents {{ {FIELDS} }} }}")
UPDATES = gql("subscription Updates { incidentUpdates { updateType incidentId timestamp } }")
ONE = gql(f"query One($id: UUID!) {{ incident(id: $id) {{ {FIELDS} }} }}")
PAGE = gql(
    f"""query Page($page: Int!) {{
      incidents(pagination: {{ page: $page, pageSize: 100 }}) {{ incidents {{ {FIELDS} }} pageInfo {{ hasNextPage }} }}
    }}"""
)
MOST_PAGES = 10
REFRESH_S = 30  # the stream may keep quiet about a change: nothing but a query can tell
STABLE_S = 10  # a server that accepts and closes at once must not be asked at the base rate for ever
OWN_MISTAKES = {4400, 4406, 4409, 4429}
REFUSALS = {4401, 4403}

URL = "ws" + os.environ.get("INCIDENTS_URL", "http://localhost:8080").rstrip("/").removeprefix("http")
known = {}


def get_token():
    """From the file that INCIDENTS_TOKEN_FILE names, as it is at that moment, or from INCIDENTS_TOKEN. None: no token."""
    file = os.environ.get("INCIDENTS_TOKEN_FILE")
    token = pathlib.Path(file).read_text() if file else os.environ.get("INCIDENTS_TOKEN", "")
    return token.strip() or None


async def follow(token):
    """One connection, until it ends, which is always by an exception."""
    transport = WebsocketsTransport(
        url=URL + "/graphql/ws",
        init_payload={"Authorization": f"Bearer {token}"} if token else {},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],  # by default the old protocol is offered as well
        connect_timeout=5,
        ack_timeout=5,
        ping_interval=10,  # by default a dead peer is never noticed
        pong_timeout=5,
    )
    async with Client(transport=transport) as session:
        report("connected")
        async with asyncio.TaskGroup() as tasks:  # one that fails ends the others
            tasks.create_task(follow_new(session))
            tasks.create_task(follow_updates(session, tasks))
            tasks.create_task(keep_reading(session))


async def follow_new(session):
    async for event in events(session, NEW_INCIDENTS):
        merge(event["newIncidents"], "stream")


async def follow_updates(session, tasks):
    async for event in events(session, UPDATES):
        update = event["incidentUpdates"]
        if not update["incidentId"]:
            report("heartbeat")
        elif update["updateType"] != "CREATED":  # those come whole by the other subscription
            tasks.create_task(read(session, update["incidentId"]))


async def events(session, subscription):
    """Ends when the server refuses this subscription; the others go on. Raises when the connection ends."""
    try:
        async for event in session.subscribe(subscription):
            yield event
    except TransportQueryError as problem:
        report("error", message=str(problem))


async def keep_reading(session):
    """Queried after subscribing: what happens in between is told twice, never not at all."""
    await asyncio.sleep(0)  # the subscriptions are sent first
    while True:
        try:
            await read_all(session)
        except TransportQueryError as problem:
            report("error", message=str(problem))
        await asyncio.sleep(REFRESH_S)


async def read_all(session):
    for page in range(MOST_PAGES):
        answer = (await session.execute(PAGE, variable_values={"page": page}))["incidents"]
        for incident in answer["incidents"]:
            merge(incident, "query")
        if not answer["pageInfo"]["hasNextPage"]:
            break
    report("synced", known=len(known))


async def read(session, incident_id):
    try:
        merge((await session.execute(ONE, variable_values={"id": incident_id}))["incident"], "query")
    except TransportQueryError as problem:
        report("error", message=str(problem))  # one unknown incident is no reason to connect anew


def merge(incident, via):
    """Each once: the newest `updatedAt` wins. As instants: the server writes `Z` or `+00:00`, with up to nine digits."""
    before = known.get(incident["id"])
    when = datetime.fromisoformat(incident["updatedAt"])
    content = (when, incident["title"], incident["severity"], incident["state"])
    if before and (when < before[0] or content == before):
        return
    known[incident["id"]] = content
    report("incident", via=via, incident=incident)


def report(kind, **members):
    print(json.dumps({"type": kind, **members}), flush=True)


def close_of(problem):
    """The close code somewhere in what ended a connection, and words for it; 1006: without one."""
    while problem:
        if isinstance(problem, BaseExceptionGroup):
            problem = problem.exceptions[0]
        elif isinstance(problem, ConnectionClosed) and problem.rcvd:
            return problem.rcvd.code, problem.rcvd.reason
        elif problem.__cause__ is None:
            return 1006, str(problem) or type(problem).__name__
        else:
            problem = problem.__cause__
    return 1006, ""


async def main():
    attempt, refused, token = 0, False, None
    while True:
        previous, token = token, get_token()
        if refused and token == previous:
            report("ended", why="The server refuses the token, and there is no other.")
            return 1
        began, code, reason = time.monotonic(), 1006, ""
        try:
            await follow(token)
        except Exception as problem:  # whatever ended it, it is tried again or told
            code, reason = close_of(problem)
        if code in OWN_MISTAKES:
            report("ended", why=f"The server closed with {code}: {reason}")
            return 1
        refused = code in REFUSALS
        if time.monotonic() - began >= STABLE_S:
            attempt = 0
        wait_s = random.uniform(0, min(30, 2**attempt))  # full jitter
        attempt += 1
        report("disconnected", code=code, reason=reason, retryMs=round(wait_s * 1000))
        await asyncio.sleep(wait_s)


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except KeyboardInterrupt:
        sys.exit(0)
