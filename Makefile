# The front door. Each line calls one script; the scripts hold the steps.
.PHONY: help demo serve test build web screenshots install bench latency fuzz coverage lint format clean
.DEFAULT_GOAL := help
PREFIX ?= /usr/local

help:
	@echo 'make demo     stream a desktop to the reference client on this machine, record it, show the numbers'
	@echo 'make serve    run the host for real, with its console at https://localhost:47990/ (ARGS="--port 9777 ...")'
	@echo 'make test     every test: unit, integration, sanitizers, a short fuzz run'
	@echo 'make build    host and client, in build/release'
	@echo 'make web      the web console, in web/dist (make build includes it where npm is installed)'
	@echo 'make screenshots  every page of the console as a picture, in build/screenshots'
	@echo 'make install  host, client and the core library (PREFIX=/usr/local)'
	@echo 'make bench    benchmarks: a table, and bench/results.json'
	@echo 'make latency  click to pixel, on this machine, by stages'
	@echo 'make fuzz     fuzz every parser (FUZZ_SECONDS=60 for each)'
	@echo 'make coverage line coverage of every parser: a table, and build/coverage/html'
	@echo 'make lint     clang-tidy and clang-format, without changing a file'
	@echo 'make format   clang-format every source file'
	@echo 'make clean    remove build/ and demo/'

demo:
	@scripts/demo.sh
serve:
	@scripts/serve.sh $(ARGS)
test:
	@scripts/test.sh
build:
	@scripts/build.sh
web:
	@scripts/web.sh
screenshots:
	@scripts/screenshots.sh
install: build
	@cmake --install build/release --prefix $(PREFIX)
bench:
	@scripts/bench.sh
latency:
	@scripts/latency.sh
fuzz:
	@scripts/fuzz.sh
coverage:
	@scripts/coverage.sh
lint:
	@scripts/lint.sh
format:
	@scripts/lint.sh --fix-format
clean:
	rm -rf build demo
