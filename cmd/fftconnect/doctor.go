package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/doctor"
	"fftconnect/internal/printable"
)

type doctorCommand struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

// doctorPatience bounds one call of the examination.
const doctorPatience = 10 * time.Second

// Run examines the installation.
func (c doctorCommand) Run(p program) error {
	env, err := p.loadEnvironment(0)
	if err != nil {
		return err
	}
	installer, err := p.newInstaller(0, "")
	if err != nil {
		return err
	}
	patient := doctor.Patient{
		Commercetools: installer.Commercetools, Fulfillmenttools: installer.Fulfillmenttools,
		Installer: installer, Environment: env, HTTP: &http.Client{Timeout: doctorPatience}, Now: time.Now,
	}
	if env.DatabaseURL != config.NoDatabase {
		store, err := p.openStore()
		var missing noStoreError
		switch {
		case errors.As(err, &missing):
			patient.DatabaseFile = string(missing)
		case err != nil:
			patient.DatabaseError = err
		default:
			patient.Database = store
			defer store.Close(p.ctx)
		}
	}
	marks := map[doctor.Status]string{doctor.OK: "✓", doctor.Warn: "!", doctor.Fail: "✗", doctor.Skip: "·"}
	said := map[string]bool{} // one fix often serves many findings
	findings := patient.Examine(p.ctx, func(f doctor.Finding) {
		if c.JSON {
			return
		}
		line := fmt.Sprintf("%s %-16s %-44s %s", marks[f.Status], f.Area, f.Check, f.Detail)
		printable.Fprintf(p.out, "%s\n", strings.TrimRight(line, " "))
		if f.Fix != "" && !said[f.Fix] {
			said[f.Fix] = true
			printable.Fprintf(p.out, "%19sfix: %s\n", "", f.Fix)
		}
	})
	healthy := doctor.Healthy(findings)
	if c.JSON {
		if err := p.printJSON(map[string]any{"healthy": healthy, "findings": findings}); err != nil {
			return err
		}
	}
	if !healthy {
		return errors.New("something must be fixed: see the lines with a fix")
	}
	return nil
}
