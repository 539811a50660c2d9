package connector

import (
	"net"
	"net/http"
	"sync"
)

// unusedConnections knows the connections on which no request has come yet. http.Server waits
// five seconds for those when it shuts down; senders open some in advance, so every
// stop would take that long.
type unusedConnections struct {
	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

func (u *unusedConnections) track(conn net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.conns, conn)
		return
	}
	if u.closed { // it was accepted just before the listener closed
		_ = conn.Close()
		return
	}
	if u.conns == nil {
		u.conns = map[net.Conn]struct{}{}
	}
	u.conns[conn] = struct{}{}
}

// closeAll ends them, and those that still come; a sender that was about to use one
// opens another elsewhere.
func (u *unusedConnections) closeAll() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for conn := range u.conns {
		_ = conn.Close()
	}
}
