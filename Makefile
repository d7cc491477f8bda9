# Owns the names of what a person or CI does here. Every recipe is one line; the work stands in scripts/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help install dev tour test check bench fuzz soak relay-faults mutate mutate-policies generate proto-baseline fmt clean distclean python-env public-idls valkey openbao ministack hsm pgbouncer test-kora

# Node 24 comes with the packages, OPA is built into .tools/: both go before what the machine has.
export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/.tools:$(PATH)

help: ## What can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

install: ## Install packages, Node 24 and OPA into this folder (nothing to do the second time)
	@scripts/install.sh

dev: install ## Start Postgres, a local chain and the gateway; run the tour; stay up until Ctrl-C
	@exec node scripts/dev.ts

tour: install ## As dev, but stop after the tour; exits 0 if everything went as it should
	@exec node scripts/dev.ts --tour-only

python-env: install
	@scripts/python-env.sh

valkey: python-env
	@scripts/valkey.sh

openbao: python-env
	@scripts/openbao.sh

ministack: python-env
	@scripts/ministack.sh

hsm: install
	@scripts/softhsm.sh
	@scripts/signer-pkcs11.sh

pgbouncer: install
	@scripts/pgbouncer.sh

public-idls: install
	@node scripts/public-idls.ts

test: python-env public-idls valkey openbao ministack hsm pgbouncer ## Run every test
	@exec vitest run $(VITEST_FLAGS)

test-kora: install ## The tests against a real Kora (built the first time: about 20 minutes)
	@export COUNTERSIGN_KORA=$$(scripts/kora.sh) && exec vitest run --config test/kora/vitest.config.ts $(VITEST_FLAGS)

check: install ## Generated code, format, lint, types, boundaries, proto, policies, docs
	@exec node scripts/check.ts

bench: public-idls ## Measure the gateway against a bare gRPC echo in the same run
	@exec node --expose-gc bench/main.ts

fuzz: public-idls ## Effects against execution, mutated bytes, property tests, by a new seed (N=10000 transactions, ROUNDS=1, SEED=)
	@exec node test/fuzz/main.ts --transactions $(or $(N),10000) --rounds $(or $(ROUNDS),1) $(if $(SEED),--seed $(SEED))

soak: install valkey ## Gateways that are killed and cut off sign against limits, approvals and freezes; what landed is held against them (REQUESTS=100000, GATEWAYS=3, SEED=; SABOTAGE=books, freezes or votes must fail)
	@exec node test/soak/main.ts --requests $(or $(REQUESTS),100000) --gateways $(or $(GATEWAYS),3) $(if $(SEED),--seed $(SEED)) $(if $(SABOTAGE),--sabotage $(SABOTAGE))

relay-faults: install valkey ## Gateways that are killed send through nodes that lag, lie, hang and lose; what landed is held against what was told (REQUESTS=10000, GATEWAYS=3, SEED=; SABOTAGE=1 must fail)
	@exec node test/soak/main.ts --relaying --requests $(or $(REQUESTS),10000) --gateways $(or $(GATEWAYS),3) $(if $(SEED),--seed $(SEED)) $(if $(SABOTAGE),--sabotage $(SABOTAGE))

mutate: install ## Put single mistakes into the decoders; the tests must notice each (SAMPLE=60, or SAMPLE=every)
	@node scripts/mutate-decoders.ts $(if $(filter every,$(SAMPLE)),--every,--sample $(or $(SAMPLE),60))

mutate-policies: install ## Put single mistakes into our own policies; their tests must notice each (SAMPLE=every, or a number)
	@node scripts/mutate-policies.ts $(if $(filter-out every,$(SAMPLE)),--sample $(SAMPLE))

generate: install ## Write the generated code and documents anew
	@buf generate
	@node scripts/generate-docs.ts

proto-baseline: install ## Accept the API as it is now as what later changes must not break
	@buf build --exclude-source-info -o proto/baseline.json

fmt: install ## Format TypeScript, JSON and Rego
	@biome check --write .
	@opa fmt --write policies

clean: ## Remove what was built and cached
	@rm -rf .cache policies/build

distclean: clean ## Remove everything that is not committed, the development data in .countersign/ too
	@rm -rf node_modules .tools .countersign
