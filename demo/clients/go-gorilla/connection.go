package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

const (
	protocol  = "graphql-transport-ws"
	writeWait = 5 * time.Second
)

type message struct {
	Type    string          `json:"type"`
	ID      string          `json:"id,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

type request struct {
	Query     string         `json:"query"`
	Variables map[string]any `json:"variables,omitempty"`
}

type result struct {
	Data   json.RawMessage `json:"data"`
	Errors problems        `json:"errors"`
}

type problems []struct {
	Message string `json:"message"`
}

func (p problems) words() string {
	words := make([]string, len(p))
	for index, each := range p {
		words[index] = each.Message
	}
	return strings.Join(words, "; ")
}

// connection is one of them, from its handshake to its end. The error, never nil, tells how it ended.
func (c *Client) connection(ctx context.Context, token string, retries *backoff) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	dialer := websocket.Dialer{Subprotocols: []string{protocol}, HandshakeTimeout: c.Pong}
	socket, _, err := dialer.DialContext(ctx, c.URL, nil)
	if err != nil {
		return err
	}
	defer socket.Close()
	go func() { // a read does not heed a context
		<-ctx.Done()
		bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		_ = socket.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second)) // it may be gone already
		socket.Close()
	}()
	if err := c.handshake(socket, token); err != nil {
		return err
	}
	retries.up()
	defer c.down()
	if err := c.up(socket); err != nil {
		return err
	}
	go c.OnConnected(ctx)
	return c.read(socket)
}

func (c *Client) handshake(socket *websocket.Conn, token string) error {
	hello := message{Type: "connection_init"}
	if token != "" {
		payload, err := json.Marshal(map[string]string{"Authorization": "Bearer " + token})
		if err != nil {
			return err
		}
		hello.Payload = payload
	}
	if err := write(socket, hello); err != nil {
		return err
	}
	var first message
	if err := socket.SetReadDeadline(time.Now().Add(c.Pong)); err != nil {
		return err
	}
	if err := socket.ReadJSON(&first); err != nil {
		return err
	}
	if first.Type != "connection_ack" {
		return fmt.Errorf("the first frame is no acknowledgement but %.100q", first.Type)
	}
	return nil
}

// up asks for every subscription, each time under new ids.
func (c *Client) up(socket *websocket.Conn) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.socket, c.asked, c.waiting = socket, map[string]string{}, map[string]chan result{}
	for query := range c.subscriptions {
		id, err := c.ask(request{Query: query})
		if err != nil {
			return err
		}
		c.asked[id] = query
	}
	return nil
}

func (c *Client) down() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.socket = nil
	for _, wait := range c.waiting {
		close(wait)
	}
}

// read delivers frames until there are none any more. Any frame is a sign of life; a server that is silent for Ping is
// asked for one, and has Pong to answer.
func (c *Client) read(socket *websocket.Conn) error {
	idle := time.AfterFunc(c.Ping, func() {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		_ = write(socket, message{Type: "ping"}) // if that fails, so does the read
	})
	defer idle.Stop()
	for {
		// One deadline for both: after a read that timed out, the library can read no more.
		if err := socket.SetReadDeadline(time.Now().Add(c.Ping + c.Pong)); err != nil {
			return err
		}
		var frame message
		if err := socket.ReadJSON(&frame); err != nil {
			return err // the network's, or a malformed frame
		}
		idle.Reset(c.Ping)
		if err := c.receive(socket, frame); err != nil {
			return err
		}
	}
}

func (c *Client) receive(socket *websocket.Conn, frame message) error {
	switch frame.Type {
	case "pong":
		return nil
	case "ping":
		c.mutex.Lock()
		defer c.mutex.Unlock()
		return write(socket, message{Type: "pong"})
	case "next", "error":
		var got result
		target := any(&got)
		if frame.Type == "error" {
			target = &got.Errors // a list, and the last word of its operation
		}
		if err := json.Unmarshal(frame.Payload, target); err != nil {
			return err
		}
		c.deliver(frame.ID, got)
		if frame.Type == "error" {
			c.forget(frame.ID)
		}
		return nil
	case "complete":
		c.forget(frame.ID)
		return nil
	default:
		return fmt.Errorf("a frame that is not in the protocol: %.100q", frame.Type)
	}
}

func (c *Client) deliver(id string, got result) {
	c.mutex.Lock()
	wait := c.waiting[id]
	delete(c.waiting, id)
	receive := c.subscriptions[c.asked[id]]
	c.mutex.Unlock()
	switch {
	case wait != nil:
		wait <- got // it has room for one
	case len(got.Errors) > 0:
		c.OnError(got.Errors.words())
	case receive != nil:
		receive(got.Data)
	}
}

// forget drops a subscription that the server ended: it would end it again.
func (c *Client) forget(id string) {
	c.mutex.Lock()
	query, found := c.asked[id]
	delete(c.asked, id)
	delete(c.subscriptions, query)
	c.mutex.Unlock()
	if found {
		c.OnError("The server ended a subscription.")
	}
}

// write sends a frame; only one goroutine may at a time.
func write(socket *websocket.Conn, frame message) error {
	if err := socket.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	return socket.WriteJSON(frame)
}
