package connector_test

import (
	"net/http"
	"testing"
	"time"
)

// TestMissedNotificationsOfChannelsAreMadeUpForOnceADay: nothing is installed, so none
// comes. What nobody touched for long is not brought over unasked.
func TestMissedNotificationsOfChannelsAreMadeUpForOnceADay(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		online := func(key string) bool {
			f, ok := r.facility(key)
			return ok && f.Status == "ONLINE"
		}
		r.putChannel("old")
		time.Sleep(50 * time.Hour)
		r.putChannel("bonn-1")
		r.answered("/job", "", http.StatusOK, "0 differences")
		if _, ok := r.facility("old"); ok || !online("bonn-1") {
			t.Error("the first comparison looks at what changed in two days")
		}
		if err := r.CT.EditChannel("bonn-1", map[string]any{"action": "changeKey", "key": "bonn-2"}); err != nil {
			t.Fatal(err)
		}
		r.answered("/job", "", http.StatusOK, "0 differences")
		if online("bonn-2") {
			t.Error("it is done more than once a day")
		}
		time.Sleep(25 * time.Hour)
		r.answered("/job", "", http.StatusOK, "0 differences")
		if !online("bonn-2") || online("bonn-1") {
			t.Error("a changed key: the old facility stays online, or there is no new one")
		}
		r.FFT.DeleteFacility("bonn-2")
		if err := r.CT.EditChannel("bonn-2", map[string]any{"action": "changeName", "name": map[string]any{"de": "Bonn"}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(25 * time.Hour)
		r.answered("/job", "", http.StatusOK, "0 differences")
		if _, ok := r.facility("bonn-2"); ok {
			t.Error("a facility that people deleted is made again")
		}
	})
}
