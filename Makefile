# make run    build, and serve on http://127.0.0.1:8080 with a demo in ./data
# make test   install what is missing, lint, run every test
# The rest is below. Nothing is installed outside .cache but Debian packages.

.DEFAULT_GOAL := build

.PHONY: run
run: build
	bin/ingot serve --demo

.PHONY: build
build:
	go build -o bin/ingot ./cmd/ingot

# The script prints a line for each thing it installs; the second time there is
# none, and no network is wanted.
.PHONY: deps
deps:
	@.ci/deps

.PHONY: test
test: deps check
	go test -timeout 40m ./...

.PHONY: lint
lint: deps check

.PHONY: check
check:
	go vet ./...
	.cache/bin/staticcheck ./...
	@echo gofmt, gofumpt; ! { gofmt -l $$(git ls-files -co --exclude-standard '*.go'); .cache/bin/gofumpt -l $$(git ls-files -co --exclude-standard '*.go'); } | grep .
	go test -count=1 -run '^Test(Imports|FormatsAreStrangers|SamplesAreForTests)$$' .

# Each number stands beside that of something bare, taken in the same run.
.PHONY: bench
bench: deps
	go test -run '^$$' -bench . -timeout 60m ./routers/middleware ./integrations/bench/...

# Style sheet, script and icons, from templates/assets/src; the result is committed.
.PHONY: assets
assets:
	go run ./templates/assets/build

# What make made. Data stays.
.PHONY: clean
clean:
	rm -rf bin .cache
