package shop

import "context"

// ProjectSettings are the project's languages, its own first, and its countries.
func (s *Shop) ProjectSettings(ctx context.Context) (languages, countries []string, err error) {
	project, err := s.project.Get(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	return project.Languages, project.Countries, nil
}
