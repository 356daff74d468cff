# OManager: every step a person or a build machine does. "make help" lists them.

SHELL    := /bin/bash
TAGS     := gles,migrated_fynedo
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -s -w -X main.version=$(VERSION)
BIN      := build/bin
TOOLS    := $(CURDIR)/build/tools
# A build to give away holds no paths of this machine. It shares nothing with what the tests compile, so it is asked
# for: make build RELEASE=1
GO_BUILD := go build $(if $(RELEASE),-trimpath) -ldflags '$(LDFLAGS)'

GOLANGCI_VERSION := v2.15.0
BUF_VERSION      := v1.75.0
GOTESTSUM_VERSION := v1.13.0
GOLANGCI := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
BUF      := $(TOOLS)/buf-$(BUF_VERSION)
GOTESTSUM := $(TOOLS)/gotestsum-$(GOTESTSUM_VERSION)
# It prints what go test prints, and at the end why tests were skipped. The limit only ends a hang: with the race
# detector some packages take minutes on a busy machine.
GO_TEST := $(GOTESTSUM) --format standard-quiet -- -timeout 40m -tags $(TAGS)

# The packages that draw are built with cgo and the whole of OpenGL: the race detector has nothing to find in a
# toolkit that runs on one goroutine, and building it twice takes longer than all other tests.
PACKAGES := set -e -o pipefail; all=$$(go list -tags $(TAGS) -f '{{.ImportPath}} {{join .Deps " "}} ' ./... | grep -v '^omanager/build/'); \
	plain=$$(grep -v ' fyne.io/fyne/' <<<"$$all" | cut -d' ' -f1); \
	drawing=$$({ grep ' fyne.io/fyne/' <<<"$$all" || true; } | cut -d' ' -f1)

.PHONY: help run build deps test test-plain test-drawing bench ui-bench audit-proof login-proof settings-proof inject-proof form-proof proof lint fix generate checkgenerate window-test clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## install what is needed, build, and start the console (without a display: do a job and draw PNGs in build/)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" = Darwin ]; then \
		exec $(BIN)/omanager; \
	else \
		echo "no display here: running without a window"; \
		exec packaging/window/headless.sh; \
	fi

deps: ## install the system packages that building needs
	@packaging/deps.sh

build: deps ## build omserver, omctl and omanager into build/bin
	CGO_ENABLED=0 $(GO_BUILD) -o $(BIN)/ ./cmd/...
	$(GO_BUILD) -tags $(TAGS) -o $(BIN)/omanager .

test: ## run all tests (installs the system packages they need)
	@packaging/deps.sh --test
	@$(MAKE) --no-print-directory --keep-going test-plain test-drawing

test-plain: $(GOTESTSUM) ## test what does not draw, with the race detector
	@$(PACKAGES); echo "go test -race, $$(wc -w <<<"$$plain") packages that do not draw"; \
	$(GO_TEST) -race $$plain

test-drawing: $(GOTESTSUM) ## test what draws
	@$(PACKAGES); echo "go test, $$(wc -w <<<"$$drawing") packages that draw"; \
	[ -z "$$drawing" ] || $(GO_TEST) $$drawing

bench: build ## measure a command on 100 OpenSSH servers against pdsh, clush and parallel-ssh
	@packaging/deps.sh --test
	go run ./packaging/bench

ui-bench: ## measure the console's drawing
	@$(PACKAGES); go test -tags $(TAGS) -run '^$$' -bench . -benchmem $$drawing

audit-proof: ## edit the operation log in 1,000 ways and count what is found; verify 1,000,000 records
	go run ./packaging/auditproof

login-proof: build ## flood a real omserver with wrong logins and count what it evaluates
	go run ./packaging/loginproof

settings-proof: ## kill a process 1,000 times while it saves settings, and look what is left
	@mkdir -p $(BIN)
	go build -o $(BIN)/settingsproof ./packaging/settingsproof
	$(BIN)/settingsproof

inject-proof: ## try to turn parameters into commands under every login shell; measure loading the catalogue
	@packaging/deps.sh --test
	OMANAGER_INJECT=all go test -count=1 -run 'TestJ|TestCheckRefuses|TestSearches' ./modules
	go run ./packaging/inject

form-proof: ## measure forms over the XRC files in the folder that OMANAGER_CORPUS names
	go run -tags $(TAGS) ./packaging/formproof

proof: bench ui-bench audit-proof login-proof settings-proof inject-proof form-proof ## measure everything and print every claim with its figure
	go run ./packaging/bench -collect

lint: $(GOLANGCI) ## check style and layers
	$(GOLANGCI) run --build-tags $(TAGS) ./...

fix: $(GOLANGCI) ## change to the style what can be changed by itself
	$(GOLANGCI) run --fix --build-tags $(TAGS) ./...

generate: $(BUF) $(TOOLS)/protoc-gen-go $(TOOLS)/protoc-gen-connect-go ## make the Go code of rpc/**.proto
	PATH="$(TOOLS):$$PATH" $(BUF) generate

checkgenerate: $(BUF) $(TOOLS)/protoc-gen-go $(TOOLS)/protoc-gen-connect-go ## check that the generated code is up to date
	@rm -rf build/_generated
	@PATH="$(TOOLS):$$PATH" $(BUF) generate -o build/_generated
	@packaging/samefiles.sh build/_generated/rpc rpc && echo "generated code is up to date"

window-test: build ## drive the real window under Xvfb
	@packaging/deps.sh --test
	packaging/window/test.sh
	go run ./packaging/window/drive

clean: ## remove what was built
	rm -rf build

$(GOLANGCI):
	GOBIN=$(TOOLS)/new go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(TOOLS)/new/golangci-lint $@

$(BUF):
	GOBIN=$(TOOLS)/new go install github.com/bufbuild/buf/cmd/buf@$(BUF_VERSION)
	mv $(TOOLS)/new/buf $@

$(GOTESTSUM):
	GOBIN=$(TOOLS)/new go install gotest.tools/gotestsum@$(GOTESTSUM_VERSION)
	mv $(TOOLS)/new/gotestsum $@

# The two plugins come from the modules that go.mod names, so code and library are of one version.
$(TOOLS)/protoc-gen-go: go.mod
	go build -o $@ google.golang.org/protobuf/cmd/protoc-gen-go

$(TOOLS)/protoc-gen-connect-go: go.mod
	go build -o $@ connectrpc.com/connect/cmd/protoc-gen-connect-go
