package claim_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
)

// lookUp finds what the lists show; they show what was made as late as they may.
func (s site) lookUp(name string) (id string, err error) {
	u := s.p.u
	if u.look != nil {
		name = u.look(name)
	}
	if !s.ask(call{what: "look up " + name, carry: func() string {
		for i, o := range u.made {
			if o.name == name && !o.at.Add(lag).After(u.now) {
				id = fmt.Sprint("f", i)
			}
		}
		return "found " + id
	}}) {
		return "", noAnswer
	}
	return id, nil
}

// create makes the create call.
func (s site) create(ctx context.Context, name string) (id string, err error) {
	u := s.p.u
	c := call{what: "create", create: name, until: u.now.Add(24 * time.Hour)}
	if deadline, ok := ctx.Deadline(); ok {
		c.until = u.now.Add(time.Until(deadline))
	}
	c.carry = func() string {
		if !u.create(name) {
			err = failing(remote.Rejected, false)
			return "refused"
		}
		id = fmt.Sprint("f", len(u.made)-1)
		return "created " + id
	}
	switch s.asked(c) {
	case given:
		return id, err
	case gateways:
		return "", cmp.Or[error](u.gateway, badGateway)
	default:
		return "", noAnswer
	}
}

// shared are rows that all processes share, as the ledger's are.
type shared struct{ site }

func newShared(p *process) claim.Store { return shared{site{p, p.dead}} }

func (s shared) row() claim.State {
	row := s.p.u.rows["o1"]
	row.InFlight = row.until.Sub(s.p.u.now)
	return row.State
}

// write compares and sets.
func (s shared) write(what string, record claim.State) (version int64, err error) {
	// What it is about to write follows from what it has read, which it need not have heard
	// by a call.
	if !s.ask(call{what: fmt.Sprint(what, record), carry: func() string {
		if s.row().Version != record.Version {
			err = claim.ErrOvertaken
			return "overtaken"
		}
		record.Version++
		s.p.u.rows["o1"] = kept{record, s.p.u.now.Add(record.InFlight)}
		return "written"
	}}) {
		return 0, noAnswer
	}
	return record.Version, err
}

func (s shared) OpenClaim(_ context.Context, _ claim.Order, first claim.State) (record claim.State, opened bool, err error) {
	s.p.begins()
	if !s.ask(call{what: "open", carry: func() string {
		if record = s.row(); record.Version == 0 {
			first.Version, opened = 1, true
			record = first
			s.p.u.rows["o1"] = kept{first, s.p.u.now.Add(first.InFlight)}
		}
		return fmt.Sprint(opened, record)
	}}) {
		return record, false, noAnswer
	}
	return record, opened, nil
}

func (s shared) ReadClaim(context.Context, string) (claim.State, error) { return s.row(), nil }

func (s shared) RecallClaim(context.Context, string) (claim.State, error) {
	return s.row(), nil
}

func (s shared) BeginAttempt(_ context.Context, _ string, record claim.State) (int64, error) {
	return s.write("begin", record)
}

func (s shared) UpdateClaim(_ context.Context, _ string, record claim.State) error {
	_, err := s.write("settle", record)
	return err
}

// customObjects are commercetools' custom objects.
type customObjects struct{ site }

func newCustomObjects(p *process) claim.Store {
	return claim.NewObjects(customObjects{site{p, p.dead}}, lag, p.u.clock)
}

func (s customObjects) Object(_ context.Context, _, key string) (object commercetools.Object, err error) {
	if !s.ask(call{what: "object " + key, carry: func() string {
		var ok bool
		if object, ok = s.p.u.objects[key]; !ok {
			err = failing(remote.NotFound, false)
		}
		object.AnsweredAt = s.p.u.now
		return fmt.Sprint("object ", object.Version, object.LastModifiedAt, withoutNonce(object.Value))
	}}) {
		return object, noAnswer
	}
	return object, err
}

func (s customObjects) put(what, key string, version int, value any) (object commercetools.Object, err error) {
	text, err := json.Marshal(value)
	if err != nil {
		return object, err
	}
	s.p.begins()
	if !s.ask(call{what: what, carry: func() string {
		now, known := s.p.u.now, false
		if object, known = s.p.u.objects[key]; !known {
			object.CreatedAt = now
		}
		if version != 0 && object.Version != version {
			err = failing(remote.Conflict, false)
			return "conflict"
		}
		object.Key, object.Version, object.LastModifiedAt, object.Value = key, object.Version+1, now, text
		s.p.u.objects[key] = object
		return fmt.Sprint("put ", object.Version, object.CreatedAt)
	}}) {
		return object, noAnswer
	}
	return object, err
}

func (s customObjects) PutObject(_ context.Context, _, key string, value any) (commercetools.Object, error) {
	return s.put("put "+key, key, 0, value)
}

func (s customObjects) ReplaceObject(_ context.Context, _, key string, version int, value any) (commercetools.Object, error) {
	return s.put(fmt.Sprint("replace ", key, version), key, version, value)
}

func (s customObjects) ObjectsBefore(context.Context, string, time.Time, int) ([]commercetools.Object, error) {
	return nil, nil
}

func (s customObjects) DeleteObject(context.Context, string, string) error { return nil }

// newProcessMemory is lost with the process.
func newProcessMemory(p *process) claim.Store {
	return claim.NewMemory(lag, p.u.clock)
}
