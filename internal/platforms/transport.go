package platforms

import (
	"net"
	"net/http"
	"time"
)

// A connection that falls silent, as behind a balancer that forgot it, is found by a ping
// and left: all calls would otherwise go on using it until they time out.
const (
	pingAfter   = 3 * time.Second // without a word from the other side
	pingTimeout = 2 * time.Second
)

// Transport keeps connections to both platforms open and bounds how long opening
// one may take.
func Transport() *http.Transport {
	dialer := &net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   128,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   3 * time.Second,
		ResponseHeaderTimeout: 6 * time.Second,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
	}
}
