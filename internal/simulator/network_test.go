package simulator_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/simulator/network"
)

func TestRequestsGoOverTheNetworkInFakeTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := network.New()
		listener, err := n.Listen("shop.example:80")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Hour)
			_, _ = io.Copy(w, r.Body)
		})}
		ended := make(chan error)
		go func() { ended <- server.Serve(listener) }()
		transport := n.Transport()
		begin := time.Now()
		response, err := (&http.Client{Transport: transport}).Post("http://shop.example/", "text/plain", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if string(body) != "hello" || err != nil || time.Since(begin) != time.Hour {
			t.Errorf("%q, %v after %s", body, err, time.Since(begin))
		}
		transport.CloseIdleConnections()
		if err := server.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

func TestNobodyThereRefuses(t *testing.T) {
	t.Parallel()
	n := network.New()
	dial := func() error {
		_, err := n.DialContext(t.Context(), "tcp", "shop.example:80")
		return err
	}
	if err := dial(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("nobody listens: %v", err)
	}
	listener, err := n.Listen("shop.example:80")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Listen("shop.example:80"); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a second listener: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.DialContext(ctx, "tcp", "shop.example:80"); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody accepts: %v", err)
	}
	_ = listener.Close()
	_ = listener.Close()
	if err := dial(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the listener is closed: %v", err)
	}
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("it accepts: %v", err)
	}
}

func TestFreePortsDiffer(t *testing.T) {
	t.Parallel()
	n := network.New()
	one, err := n.Listen("")
	if err != nil {
		t.Fatal(err)
	}
	other, err := n.Listen("")
	if err != nil || one.Addr().String() == other.Addr().String() {
		t.Errorf("%s and %s, %v", one.Addr(), other.Addr(), err)
	}
}
