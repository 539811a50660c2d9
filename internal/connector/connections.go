package connector

import (
	"net"
	"sync"
)

// limitConnections closes connections that are too many as they come, so that nobody takes all
// that this process may have open. One address has half of them at most: it may be a
// load balancer before all senders.
func limitConnections(listener net.Listener, most int) net.Listener {
	return &connections{Listener: listener, most: most, of: map[string]int{}}
}

type connections struct {
	net.Listener
	most int
	mu   sync.Mutex
	all  int
	of   map[string]int // by address
}

// Accept implements net.Listener.
func (c *connections) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		address := conn.RemoteAddr().String()
		if host, _, err := net.SplitHostPort(address); err == nil {
			address = host
		}
		if c.admit(address) {
			return &countedConn{Conn: conn, onClose: sync.OnceFunc(func() { c.free(address) })}, nil
		}
		_ = conn.Close()
	}
}

func (c *connections) admit(address string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all >= c.most || c.of[address] >= max(1, c.most/2) {
		return false
	}
	c.all++
	c.of[address]++
	return true
}

func (c *connections) free(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.of[address]--; c.of[address] == 0 {
		delete(c.of, address)
	}
}

// countedConn tells when it is closed.
type countedConn struct {
	net.Conn
	onClose func()
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	defer c.onClose()
	return c.Conn.Close()
}
