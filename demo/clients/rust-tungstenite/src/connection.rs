//! One GraphQL connection, from its handshake to its end.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{json, Value};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{connect_async, MaybeTlsStream, WebSocketStream};

const ACK: Duration = Duration::from_secs(5);
const PROTOCOL: &str = "graphql-transport-ws";

/// How a connection ended: the server's close code (1006: none came), and why.
#[derive(Debug)]
pub struct End {
    pub code: u16,
    pub reason: String,
}

impl End {
    fn lost(reason: impl ToString) -> Self {
        End {
            code: 1006,
            reason: reason.to_string(),
        }
    }
}

pub struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u64,
    ping: Duration,
    pong: Duration,
}

impl Connection {
    /// Connects, and waits for the acknowledgement. `ping`: how long after the last frame to ask whether the server is
    /// still there; `pong`: how long it then has to say anything at all.
    pub async fn open(
        url: &str,
        token: Option<&str>,
        ping: Duration,
        pong: Duration,
    ) -> Result<Self, End> {
        let mut request = url.into_client_request().map_err(End::lost)?;
        // Without this header a server does not know which protocol is meant, and closes with 4406.
        request
            .headers_mut()
            .insert("Sec-WebSocket-Protocol", HeaderValue::from_static(PROTOCOL));
        let (socket, _) = timeout(ACK, connect_async(request))
            .await
            .map_err(End::lost)?
            .map_err(End::lost)?;
        let mut connection = Connection {
            socket,
            last_id: 0,
            ping,
            pong,
        };
        let payload = token.map_or(
            json!({}),
            |token| json!({ "Authorization": format!("Bearer {token}") }),
        );
        connection
            .send(json!({ "type": "connection_init", "payload": payload }))
            .await?;
        let first = timeout(ACK, connection.frame())
            .await
            .map_err(End::lost)??;
        match first["type"].as_str() {
            Some("connection_ack") => Ok(connection),
            _ => Err(End::lost("the first frame is no acknowledgement")),
        }
    }

    /// Begins an operation, and returns the id of its answers: a new one each time, since one that the server still
    /// holds would close the whole connection with 4409.
    pub async fn ask(&mut self, query: &str, variables: Value) -> Result<String, End> {
        self.last_id += 1;
        let id = self.last_id.to_string();
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await?;
        Ok(id)
    }

    /// The next `next`, `error` or `complete`. Pings and pongs are dealt with here.
    pub async fn next(&mut self) -> Result<Value, End> {
        loop {
            let message = match timeout(self.ping, self.frame()).await {
                Ok(message) => message?,
                Err(_) => {
                    self.send(json!({ "type": "ping" })).await?;
                    timeout(self.pong, self.frame())
                        .await
                        .map_err(|_| End::lost("the server is silent"))??
                }
            };
            match message["type"].as_str() {
                Some("next" | "error" | "complete") => return Ok(message),
                Some("ping") => self.send(json!({ "type": "pong" })).await?,
                Some("pong") => {}
                _ => return Err(End::lost("a frame that is not in the protocol")),
            }
        }
    }

    /// The next text frame, decoded. May be dropped while it waits: nothing is lost by it.
    async fn frame(&mut self) -> Result<Value, End> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Err(End {
                        code: frame.code.into(),
                        reason: frame.reason.to_string(),
                    })
                }
                Some(Ok(message)) if message.is_text() => {
                    let text = message.to_text().map_err(End::lost)?;
                    return serde_json::from_str(text).map_err(|_| End::lost("a malformed frame"));
                }
                Some(Ok(_)) => {} // the library answers pings of the WebSocket itself
                Some(Err(problem)) => return Err(End::lost(problem)),
                None => return Err(End::lost("closed")),
            }
        }
    }

    async fn send(&mut self, message: Value) -> Result<(), End> {
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .map_err(End::lost)
    }
}
