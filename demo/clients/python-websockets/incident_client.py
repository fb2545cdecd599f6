"""GraphQL over one WebSocket that comes back by itself. Needs Python 3.11 and the package `websockets` 10 or later."""

import asyncio
import itertools
import json
import random
import time

import websockets

PROTOCOL = "graphql-transport-ws"
# Closes that mean a mistake of this program: the next attempt would make it again.
OWN_MISTAKES = {4400, 4406, 4409, 4429}
REFUSALS = {4401, 4403}


class Ended(Exception):
    """The server would refuse the next attempt too."""


class Backoff:
    """Full jitter, so that a restarted server does not meet every client at once. Never says to give up."""

    def __init__(self, base_s=1, most_s=30, stable_s=10):
        self._base_s, self._most_s, self._stable_s = base_s, most_s, stable_s
        self._attempt = 0
        self._up_since = None

    def up(self):
        self._up_since = time.monotonic()

    def down(self):
        """Seconds to wait. The count starts anew only after a connection that lasted, not after one that opened."""
        if self._up_since and time.monotonic() - self._up_since >= self._stable_s:
            self._attempt = 0
        self._up_since = None
        most = min(self._most_s, self._base_s * 2**self._attempt)
        self._attempt += 1
        return random.uniform(0, most)


class IncidentClient:
    """
    `get_token()` (a coroutine function) is called before each connection. `subscriptions` maps each query to what is
    called with its data. `report(kind, **members)` is told of `connected`, `disconnected` and `error`; `on_connected()` (a
    coroutine function) runs beside the reader. A server that is silent for `ping_s` is asked for a sign of life, and has
    `pong_s` to give one, as it has to let us in.
    """

    def __init__(self, url, get_token, subscriptions, report, on_connected, ping_s=10, pong_s=5):
        self._url, self._get_token = url, get_token
        self._subscriptions, self._report, self._on_connected = subscriptions, report, on_connected
        self._ping_s, self._pong_s = ping_s, pong_s
        self._ids = (str(number) for number in itertools.count(1))  # never the same twice: the server would close
        self._socket = None
        self._asked = {}  # id of an operation -> its subscription's query
        self._answers = {}  # id of a query -> future
        self._tasks = set()

    async def run(self):
        """Stays connected until cancelled. Raises `Ended` when the server refuses for good."""
        backoff = Backoff()
        refused = False
        token = None
        while True:
            previous, token = token, await self._get_token()
            if refused and token == previous:
                raise Ended("The server refuses the token, and there is no other.")
            code, reason = await self._connection(token, backoff)
            if code in OWN_MISTAKES:
                raise Ended(f"The server closed with {code}: {reason}")
            refused = code in REFUSALS
            wait_s = backoff.down()
            self._report("disconnected", code=code, reason=reason, retryMs=round(wait_s * 1000))
            await asyncio.sleep(wait_s)

    async def query(self, query, **variables):
        """Asks once, over the same socket, and returns the data. Raises ConnectionError when that goes away."""
        if not self._socket:
            raise ConnectionError("There is no connection.")
        operation, answer = next(self._ids), asyncio.get_running_loop().create_future()
        self._answers[operation] = answer
        await self._send(type="subscribe", id=operation, payload={"query": query, "variables": variables})
        return await answer

    def spawn(self, coroutine):
        """Runs it beside the reader, which must go on reading meanwhile, and ends it with the connection."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)  # the event loop itself keeps only a weak reference
        task.add_done_callback(self._tasks.discard)

    async def _connection(self, token, backoff):
        """One connection, from its handshake to its end. Returns the close code (1006: without one) and the reason."""
        try:
            # The library's own pings are answered by proxies too: ours are answered by the GraphQL server.
            async with websockets.connect(
                self._url, subprotocols=[PROTOCOL], open_timeout=self._pong_s, close_timeout=1, ping_interval=None
            ) as socket:
                payload = {"Authorization": f"Bearer {token}"} if token else {}
                await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
                if json.loads(await asyncio.wait_for(socket.recv(), self._pong_s)).get("type") != "connection_ack":
                    raise ValueError("the first frame is no acknowledgement")
                self._socket = socket
                backoff.up()
                await self._follow()
        except websockets.ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
        except (OSError, asyncio.TimeoutError, websockets.WebSocketException, ValueError) as problem:
            return 1006, str(problem) or type(problem).__name__
        finally:
            self._abandon()

    async def _follow(self):
        for query in self._subscriptions:
            operation = next(self._ids)
            self._asked[operation] = query
            await self._send(type="subscribe", id=operation, payload={"query": query})
        self._report("connected")
        self.spawn(self._on_connected())
        while True:
            await self._receive(json.loads(await self._next_frame()))

    async def _next_frame(self):
        """Any frame is a sign of life. A silent server is asked for one, and then has a deadline."""
        try:
            return await asyncio.wait_for(self._socket.recv(), self._ping_s)
        except asyncio.TimeoutError:
            await self._send(type="ping")
            return await asyncio.wait_for(self._socket.recv(), self._pong_s)

    async def _receive(self, message):
        kind, operation, payload = message.get("type"), message.get("id"), message.get("payload") or {}
        if kind == "ping":
            await self._send(type="pong")
        elif kind == "next":
            self._deliver(operation, payload.get("data"), payload.get("errors"))
        elif kind == "error":
            self._deliver(operation, None, payload)
            self._forget(operation)
        elif kind == "complete":
            self._forget(operation)
        elif kind != "pong":
            raise ValueError(f"a frame that is not in the protocol: {str(kind)[:100]}")

    def _deliver(self, operation, data, errors):
        problem = "; ".join(str(each.get("message")) for each in errors) if errors else None
        answer, handler = self._answers.pop(operation, None), self._subscriptions.get(self._asked.get(operation))
        if answer and not answer.done():
            answer.set_exception(ValueError(problem)) if problem else answer.set_result(data)
        elif problem:
            self._report("error", message=problem)
        elif handler and data:
            try:
                handler(data)
            except Exception as mistake:  # one reader's mistake must not end the connection, which is everybody's
                self._report("error", message=repr(mistake))

    def _forget(self, operation):
        """The server ended it, and would end it again: it is not asked for on the next connection."""
        if self._subscriptions.pop(self._asked.pop(operation, None), None):
            self._report("error", message="The server ended a subscription.")

    def _abandon(self):
        self._socket = None
        self._asked.clear()
        for answer in self._answers.values():
            answer.cancel()
        self._answers.clear()
        for task in self._tasks:
            task.cancel()

    async def _send(self, **message):
        await self._socket.send(json.dumps(message))
