package shop

import (
	"context"
	"sync"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/remote"
)

// settings tell a good configuration from a wrong one. While a wrong one is there the
// last good one stays in force.
type settings struct {
	read    func(ctx context.Context) ([]byte, error) // the custom object's value
	fixed   *config.Shop                              // in place of it
	refused func(error)

	mu   sync.Mutex
	good *config.Shop // the last one
	bad  error        // what is wrong with the one that is there; nil when nothing is
}

func (s *settings) get(ctx context.Context, _ string) (config.Shop, error) {
	if s.fixed != nil {
		return *s.fixed, nil
	}
	value, err := s.read(ctx)
	if err != nil {
		return config.Shop{}, err
	}
	report := config.CheckShop(value)
	if err = report.Wrong(); err == nil {
		s.accept(report.Shop, report.PartlyWrong())
		return report.Shop, nil
	}
	if last := s.refuse(err); last != nil {
		return *last, nil
	}
	// Orders must wait for the configuration to be mended rather than be mapped
	// without it.
	return config.Shop{}, &remote.Error{
		Platform: commercetools.Platform, Operation: "read configuration object", Kind: remote.Blocked,
		Message: err.Error(), Hint: "mend the custom object", Cause: err,
	}
}

// accept takes a configuration, of which single entries may be wrong.
func (s *settings) accept(parsed config.Shop, partly error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.good = &parsed
	s.tell(partly)
}

// refuse gives the last good configuration in place of a wrong one.
func (s *settings) refuse(err error) *config.Shop {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(err)
	return s.good
}

// tell remembers what is wrong, if anything is, and tells it once.
func (s *settings) tell(err error) {
	told := err == nil || s.bad != nil && s.bad.Error() == err.Error()
	s.bad = err
	if !told && s.refused != nil {
		s.refused(err)
	}
}

// Wrong is what is wrong with the configuration that is there; nil when nothing is, as
// far as it was read.
func (s *Shop) Wrong() error {
	s.source.mu.Lock()
	defer s.source.mu.Unlock()
	return s.source.bad
}
