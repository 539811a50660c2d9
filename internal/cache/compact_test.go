package cache

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestCompactKeepsWhatIsUsedAndIsBounded(t *testing.T) {
	c := NewCompact[int](100, time.Hour, time.Now)
	for key := range 1000 {
		c.Put(key, uint64(key)*2)
		if number, ok := c.Get(0); !ok || number != 0 {
			t.Fatalf("after %d keys the one that is always used is %d, %v", key, number, ok)
		}
		if number, ok := c.Get(max(key-10, 0)); !ok || number != uint64(max(key-10, 0))*2 {
			t.Fatalf("key %d of the latest is %d, %v", key-10, number, ok)
		}
	}
	if kept := len(c.newer) + len(c.older); kept > 100 {
		t.Errorf("%d keys are kept", kept)
	}
	if _, ok := c.Get(500); ok {
		t.Error("an old key is still known")
	}
	c.Drop(999)
	if _, ok := c.Get(999); ok {
		t.Error("a dropped key is still known")
	}
}

func TestCompactForgetsWhatIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCompact[string](100, time.Hour, time.Now)
		c.Put("a", 1)
		for range 3 { // use does not make it last longer
			time.Sleep(19 * time.Minute)
			if _, ok := c.Get("a"); !ok {
				t.Fatal("forgotten before its time")
			}
		}
		time.Sleep(4 * time.Minute)
		if _, ok := c.Get("a"); ok {
			t.Error("known after its time")
		}
		time.Sleep(2 * time.Hour)
		c.Put("b", c.NumberOf("x"))
		if c.Get("c"); len(c.newer)+len(c.older) > 2 {
			t.Error("what is old is still kept")
		}
		if number, _ := c.Get("b"); number != c.NumberOf("x") || number == c.NumberOf("y") {
			t.Error("another text's number")
		}
	})
}
