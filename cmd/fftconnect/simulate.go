package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/intake"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
)

type simulateCommand struct {
	CTAddr    string        `name:"ct-addr" help:"Address of the simulated commercetools." default:"127.0.0.1:8091"`
	FFTAddr   string        `name:"fft-addr" help:"Address of the simulated fulfillmenttools." default:"127.0.0.1:8092"`
	Connector string        `help:"Address of the connector's public listener." default:"http://127.0.0.1:8080"`
	Orders    int           `help:"Orders to place once the connector is installed; 0 for none." default:"0"`
	Rate      float64       `help:"Orders placed a second." default:"5"`
	Pace      time.Duration `help:"Time that an order spends in each stage." default:"2s"`
	Latency   time.Duration `help:"Added to every answer of both platforms." default:"0s"`
	Seed      uint64        `help:"Draws orders." default:"1"`
}

// Validate implements kong's check of flags.
func (c simulateCommand) Validate() error {
	if c.Orders < 0 || c.Rate <= 0 {
		return errors.New("--rate must be above zero, and --orders not below")
	}
	if c.Pace <= 0 || c.Latency < 0 {
		return errors.New("--pace must be above zero, and --latency not below")
	}
	return nil
}

// Run keeps both platforms up until it is told to stop.
func (c simulateCommand) Run(p program) error {
	w, err := world.Start(world.Options{
		Seed: c.Seed, CTAddr: c.CTAddr, FFTAddr: c.FFTAddr,
		Backoff: func(attempt int) time.Duration { return min(time.Duration(attempt)*time.Second, 30*time.Second) },
		Pace:    fftsim.Pace{Routing: c.Pace, Picking: c.Pace, Packing: c.Pace, Handover: c.Pace},
	})
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	defer w.Close()
	if c.Latency > 0 {
		w.CTFaults.SetWeather(simulator.Weather{Latency: c.Latency})
		w.FFTFaults.SetWeather(simulator.Weather{Latency: c.Latency})
	}
	connectorURL, err := url.Parse(c.Connector)
	if err != nil {
		return fmt.Errorf("simulate: the connector's address: %w", err)
	}
	settings := w.Environment(c.Connector + "/service")
	if port := connectorURL.Port(); port != "" {
		settings["PORT"] = port
	}
	// Every world has the same orders: a store must not remember another world's.
	settings["DATABASE_URL"] = "sqlite:" + filepath.Join(os.TempDir(), fmt.Sprintf("fftconnect-simulated-%d.db", time.Now().Unix()))
	env, err := config.Load(func(name string) (string, bool) { value, ok := settings[name]; return value, ok }, 0)
	if err != nil {
		return err
	}
	token, err := intake.TokenOf(env).ForEndpoint(intake.EventPath).Sign()
	if err != nil {
		return err
	}
	w.RouteMessages(c.Connector+"/event", http.Header{"Authorization": {"Bearer " + token}})
	p.printSimulatorSettings(settings)
	return c.placeOrders(p, w)
}

// printSimulatorSettings prints what to type in a second terminal.
func (p program) printSimulatorSettings(settings map[string]string) {
	fmt.Fprintln(p.out, "# Both platforms are simulated here. In a second terminal:")
	for _, setting := range config.Settings() {
		if value, ok := settings[setting.Name]; ok {
			fmt.Fprintf(p.out, "export %s='%s'\n", setting.Name, value)
		}
	}
	fmt.Fprintf(p.out, "export %s='%s'\n", config.DestinationVariable, settings[config.DestinationVariable])
	fmt.Fprintln(p.out, "fftconnect serve &")
	fmt.Fprintln(p.out, "fftconnect install")
}

// placeOrders waits for the installation, places the orders, and stays up.
func (c simulateCommand) placeOrders(p program, w *world.World) error {
	ticker := time.NewTicker(time.Duration(float64(time.Second) / c.Rate))
	defer ticker.Stop()
	placed := 0
	for {
		select {
		case <-p.ctx.Done():
			return nil
		case <-ticker.C:
		}
		if placed >= c.Orders || len(w.CT.Subscriptions()) == 0 {
			continue
		}
		order := w.NextOrder()
		w.Place(order)
		placed++
		fmt.Fprintf(p.out, "# placed order %d of %d: %v (%s)\n", placed, c.Orders, order.Draft["id"], strings.Join(order.Traits, ", "))
	}
}
