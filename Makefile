# `make` alone says what there is. Needs GNU make, a JDK 21 or newer and Maven 3.8 or newer; Redis is optional.

PORT ?=
MODEL ?=
DATA ?=
SERVER ?= http://127.0.0.1:$(or $(PORT),8080)

JAR := target/quarkus-app/quarkus-run.jar
SOURCES := $(shell find pom.xml .mvn build-support/maven-repo src/main 2>/dev/null)

# Every recipe that needs Java starts with this: JAVA_HOME is then a JDK that is new enough, or the recipe has stopped.
JDK = JAVA_HOME=$$(sh build-support/find-jdk) && export JAVA_HOME
MVN = sh build-support/mvn
JAVA = $(JDK) && exec "$$JAVA_HOME/bin/java"

PORT_OPTION = $(if $(PORT),-Dquarkus.http.port=$(PORT))
MODEL_OPTION = $(if $(MODEL),-Dsluice.inference.model='$(MODEL)')
DATA_OPTION = $(if $(DATA),-Dsluice.data='$(DATA)')

.PHONY: help run test unit format analyze validate explain model model-check simulator crash faults storm test-redis bench bench-inference bench-start bench-steps native image image-redis push load deploy undeploy clean

help: ## Says what there is (this list)
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS='	' read -r target text; do \
		printf '  make %-12s %s\n' "$$target" "$$text"; done

run: $(JAR) ## Starts Sluice, builds it first if need be; PORT=9090, MODEL=name, DATA=directory
	@$(JAVA) $(PORT_OPTION) $(MODEL_OPTION) $(DATA_OPTION) -jar $(JAR)

test: ## Runs every test: unit, then integration against the packaged program
	@$(MVN) verify

unit: ## Runs the unit tests only
	@$(MVN) test

format: ## Formats the Java sources
	@$(MVN) -q spotless:apply

analyze: $(JAR) ## Analyzes documents on a running server; FILES='a.pdf b.docx', SERVER=url
	@test -n "$(FILES)" || { echo "Say which files: make analyze FILES='invoice.pdf letter.docx'" >&2; exit 2; }
	@$(JAVA) -jar $(JAR) analyze --server $(SERVER) $(FILES)

validate: $(JAR) ## Checks workflow documents, without a server; FILE='a.yaml b.yaml'
	@test -n "$(FILE)" || { echo "Say which document: make validate FILE=workflow.yaml" >&2; exit 2; }
	@$(JAVA) -jar $(JAR) validate $(FILE)

explain: $(JAR) ## Says what an error code means; CODE=SL1001
	@test -n "$(CODE)" || { echo "Say which code: make explain CODE=SL1001" >&2; exit 2; }
	@$(JAVA) -jar $(JAR) explain $(CODE)

model: ## Serves a small real model on this machine
	@exec build-support/model/serve

model-check: ## Tests calls of models with the real one that `make model` serves; DOCUMENTS=3, takes minutes
	@$(MVN) verify -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=LocalModelIT \
		-Dsluice.model.url=http://127.0.0.1:$${MODEL_PORT:-8090}/v1 -Dsluice.model.documents=$(or $(DOCUMENTS),3)

simulator: $(JAR) ## Simulates a model over OpenAI's protocol; PORT=8091, SEED=1, OPTIONS='error-rate=0.2 storm-every=60000 storm-time=5000'
	@$(MVN) -q test-compile
	@$(JAVA) -XX:+UseSerialGC -Xmx256m -cp $(TEST_CLASSES) \
		dev.sluice.simulator.Simulator port=$(or $(PORT),8091) seed=$(or $(SEED),1) $(OPTIONS)

# The programs among the tests, with what the packaged program brings.
TEST_CLASSES = 'target/test-classes:target/quarkus-app/app/*:target/quarkus-app/lib/main/*:target/quarkus-app/lib/boot/*'

crash: ## Kills a process at its writes to Redis, before and after each; EVERY=100 takes one write in a hundred of the whole process
	@$(MVN) verify -Dtest=CrashTest -Dit.test=CrashIT -Dsluice.crash.every=1 -Dsluice.crash.process.every=$(or $(EVERY),100)

faults: ## Kills, stops and cuts off dispatchers, Redis and functions under load; KILLS=20, SECONDS=20 of cuts
	@$(MVN) verify -Dtest=MisfitsTest,RedisClusterTest -Dit.test='FaultsIT,LongStories,MisfitsIT,RedisFaultsIT' \
		-Dsluice.faults.kills=$(or $(KILLS),20) -Dsluice.faults.seconds=$(or $(SECONDS),20)

storm: ## Analyzes documents with models that fail, babble and storm, and kills workers; DOCUMENTS=2000, KILLS=10, SECONDS=60 of an outage
	@$(MVN) -q verify -Dtest=SimulatorTest -Dit.test=InferenceStormIT -Dsluice.storm.documents=$(or $(DOCUMENTS),2000) \
		-Dsluice.storm.kills=$(or $(KILLS),10) -Dsluice.storm.seconds=$(or $(SECONDS),60)
	@cat target/storm.txt

test-redis: ## Tests on every kind of Redis: one, cluster, sentinels; of this system, Redis 8, Valkey 8; FAULTS=0 is shorter
	@FAULTS='$(or $(FAULTS),1)' sh build-support/test-redis

# What is set goes to the benchmark as it is: SCENARIO='steps latency', RUNS, SECONDS, WARMUP, INFLIGHT, CONNECTIONS,
# RATE, PARKED, DOCUMENTS, FSYNC (always, everysec, no, off), REDIS (a redis-server), PORTS (the first one), and OPTIONS
# for the server's JVM.
BENCH_SETTINGS = scenario runs seconds warmup inflight connections rate parked documents fsync nodes redis ports options
BENCH_OPTIONS = $(foreach name,$(BENCH_SETTINGS),$(if $($(call upper,$(name))),-Dbench.$(name)='$($(call upper,$(name)))'))
upper = $(shell echo $(1) | tr a-z A-Z)

bench: $(JAR) ## Measures speed and cost per step; SCENARIO=steps, RUNS=3, SECONDS=60, and more: docs/performance.md
	@$(MVN) -q test-compile
	@$(JAVA) -XX:+UseSerialGC -Xmx512m $(BENCH_OPTIONS) -cp $(TEST_CLASSES) dev.sluice.bench.Bench

bench-inference: ## Measures what the proxy adds to a call of a model: make bench SCENARIO=inference
	@$(MAKE) -s bench SCENARIO=inference

bench-steps: ## Measures the time per step in a run of 10,000 steps against one of 10
	@rm -f target/bench-steps.txt
	@$(MVN) -q test -Dtest=LongRunBench
	@cat target/bench-steps.txt

bench-start: ## Measures the time to the first answer; COLD=1 adds a clean clone with an empty Maven cache
	@test -n "$(COLD)" || $(MAKE) -s $(JAR)
	@$(JDK) && COLD='$(COLD)' sh build-support/bench-start

native: ## Compiles the native executable target/sluice-*-runner; needs Mandrel or GraalVM for JDK 21
	@test -x "$$GRAALVM_HOME/bin/native-image" || command -v native-image >/dev/null || { \
		echo "A native build needs Mandrel or GraalVM for JDK 21: set GRAALVM_HOME to it, or put native-image on the PATH." >&2; \
		exit 1; }
	@$(MVN) -q -DskipTests -DskipITs -Dnative package

# --- containers and Knative: docs/deploy.md ---

VERSION := 0.1.0
IMAGE ?= dev.local/sluice:$(VERSION)
REDIS_IMAGE ?=
NAMESPACE ?= sluice
WITH ?=
REDIS ?=
KUBECTL ?= kubectl
NATIVE ?=
BASE ?=
# What brings an image archive into a cluster: 'kind load image-archive', 'minikube image load', 'cluster load-image'.
LOAD ?=

image: $(JAR) ## Makes a container image without a daemon: target/image.tar; IMAGE=name:tag, NATIVE=executable, BASE=base.tar
	@$(JDK) && BASE='$(BASE)' NATIVE='$(NATIVE)' sh build-support/image target/image.tar '$(IMAGE)'

image-redis: ## Makes an image of this machine's redis-server, for a trial: target/redis.tar; REDIS_IMAGE=name:tag
	@mkdir -p target && sh build-support/image target/redis.tar '$(or $(REDIS_IMAGE),dev.local/redis:trial)' redis

push: ## Builds an image on BASE, a name in a registry, and pushes it as IMAGE; NATIVE=1 for the native executable
	@test '$(origin IMAGE)' != file || { echo "Say where to: make push IMAGE=registry/name:tag" >&2; exit 2; }
	@$(MVN) -q -DskipTests -DskipITs -Dpush $(if $(NATIVE),-Dnative) -Dquarkus.container-image.image='$(IMAGE)' \
		$(if $(BASE),-Dquarkus.jib.base-$(if $(NATIVE),native,jvm)-image='$(BASE)') package

load: image ## Makes an image and brings it into a cluster without a registry; LOAD='kind load image-archive'
	@test -n "$(LOAD)" || { echo "Say by what: make load LOAD='kind load image-archive'" >&2; exit 2; }
	@$(LOAD) target/image.tar

deploy: ## Deploys to the cluster of kubectl; IMAGE, REDIS_IMAGE, NAMESPACE, REDIS=redis://host:6379, WITH='storage keda monitoring'
	@IMAGE='$(IMAGE)' REDIS_IMAGE='$(REDIS_IMAGE)' NAMESPACE='$(NAMESPACE)' REDIS='$(REDIS)' WITH='$(WITH)' \
		KUBECTL='$(KUBECTL)' sh build-support/deploy

undeploy: ## Deletes the namespace with all that is in it, runs and payloads included; NAMESPACE
	@$(KUBECTL) delete namespace '$(NAMESPACE)'

clean: ## Removes what was built; data stay
	@$(MVN) -q clean

# Packaged again only when a source is newer than the last package.
$(JAR): $(SOURCES)
	@test -d "$$HOME/.m2/repository/io/quarkus/quarkus-core" || \
		echo "The first build downloads about 300 MB and takes a few minutes." >&2
	@echo "Building Sluice …" >&2
	@$(MVN) -q -DskipTests -DskipITs package
	@touch $@
