# Run `make help` for the targets.
.DEFAULT_GOAL := help
VERSION ?=
FUZZTIME ?= 5s
DRAWS ?= 2000

.PHONY: profile vuln connect image release sbom packaging help build test race slow fuzz lint fmt demo storm bench verify ci recording browser

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

build: ## build bin/fftconnect
	CGO_ENABLED=0 go build -trimpath -pgo deploy/fftconnect.pgo -ldflags "-s -w -X main.release=$(VERSION)" -o bin/fftconnect ./cmd/fftconnect

profile: ## measure anew where the program spends its time: deploy/fftconnect.pgo, which it is compiled with
	CGO_ENABLED=0 go build -trimpath -tags profile -o /tmp/fftconnect-measured ./cmd/fftconnect
	CPU_PROFILE=/tmp/fftconnect.pgo go run ./internal/bench -binary /tmp/fftconnect-measured -only profile
	go tool pprof -top -nodecount 5 /tmp/fftconnect.pgo
	mv /tmp/fftconnect.pgo deploy/fftconnect.pgo && rm /tmp/fftconnect-measured

test: ## run the tests
	go test ./...

race: ## run what is concurrent in the tests with the race detector
	go test -race ./...

slow: ## run the slow tests: scale, histories, chaos, a day of a million orders
	FFTCONNECT_SLOW=1 go test -tags slow -timeout 30m ./internal/ledger/... ./internal/chaos ./cmd/fftconnect ./internal/export ./internal/connector ./internal/simulator/contract
	go test -timeout 30m ./internal/connector -run TestHistories -histories 1000
	go test -timeout 30m ./internal/claim -whole
	CGO_ENABLED=1 FFTCONNECT_SLOW=1 go test -race -timeout 30m ./internal/connector

fuzz: ## look for orders, bodies and configurations that break what reads them
	go test -vet=off -run AnyOrder ./internal/export -rapid.checks=$(DRAWS)
	@grep -roE --include='*_test.go' '^func Fuzz[A-Za-z]+' internal | sort | sed -E 's|^(.*)/[^/]*:func |./\1 |' | while read -r package name; do \
		echo "$$name"; go test -vet=off "$$package" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) || exit 1; done

connect: ## write the connector repository for commercetools Connect to dist/connect
	bash deploy/connect/build.sh $(or $(VERSION),0.0.0-dev) dist/connect

# Tools for packaging have a module of their own.
RELEASE = cd deploy/tools && GOFLAGS= go run ./release -version $(or $(VERSION),0.0.0-dev)

image: ## write the container image for amd64 and arm64 to dist/image
	$(RELEASE) -only image -out ../../dist/image

release: ## write archives, packages, image, chart and checksums of VERSION to dist/release
	@test -n "$(VERSION)" || { echo "say which: make release VERSION=1.2.3" >&2; exit 2; }
	$(RELEASE) -out ../../dist/release

sbom: ## write the list of components and licences, CycloneDX, to dist/sbom.cdx.json
	$(RELEASE) -only sbom -out ../../dist/sbom.cdx.json

packaging: ## test what is released: image, chart, packages, Connect, upgrades; needs npm
	FFTCONNECT_PACKAGING=1 go test -tags packaging -timeout 30m ./deploy/...
	cd deploy/tools && go vet ./... && go test ./...

fmt: ## format
	go tool gofumpt -w cmd internal deploy

lint: ## formatting, vet, staticcheck, modules
	@unformatted=$$(go tool gofumpt -l cmd internal deploy); if [ -n "$$unformatted" ]; then echo "not formatted:"; echo "$$unformatted"; exit 1; fi
	go vet -tags slow,packaging,browser ./...
	go tool staticcheck -tags slow,packaging,browser ./...
	go mod verify
	go mod tidy -diff

vuln: ## look for known vulnerabilities in what is used; needs the network
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

demo: ## show the connector at work on simulated platforms
	go run ./cmd/fftconnect demo

recording: ## record the demo in a terminal: docs/images/demo.svg
	go run ./internal/demo/recording docs/images/demo.svg

browser: ## try the console in a real Chromium, and take docs' screenshots
	FFTCONNECT_BROWSER=1 go test -tags browser ./internal/console/browser -update

storm: ## the same while everything goes wrong
	go run ./cmd/fftconnect demo --faults storm

bench: build ## measure the connector beside a floor program, on simulated platforms, and what rules cost
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/floor ./internal/bench/floor
	go run ./internal/bench -binary bin/fftconnect -floor bin/floor
	go test -run '^$$' -bench Rules ./internal/rules

verify: lint race ## everything that must hold before a commit

ci: ## what CI runs
	bash .ci/run
