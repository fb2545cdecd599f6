"""Prints a JSON line for everything that an incident manager tells: see the README one folder up."""

import asyncio
import json
import os
import pathlib
import signal
import sys
from datetime import datetime

from incident_client import Ended, IncidentClient

FIELDS = "id title severity state source createdAt updatedAt"
NEW_INCIDENTS = f"subscription NewIncidents {{ newIncidents {{ {FIELDS} }} }}"
UPDATES = "subscription Updates { incidentUpdates { updateType incidentId timestamp } }"
ONE = f"query One($id: UUID!) {{ incident(id: $id) {{ {FIELDS} }} }}"
PAGE = f"""query Page($page: Int!) {{
  incidents(pagination: {{ page: $page, pageSize: 100 }}) {{ incidents {{ {FIELDS} }} pageInfo {{ hasNextPage }} }}
}}"""
MOST_PAGES = 10
REFRESH_S = 30  # the stream may keep quiet about a change: nothing but a query can tell

BASE_URL = os.environ.get("INCIDENTS_URL", "http://localhost:8080").rstrip("/")


async def get_token():
    """From the file that INCIDENTS_TOKEN_FILE names, as it is at that moment, or from INCIDENTS_TOKEN. None: no token."""
    file = os.environ.get("INCIDENTS_TOKEN_FILE")
    token = pathlib.Path(file).read_text() if file else os.environ.get("INCIDENTS_TOKEN", "")
    return token.strip() or None


def report(kind, **members):
    print(json.dumps({"type": kind, **members}), flush=True)


class Feed:
    """What is known, once each: the newest `updatedAt` wins."""

    def __init__(self):
        self.known = {}
        self.client = IncidentClient(
            "ws" + BASE_URL.removeprefix("http") + "/graphql/ws",
            get_token,
            {NEW_INCIDENTS: self.on_new, UPDATES: self.on_update},
            report,
            self.keep_reading,
            ping_s=float(os.environ.get("INCIDENTS_PING_MS", 10_000)) / 1000,
            pong_s=float(os.environ.get("INCIDENTS_PONG_MS", 5_000)) / 1000,
        )

    def on_new(self, data):
        self.merge(data["newIncidents"], "stream")

    def on_update(self, data):
        update = data["incidentUpdates"]
        if not update["incidentId"]:
            report("heartbeat")
        elif update["updateType"] != "CREATED":  # those come whole by the other subscription
            self.client.spawn(self.read(update["incidentId"]))

    async def keep_reading(self):
        """Subscribed first, then queried: what happens in between is told twice, never not at all."""
        while True:
            try:
                await self.read_all()
            except (ConnectionError, ValueError) as problem:
                report("error", message=str(problem))
            await asyncio.sleep(REFRESH_S)

    async def read_all(self):
        for page in range(MOST_PAGES):
            answer = (await self.client.query(PAGE, page=page))["incidents"]
            for incident in answer["incidents"]:
                self.merge(incident, "query")
            if not answer["pageInfo"]["hasNextPage"]:
                break
        report("synced", known=len(self.known))

    async def read(self, incident_id):
        try:
            self.merge((await self.client.query(ONE, id=incident_id))["incident"], "query")
        except (ConnectionError, ValueError) as problem:
            report("error", message=str(problem))

    def merge(self, incident, via):
        known = self.known.get(incident["id"])
        if known and (instant(incident) < instant(known) or is_same(incident, known)):
            return
        self.known[incident["id"]] = incident
        report("incident", via=via, incident=incident)


def instant(incident):
    """Never compare the texts: one part of the server writes `Z`, the other `+00:00`, with up to nine digits."""
    return datetime.fromisoformat(incident["updatedAt"])


def is_same(one, other):
    return instant(one) == instant(other) and all(one[key] == other[key] for key in ("title", "severity", "state"))


async def main():
    task = asyncio.create_task(Feed().client.run())
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return 0
    except Ended as end:
        report("ended", why=str(end))
        return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
