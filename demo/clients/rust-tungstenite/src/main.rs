//! Prints a JSON line for everything that an incident manager tells: see the README one folder up.

mod connection;

use std::collections::HashMap;
use std::time::{Duration, Instant};
use std::{env, fs};

use chrono::{DateTime, FixedOffset};
use connection::{Connection, End};
use rand::Rng;
use serde_json::{json, Value};

const NEW_INCIDENTS: &str =
    "subscription NewIncidents { newIncidents { id title severity state source createdAt updatedAt } }";
const UPDATES: &str =
    "subscription Updates { incidentUpdates { updateType incidentId timestamp } }";
const ONE: &str =
    "query One($id: UUID!) { incident(id: $id) { id title severity state source createdAt updatedAt } }";
const PAGE: &str =
    "query Page($page: Int!) { incidents(pagination: { page: $page, pageSize: 100 }) {
    incidents { id title severity state source createdAt updatedAt } pageInfo { hasNextPage } } }";
const MOST_PAGES: u64 = 10;
/// The stream may keep quiet about a change: nothing but a query can tell.
const REFRESH: Duration = Duration::from_secs(30);
const PING: Duration = Duration::from_secs(10);
const PONG: Duration = Duration::from_secs(5);
/// A server that accepts and closes at once must not be asked at the base rate for ever.
const STABLE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() {
    let base = env::var("INCIDENTS_URL").unwrap_or_else(|_| "http://localhost:8080".into());
    let url = format!(
        "{}/graphql/ws",
        base.trim_end_matches('/').replacen("http", "ws", 1)
    );
    let mut list = List::default();
    let mut attempt = 0;
    let mut refused: Option<Option<String>> = None;
    loop {
        let token = token();
        if refused.as_ref() == Some(&token) {
            return end("the server refuses the token, and there is no other");
        }
        let began = Instant::now();
        let Err(End { code, reason }) = follow(&url, token.as_deref(), &mut list).await;
        match code {
            4400 | 4406 | 4409 | 4429 => {
                return end(&format!("the server closed with {code}: {reason}"))
            }
            4401 | 4403 => refused = Some(token),
            _ => refused = None,
        }
        if began.elapsed() >= STABLE {
            attempt = 0;
        }
        // Full jitter, so that a restarted server does not meet every client at once. It never gives up.
        let most = (1_000_u64 << attempt.min(5)).min(30_000);
        let retry = rand::thread_rng().gen_range(0..most);
        attempt += 1;
        print(json!({ "type": "disconnected", "code": code, "reason": reason, "retryMs": retry }));
        tokio::time::sleep(Duration::from_millis(retry)).await;
    }
}

enum Never {}

static NOTHING: Value = Value::Null;

/// One connection: subscribes first and queries then, so that what happens in between is told twice, never not at all.
async fn follow(url: &str, token: Option<&str>, list: &mut List) -> Result<Never, End> {
    let mut connection = Connection::open(url, token, PING, PONG).await?;
    connection.ask(NEW_INCIDENTS, json!({})).await?;
    connection.ask(UPDATES, json!({})).await?;
    print(json!({ "type": "connected" }));
    let mut page = 0;
    connection.ask(PAGE, json!({ "page": page })).await?;
    let mut read_at = Instant::now();
    loop {
        let message = connection.next().await?;
        let (data, errors) = match message["type"].as_str() {
            Some("next") => (&message["payload"]["data"], &message["payload"]["errors"]),
            Some("error") => (&NOTHING, &message["payload"]), // a list, and the last word of its operation
            _ => (&NOTHING, &NOTHING),
        };
        for problem in errors.as_array().into_iter().flatten() {
            print(json!({ "type": "error", "message": problem["message"] }));
        }
        list.merge(&data["newIncidents"], "stream");
        list.merge(&data["incident"], "query");
        let update = &data["incidentUpdates"];
        if let Some(id) = update["incidentId"].as_str() {
            if update["updateType"] != "CREATED" {
                connection.ask(ONE, json!({ "id": id })).await?; // those created come whole by the other subscription
            }
        } else if update.is_object() {
            print(json!({ "type": "heartbeat" }));
        }
        if let Some(incidents) = data["incidents"]["incidents"].as_array() {
            for incident in incidents {
                list.merge(incident, "query");
            }
            page += 1;
            if data["incidents"]["pageInfo"]["hasNextPage"] == true && page < MOST_PAGES {
                connection.ask(PAGE, json!({ "page": page })).await?;
            } else {
                print(json!({ "type": "synced", "known": list.known.len() }));
                read_at = Instant::now();
            }
        } else if read_at.elapsed() >= REFRESH {
            // Heartbeats come often enough to be the clock of this.
            read_at = Instant::now();
            page = 0;
            connection.ask(PAGE, json!({ "page": page })).await?;
        }
    }
}

/// What is known, once each.
#[derive(Default)]
struct List {
    known: HashMap<String, (DateTime<FixedOffset>, Value)>,
}

impl List {
    /// Prints what is news: the newest `updatedAt` wins.
    fn merge(&mut self, incident: &Value, via: &str) {
        let (Some(id), Some(when)) = (incident["id"].as_str(), incident["updatedAt"].as_str())
        else {
            return;
        };
        // As an instant: the server writes `Z` or `+00:00`, with up to nine digits.
        let Ok(when) = DateTime::parse_from_rfc3339(when) else {
            return;
        };
        let content = json!([incident["title"], incident["severity"], incident["state"]]);
        if let Some((before, known)) = self.known.get(id) {
            if when < *before || (when == *before && content == *known) {
                return;
            }
        }
        self.known.insert(id.into(), (when, content));
        print(json!({ "type": "incident", "via": via, "incident": incident }));
    }
}

/// From the file that INCIDENTS_TOKEN_FILE names, as it is at that moment, or from INCIDENTS_TOKEN.
fn token() -> Option<String> {
    let text = match env::var("INCIDENTS_TOKEN_FILE") {
        Ok(file) => fs::read_to_string(file).ok(),
        Err(_) => env::var("INCIDENTS_TOKEN").ok(),
    };
    text.map(|text| text.trim().to_owned())
        .filter(|token| !token.is_empty())
}

fn print(line: Value) {
    println!("{line}");
}

fn end(why: &str) {
    print(json!({ "type": "ended", "why": why }));
    std::process::exit(1);
}
