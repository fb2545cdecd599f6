// Prints a JSON line for everything that an incident manager tells: see the README one folder up.
package main

import (
	"context"
	"encoding/json"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	fields       = "id title severity state source createdAt updatedAt"
	newIncidents = "subscription NewIncidents { newIncidents { " + fields + " } }"
	updates      = "subscription Updates { incidentUpdates { updateType incidentId timestamp } }"
	one          = "query One($id: UUID!) { incident(id: $id) { " + fields + " } }"
	page         = "query Page($page: Int!) { incidents(pagination: { page: $page, pageSize: 100 }) { incidents { " +
		fields + " } pageInfo { hasNextPage } } }"
	mostPages = 10
	// The stream may keep quiet about a change: nothing but a query can tell.
	refresh = 30 * time.Second
)

type incident struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Severity  string    `json:"severity"`
	State     string    `json:"state"`
	Source    string    `json:"source"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

type feed struct {
	client Client
	mutex  sync.Mutex
	known  map[string]incident
	out    *json.Encoder
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	f := &feed{known: map[string]incident{}, out: json.NewEncoder(os.Stdout)}
	f.client = Client{
		URL:      "ws" + strings.TrimPrefix(baseURL(), "http") + "/graphql/ws",
		GetToken: token,
		Ping:     milliseconds("INCIDENTS_PING_MS", 10_000),
		Pong:     milliseconds("INCIDENTS_PONG_MS", 5_000),
		OnConnected: func(ctx context.Context) {
			f.print(map[string]any{"type": "connected"})
			f.keepReading(ctx)
		},
		OnDisconnected: func(code int, reason string, retry time.Duration) {
			f.print(map[string]any{"type": "disconnected", "code": code, "reason": reason, "retryMs": retry.Milliseconds()})
		},
		OnError: f.fail,
	}
	f.client.Subscribe(newIncidents, f.onNew)
	f.client.Subscribe(updates, f.onUpdate)
	if err := f.client.Run(ctx); err != nil {
		f.print(map[string]any{"type": "ended", "why": err.Error()})
		os.Exit(1)
	}
}

func (f *feed) onNew(data json.RawMessage) {
	var event struct {
		NewIncidents *incident `json:"newIncidents"`
	}
	if err := json.Unmarshal(data, &event); err != nil {
		f.fail(err.Error())
	} else if event.NewIncidents != nil {
		f.merge(*event.NewIncidents, "stream")
	}
}

func (f *feed) onUpdate(data json.RawMessage) {
	var event struct {
		Update struct {
			UpdateType string  `json:"updateType"`
			IncidentID *string `json:"incidentId"`
		} `json:"incidentUpdates"`
	}
	if err := json.Unmarshal(data, &event); err != nil {
		f.fail(err.Error())
	} else if event.Update.IncidentID == nil {
		f.print(map[string]any{"type": "heartbeat"})
	} else if event.Update.UpdateType != "CREATED" { // those come whole by the other subscription
		go f.read(*event.Update.IncidentID) // the answer comes by the goroutine that we are on
	}
}

// keepReading begins after subscribing: what happens in between is told twice, never not at all.
func (f *feed) keepReading(ctx context.Context) {
	for ctx.Err() == nil {
		if err := f.readAll(ctx); err != nil && ctx.Err() == nil {
			f.fail(err.Error())
		}
		select {
		case <-ctx.Done():
		case <-time.After(refresh):
		}
	}
}

func (f *feed) readAll(ctx context.Context) error {
	for number, hasNext := 0, true; hasNext && number < mostPages; number++ {
		var answer struct {
			Incidents struct {
				Incidents []incident `json:"incidents"`
				PageInfo  struct {
					HasNextPage bool `json:"hasNextPage"`
				} `json:"pageInfo"`
			} `json:"incidents"`
		}
		if err := f.client.Query(ctx, page, map[string]any{"page": number}, &answer); err != nil {
			return err
		}
		for _, each := range answer.Incidents.Incidents {
			f.merge(each, "query")
		}
		hasNext = answer.Incidents.PageInfo.HasNextPage
	}
	f.mutex.Lock()
	known := len(f.known)
	f.mutex.Unlock()
	f.print(map[string]any{"type": "synced", "known": known})
	return nil
}

func (f *feed) read(id string) {
	var answer struct {
		Incident incident `json:"incident"`
	}
	if err := f.client.Query(context.Background(), one, map[string]any{"id": id}, &answer); err != nil {
		f.fail(err.Error())
		return
	}
	f.merge(answer.Incident, "query")
}

// merge keeps each incident once: the newest `updatedAt` wins.
func (f *feed) merge(told incident, via string) {
	// So that `==` compares instants, whether the server wrote `Z` or `+00:00`, and how many digits.
	told.CreatedAt, told.UpdatedAt = told.CreatedAt.UTC(), told.UpdatedAt.UTC()
	f.mutex.Lock()
	known, found := f.known[told.ID]
	isNews := !found || !told.UpdatedAt.Before(known.UpdatedAt) && told != known
	if isNews {
		f.known[told.ID] = told
	}
	f.mutex.Unlock()
	if isNews {
		f.print(map[string]any{"type": "incident", "via": via, "incident": told})
	}
}

func (f *feed) fail(why string) {
	f.print(map[string]any{"type": "error", "message": why})
}

func (f *feed) print(line map[string]any) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err := f.out.Encode(line); err != nil {
		os.Exit(1) // nobody reads any more
	}
}

func baseURL() string {
	if url := os.Getenv("INCIDENTS_URL"); url != "" {
		return strings.TrimRight(url, "/")
	}
	return "http://localhost:8080"
}

// token is that of the file which INCIDENTS_TOKEN_FILE names, as it is at that moment, or INCIDENTS_TOKEN.
func token() (string, error) {
	file := os.Getenv("INCIDENTS_TOKEN_FILE")
	if file == "" {
		return os.Getenv("INCIDENTS_TOKEN"), nil
	}
	text, err := os.ReadFile(file)
	return strings.TrimSpace(string(text)), err
}

func milliseconds(name string, otherwise int) time.Duration {
	if value, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return time.Duration(value) * time.Millisecond
	}
	return time.Duration(otherwise) * time.Millisecond
}
