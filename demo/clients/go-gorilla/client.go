package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Client is GraphQL over one WebSocket that comes back by itself. Set every field, subscribe, then call Run.
type Client struct {
	URL string
	// GetToken is called before each connection. Empty: the server wants none.
	GetToken func() (string, error)
	// Ping is how long after the last frame to ask whether the server is still there, Pong how long it then has to say
	// anything at all, and how long it may take to let us in.
	Ping, Pong time.Duration
	// OnConnected runs beside the reader once every subscription was asked for. Query now: what was missed is not
	// repeated. Its context ends with the connection.
	OnConnected    func(context.Context)
	OnDisconnected func(code int, reason string, retry time.Duration)
	OnError        func(message string)

	mutex         sync.Mutex                       // guards what follows, and writing: one writer at a time
	subscriptions map[string]func(json.RawMessage) // by query; asked for on each connection
	socket        *websocket.Conn                  // nil without an acknowledged connection
	asked         map[string]string                // id of an operation -> its subscription's query
	waiting       map[string]chan result           // id of a query -> who waits for its answer
	lastID        int
}

var errLost = errors.New("there is no connection, or none any more")

// Subscribe has receive called with the data of each event, on the reading goroutine. Call it before Run.
func (c *Client) Subscribe(query string, receive func(json.RawMessage)) {
	if c.subscriptions == nil {
		c.subscriptions = map[string]func(json.RawMessage){}
	}
	c.subscriptions[query] = receive
}

// Query asks once, over the same socket, and decodes the answer's data. It fails when the connection is lost.
func (c *Client) Query(ctx context.Context, query string, variables map[string]any, data any) error {
	wait := make(chan result, 1)
	c.mutex.Lock()
	id, err := c.ask(request{query, variables})
	if err == nil {
		c.waiting[id] = wait
	}
	c.mutex.Unlock()
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case got, open := <-wait:
		if !open {
			return errLost
		}
		if len(got.Errors) > 0 {
			return errors.New(got.Errors.words())
		}
		return json.Unmarshal(got.Data, data)
	}
}

// Run stays connected until ctx ends, which gives nil, or until the server refuses for good.
func (c *Client) Run(ctx context.Context) error {
	retries := backoff{}
	refused, previous := false, ""
	for {
		token, err := c.GetToken()
		if err != nil {
			return fmt.Errorf("no token: %w", err)
		}
		if refused && token == previous {
			return errors.New("the server refuses the token, and there is no other")
		}
		previous = token
		err = c.connection(ctx, token, &retries)
		if ctx.Err() != nil {
			return nil
		}
		code, reason := closeOf(err)
		switch code {
		case 4400, 4406, 4409, 4429: // a mistake of this program: the next attempt would make it again
			return fmt.Errorf("the server closed with %d: %s", code, reason)
		}
		refused = code == 4401 || code == 4403
		retry := retries.down()
		c.OnDisconnected(code, reason, retry)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(retry):
		}
	}
}

// ask sends an operation under an id of its own: one that the server still holds would close the whole connection with
// 4409. The caller holds the mutex.
func (c *Client) ask(operation request) (string, error) {
	if c.socket == nil {
		return "", errLost
	}
	c.lastID++
	id := strconv.Itoa(c.lastID)
	payload, err := json.Marshal(operation)
	if err != nil {
		return "", err
	}
	return id, write(c.socket, message{Type: "subscribe", ID: id, Payload: payload})
}

// closeOf tells how a connection ended; 1006: without a close frame.
func closeOf(err error) (int, string) {
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		return closed.Code, closed.Text
	}
	return websocket.CloseAbnormalClosure, err.Error()
}
