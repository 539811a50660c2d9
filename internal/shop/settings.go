package shop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/remote"
)

// Memory keeps the last good configuration, so that it outlives this process.
type Memory interface {
	// Recall gives what was kept; nothing when nothing was.
	Recall(ctx context.Context) ([]byte, error)
	Keep(ctx context.Context, value []byte) error
}

// Checkpoint is the last good configuration, in a store.
const Checkpoint = "configuration"

// settings tell a good configuration from a wrong one. While a wrong one is there, or the
// one that was there is gone, the last good one stays in force.
type settings struct {
	read    func(ctx context.Context) (value []byte, there bool, err error) // the custom object
	fixed   *config.Shop                                                    // in place of it
	memory  Memory                                                          // may be nil
	refused func(error)

	mu   sync.Mutex
	good *config.Shop // the last one
	text []byte       // good, as the memory keeps it
	bad  error        // what is wrong with the one that is there; nil when nothing is
}

// ErrGone tells of a configuration that somebody deleted: perhaps by mistake, and orders
// would be exported without its filters.
var ErrGone = fmt.Errorf("custom object %s/%s: it was deleted", config.ShopContainer, config.ShopKey)

// HintGone says what to do about it.
const HintGone = "write it again, or confirm that there shall be none with: fftconnect config clear"

func (s *settings) load(ctx context.Context, _ string) (*config.Shop, error) {
	if s.fixed != nil {
		return s.fixed, nil
	}
	value, there, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	report := config.CheckShop(value)
	switch err = report.Err(); {
	case err == nil && there:
		s.acceptReport(ctx, report, value)
		return &report.Shop, nil
	case err == nil:
		err = ErrGone
	}
	if err := s.recallLastGood(ctx); err != nil {
		return nil, err
	}
	if last := s.fallBackToLastGood(err); last != nil {
		return last, nil
	}
	if !there {
		return &config.Shop{}, nil // there never was one
	}
	// Orders must wait for the configuration to be fixed rather than be mapped
	// without it.
	return nil, &remote.Error{
		Platform: commercetools.Platform, Operation: "read configuration object", Kind: remote.Blocked,
		Message: err.Error(), Hint: "fix the custom object", Cause: err,
	}
}

// recallLastGood takes the last good configuration out of the memory, once.
func (s *settings) recallLastGood(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.good != nil || s.memory == nil {
		return nil
	}
	text, err := s.memory.Recall(ctx)
	if err != nil || text == nil {
		return err
	}
	// A version that demands more than the one that kept it does without.
	if report := config.CheckShop(text); report.Err() == nil {
		s.good, s.text = &report.Shop, text
	}
	return nil
}

// acceptReport takes a configuration, of which single entries may be wrong.
func (s *settings) acceptReport(ctx context.Context, report config.ShopReport, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.good = &report.Shop
	s.reportProblem(report.UnusableErr())
	if s.memory != nil && !bytes.Equal(s.text, text) && s.memory.Keep(ctx, text) == nil {
		s.text = text
	}
}

// fallBackToLastGood gives the last good configuration in place of a wrong one, or of none; nil when
// there is none either.
func (s *settings) fallBackToLastGood(err error) *config.Shop {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.good == nil && errors.Is(err, ErrGone) {
		err = nil
	}
	s.reportProblem(err)
	return s.good
}

// reportProblem remembers what is wrong, if anything is, and tells it once.
func (s *settings) reportProblem(err error) {
	told := err == nil || s.bad != nil && s.bad.Error() == err.Error()
	s.bad = err
	if !told && s.refused != nil {
		s.refused(err)
	}
}

// ConfigurationError is what is wrong with the configuration that is there; nil when nothing is, as
// far as it was read.
func (s *Shop) ConfigurationError() error {
	s.source.mu.Lock()
	defer s.source.mu.Unlock()
	return s.source.bad
}
