// Package network is a network inside this process: listeners and connections without
// sockets. With it whole connectors and both simulated platforms run in a
// testing/synctest bubble, where a goroutine that waits for a real socket would keep
// the clock from moving. What net/http does on both sides stays the real thing.
package network

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
)

// Network connects those who dial with those who listen. The zero value has nobody on
// it. It is safe for concurrent use.
type Network struct {
	mu        sync.Mutex
	ports     int
	listeners map[string]*listener
}

// New makes a network with nobody on it.
func New() *Network { return &Network{} }

// firstPort is the first that is given to who asks for any.
const firstPort = 20_001

// Listen listens at address, HOST:PORT; at a free port of 127.0.0.1 when it is empty.
func (n *Network) Listen(address string) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if address == "" {
		address = n.freeAddress()
	}
	if _, taken := n.listeners[address]; taken {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: addr(address), Err: syscall.EADDRINUSE}
	}
	if n.listeners == nil {
		n.listeners = map[string]*listener{}
	}
	l := &listener{network: n, address: addr(address), arrivals: make(chan net.Conn), closed: make(chan struct{})}
	n.listeners[address] = l
	return l, nil
}

// freeAddress is called with the lock held.
func (n *Network) freeAddress() string {
	address := fmt.Sprintf("127.0.0.1:%d", firstPort+n.ports)
	n.ports++
	return address
}

// DialContext connects to who listens at address, as (*net.Dialer).DialContext does.
// Nobody there refuses the connection.
func (n *Network) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	l, ok := n.listeners[address]
	from := n.freeAddress()
	n.mu.Unlock()
	refused := &net.OpError{Op: "dial", Net: "tcp", Addr: addr(address), Err: syscall.ECONNREFUSED}
	if !ok {
		return nil, refused
	}
	here, there := net.Pipe()
	select {
	case l.arrivals <- conn{there, addr(address), addr(from)}:
		return conn{here, addr(from), addr(address)}, nil
	case <-l.closed:
		return nil, refused
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: addr(address), Err: ctx.Err()}
	}
}

// Transport sends requests over the network. Whoever made it closes its idle
// connections at the end.
func (n *Network) Transport() *http.Transport {
	return &http.Transport{DialContext: n.DialContext, MaxIdleConnsPerHost: 128}
}

// listener gives arriving connections to who accepts them.
type listener struct {
	network  *Network
	address  addr
	arrivals chan net.Conn
	once     sync.Once
	closed   chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.arrivals:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close refuses who dials from now on. A second call changes nothing.
func (l *listener) Close() error {
	l.once.Do(func() {
		l.network.mu.Lock()
		defer l.network.mu.Unlock()
		delete(l.network.listeners, string(l.address))
		close(l.closed)
	})
	return nil
}

func (l *listener) Addr() net.Addr { return l.address }

// conn is one end of a connection.
type conn struct {
	net.Conn
	local, remote addr
}

func (c conn) LocalAddr() net.Addr  { return c.local }
func (c conn) RemoteAddr() net.Addr { return c.remote }

// addr is HOST:PORT.
type addr string

func (addr) Network() string  { return "tcp" }
func (a addr) String() string { return string(a) }
