package main

import (
	"math/rand"
	"time"
)

const (
	base = time.Second
	most = 30 * time.Second
	// A server that accepts and closes at once must not be asked at the base rate for ever.
	stable = 10 * time.Second
)

// backoff is how long to wait before each attempt: full jitter, so that a restarted server does not meet every client at
// once. It never says to give up.
type backoff struct {
	attempt int
	upSince time.Time
}

func (b *backoff) up() {
	b.upSince = time.Now()
}

func (b *backoff) down() time.Duration {
	if !b.upSince.IsZero() && time.Since(b.upSince) >= stable {
		b.attempt = 0
	}
	b.upSince = time.Time{}
	limit := most
	if b.attempt < 5 {
		limit = base << b.attempt
	}
	if limit > most {
		limit = most
	}
	b.attempt++
	return time.Duration(rand.Int63n(int64(limit)))
}

// Go before 1.20 draws the same numbers in every process, and all of them would come back together.
func init() {
	rand.Seed(time.Now().UnixNano())
}
