# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# `make help` lists the targets. All build results go into one directory.

VERSION := 0.2.0

BPF      ?= 1# 0: without libbpf, clang and Linux headers
API      ?= 1# 0: without the module that serves the API, and so without Kore
SHIP     ?= $(API)# 0: without shipping over HTTP, and so without libcurl
ZSTD     ?= $(call has,zstd.h)# 0: reads no files that are compressed with zstd; the same for the next three
XZ       ?= $(call has,lzma.h)
LZ4      ?= $(call has,lz4frame.h)
BZIP2    ?= $(call has,bzlib.h)
SANITIZE ?= 0# 1: with AddressSanitizer and UndefinedBehaviorSanitizer, in a directory of its own
WERROR   ?= 0# 1: warnings are errors
V        ?= 0# 1: show the commands

has = $(shell $(CC) $(CPPFLAGS) -E -include $(1) -x c /dev/null >/dev/null 2>&1 && echo 1 || echo 0)

PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
HOSTCC  ?= cc# makes what runs while the program is built
CLANG   ?= clang
BPFTOOL ?= bpftool
DYGRAPHS ?= /usr/share/javascript/dygraphs# the charts of the dashboard
DYGRAPHS_LICENSE ?= /usr/share/doc/libjs-dygraphs/copyright

OUT := build$(if $(filter 1,$(SANITIZE)),/sanitize)

CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Wno-sign-conversion
# CPPFLAGS, CFLAGS and LDFLAGS are the user's; what the project needs is in DEFINES and BASE.
DEFINES  := -iquote include -iquote user -iquote $(OUT)/generated -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DGAPWATCH_VERSION='"$(VERSION)"'
BASE     := -std=c11 -pthread $(WARNINGS) $(if $(filter 1,$(WERROR)),-Werror)
# Without this, gcc reads two neighbouring members with one load just after each was written with a store of
# its own. The processor cannot forward two stores to one load, so the load waits until both are in the cache.
BASE     += -fno-tree-slp-vectorize
ifeq ($(SHIP),1)
DEFINES += -DGAPWATCH_SHIP_HTTP
endif
ifeq ($(API),1)
DEFINES += -DGAPWATCH_API
endif
# The libraries of compressed files that were found.
UNPACKERS := $(foreach name,ZSTD XZ LZ4 BZIP2,$(if $(filter 1,$($(name))),$(name)))
DEFINES  += $(addprefix -DGAPWATCH_,$(UNPACKERS))
ifeq ($(SANITIZE),1)
BASE     += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
LDLIBS   := -lpcap -lsqlite3 $(if $(filter 1,$(SHIP)),-lcurl) $(if $(filter 1,$(API)),-lssl -lcrypto) -lz -lm \
	$(patsubst BZIP2,-lbz2,$(patsubst LZ4,-llz4,$(patsubst XZ,-llzma,$(patsubst ZSTD,-lzstd,$(UNPACKERS)))))
ifeq ($(shell uname -s),Linux)
LDLIBS   += -lmnl -lcap-ng
endif
ifeq ($(BPF),1)
DEFINES += -DGAPWATCH_BPF -isystem $(OUT)/bpf -isystem $(OUT)/bench
LDLIBS   += -lbpf -lelf
endif

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) $@)

# The sources that the program and its tests share: all of user/ except main.c and the files that only
# the Kore module has. user/source/bpf/ and tcx need BPF, user/source/af_packet/ needs Linux.
KORE_SOURCES := $(addprefix user/api/http/,alive.c connections.c ending.c module.c reload.c respond.c \
	sandbox.c streams.c tls.c)
API_SOURCES  := user/api/% user/command/serve.c user/command/server.c user/command/tls.c
LEFT_OUT := user/generate/% $(if $(filter 1,$(SHIP)),,user/ship/http.c user/ship/answer.c) $(KORE_SOURCES) $(if $(filter 1,$(API)),,$(API_SOURCES)) \
	$(if $(filter 1,$(BPF)),,user/source/bpf/% user/linux/tcx.c) \
	$(if $(filter Linux,$(shell uname)),,user/source/af_packet/%)
SOURCES := $(filter-out $(LEFT_OUT),$(sort $(shell find user -name '*.c')))
HEADERS := $(shell find include user -name '*.h')
OBJECTS := $(SOURCES:%.c=$(OUT)/%.o)
SHARED  := $(filter-out $(OUT)/user/main.o,$(OBJECTS))

UNIT_TESTS := $(patsubst tests/unit/%.c,$(OUT)/tests/%,\
	$(filter-out $(if $(filter 1,$(API)),,tests/unit/test_api_%),$(wildcard tests/unit/test_*.c)))
TOOLS      := $(OUT)/tests/frame_records $(OUT)/tests/drop_privileges
BENCH      := $(patsubst tests/bench/%.c,$(OUT)/bench/%,$(wildcard tests/bench/*.c))
BENCH      += $(if $(filter 1,$(API)),$(OUT)/bench/yardstick.so)
SENDER     := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/bench/send/*.c))
FUZZ_OUT   ?= build/fuzz
FUZZERS    := $(patsubst tests/fuzz/%.c,$(FUZZ_OUT)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_OBJECTS := $(patsubst %.c,$(FUZZ_OUT)/%.o,$(filter-out user/main.c,$(SOURCES)))
BPF_OBJECTS :=
ifeq ($(BPF),1)
BPF_OBJECTS := $(patsubst bpf/%.c,$(OUT)/bpf/%.o,$(wildcard bpf/*.bpf.c))
SKELETONS   := $(BPF_OBJECTS:.bpf.o=.skel.h)
TOOLS       += $(OUT)/tests/hold_clsact $(OUT)/tests/without_tcx
BENCH       += $(OUT)/bench/bpf_cost $(OUT)/bench/yardstick
else
SENDER      := $(filter-out %/redirect.o,$(SENDER))
endif

# Kore's module is compiled separately: position-independent, and without a sanitizer's runtime, which
# Kore does not load.
MODULE         := $(if $(filter 1,$(API)),$(OUT)/gapwatch_api.so)
MODULE_SOURCES := $(wildcard user/api/*/*.c user/api/*/*/*.c) user/store/database/read_only.c user/base/error.c user/base/service.c user/base/text.c user/base/text_address.c user/base/timestamp.c user/base/utf8.c \
	user/base/json_writer.c user/figures/table.c $(wildcard user/flow/*.c)
MODULE_OBJECTS := $(MODULE_SOURCES:%.c=$(OUT)/module/%.o)
PAGE           := $(filter-out %.c %.h,$(wildcard user/api/page/*))
OPENAPI        := $(OUT)/generated/api/routes/openapi.json
MONITORING     := $(addprefix $(OUT)/generated/api/monitoring/,alerts.yml grafana.json)
# Where the assembler finds the files that it embeds.
PAGE_FLAGS     := -Wa,-I$(OUT)/generated/api/routes,-Iuser/api/page,-I$(OUT)/page
CHARTS         := $(addprefix $(OUT)/page/,dygraph.js dygraph.css dygraph-license.txt)
PAGE_GZIPPED   := $(PAGE:user/api/page/%=$(OUT)/page/%.gz) $(CHARTS:%=%.gz) $(OPENAPI:%=%.gz)

# The manual and the completions for shells contain tables of figures, options and protocols.
MANUAL     := $(patsubst user/manual/%,$(OUT)/generated/manual/%,$(wildcard user/manual/*.[157]))
COMPLETION := $(patsubst user/%,$(OUT)/generated/%,$(wildcard user/system/completion/*))

.DELETE_ON_ERROR:
.PHONY: all objects man check check-programs bench soak fuzz fuzz-coverage $(FUZZERS:%=%.run) fmt fmt-check install uninstall units clean help vmlinux FORCE

all: $(OUT)/gapwatch $(MANUAL) $(COMPLETION) $(MODULE) $(if $(filter 1,$(API)),$(MONITORING)) $(BPF_OBJECTS) ## build the program, the API's module and the BPF object

$(OUT)/gapwatch: $(OBJECTS)
	$(call say,LINK)
	$(Q)$(CC) $(BASE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

objects: $(OBJECTS)

# A change of compiler or flags rebuilds everything.
FLAGS := $(CC) $(BASE) $(DEFINES) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) BPF=$(BPF)
$(OUT)/flags: FORCE
	@mkdir -p $(@D)
	@echo "$(subst ",,$(FLAGS))" | cmp -s - $@ || echo "$(subst ",,$(FLAGS))" > $@

$(OUT)/%.o: %.c $(OUT)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(DEFINES) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/gapwatch_api.so: $(MODULE_OBJECTS)
	$(call say,LINK)
	$(Q)$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^ -lsqlite3 -lssl -lcrypto -lz -lm

$(OUT)/module/%.o: %.c $(OUT)/flags
	$(call say,MODULE)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -fPIC -fvisibility=hidden $(WARNINGS) $(if $(filter 1,$(WERROR)),-Werror) \
		$(DEFINES) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/page/%.gz: user/api/page/%
	@mkdir -p $(@D)
	$(Q)gzip -9 -n -c $< > $@

$(CHARTS:%=%.gz) $(OPENAPI:%=%.gz): %.gz: %
	$(Q)gzip -9 -n -c $< > $@

# The files that draw the charts, without the last line, which names a file that is not served.
$(OUT)/page/dygraph.js: $(DYGRAPHS)/dygraph.min.js
$(OUT)/page/dygraph.css: $(DYGRAPHS)/dygraph.min.css
$(OUT)/page/dygraph-license.txt: $(DYGRAPHS_LICENSE)
$(CHARTS):
	@mkdir -p $(@D)
	$(Q)sed '/sourceMappingURL/d' $< > $@

$(DYGRAPHS)/dygraph.min.js $(DYGRAPHS)/dygraph.min.css $(DYGRAPHS_LICENSE):
	@echo 'dygraphs is missing: run scripts/install-deps, or make API=0' >&2; exit 1

$(OUT)/user/api/page/assets.o $(OUT)/module/user/api/page/assets.o: $(PAGE) $(PAGE_GZIPPED)
$(OUT)/user/api/page/assets.o $(OUT)/module/user/api/page/assets.o: DEFINES += $(PAGE_FLAGS)
# With -flto, which users may have in CFLAGS, the linker would assemble these objects again, without the
# folders of PAGE_FLAGS.
$(OUT)/user/api/page/assets.o $(OUT)/module/user/api/page/assets.o: override CFLAGS += -fno-lto

# Files that describe figures, protocols and routes are generated from the tables of these.
GENERATE := $(OUT)/generate
GENERATE_SOURCES := $(wildcard user/generate/*.c user/options/*.c) user/api/routes/request/parameter_table.c user/flow/outcome_name.c \
	$(addprefix user/base/,error.c json_writer.c spelling.c text.c utf8.c)
$(GENERATE): $(GENERATE_SOURCES) $(wildcard user/figures/*.* user/*/*.h user/api/routes/*.def user/api/routes/request/*.h include/*.h)
	$(call say,HOSTCC)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=c11 -O1 $(WARNINGS) -iquote include -iquote user -D_GNU_SOURCE -o $@ $(GENERATE_SOURCES) -lm

$(OUT)/generated/%: user/% $(GENERATE) $(wildcard user/store/database/*.sql)
	@mkdir -p $(@D)
	$(Q)$(GENERATE) $< > $@

# The schema and the migrations from earlier versions, as C strings.
SCHEMA := $(patsubst %,$(OUT)/generated/store/database/%.sql.inc,schema migration_1)
$(SCHEMA): %.inc: %
	$(Q)sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $< > $@
.SECONDARY: $(SCHEMA:.inc=)
$(OUT)/user/store/database/schema.o: $(SCHEMA)

man: $(MANUAL) $(OUT)/gapwatch ## make the manual; fails when it lacks an option, or mandoc complains
	$(Q)scripts/check-manual $(OUT)

define compile_bpf
$(call say,BPF)
@mkdir -p $(@D)
$(Q)$(CLANG) -g -O2 -ffile-prefix-map=$(CURDIR)=. -fdebug-compilation-dir=. -target bpf -mcpu=v3 -Wall -Wextra $(if $(filter 1,$(WERROR)),-Werror) \
	-Iinclude -isystem vmlinux -MMD -MP -c -o $@ $<
endef

$(OUT)/bpf/%.bpf.o: bpf/%.bpf.c vmlinux/vmlinux.h $(OUT)/flags
	$(compile_bpf)

$(OUT)/bench/%.bpf.o: tests/bench/bpf/%.bpf.c vmlinux/vmlinux.h $(OUT)/flags
	$(compile_bpf)

$(OUT)/tests/test_%: tests/unit/test_%.c $(SHARED)
	$(call say,TEST)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(DEFINES) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(SHARED) $(LDLIBS) -lcmocka

$(OUT)/%.skel.h: $(OUT)/%.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name $(*F)_bpf > $@

# Sources that include a skeleton are built after all skeletons. -MMD leaves out system headers.
$(filter $(OUT)/user/source/bpf/%,$(OBJECTS)) $(OUT)/tests/tools/kernel_classifier.o: $(SKELETONS)

$(OUT)/tests/frame_records: $(OUT)/tests/tools/kernel_classifier.o
$(TOOLS): $(OUT)/tests/%: $(OUT)/tests/tools/%.o $(SHARED)
	$(call say,LINK)
	$(Q)$(CC) $(BASE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

define build_bench
$(call say,BENCH)
@mkdir -p $(@D)
$(Q)$(CC) $(BASE) $(DEFINES) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $(filter %.c %.o,$^) $(LDLIBS)
endef

$(OUT)/bench/flush $(OUT)/bench/gaps: $(SHARED)
$(OUT)/bench/send: $(SENDER)
$(OUT)/bench/yardstick: $(OUT)/bench/yardstick.skel.h
$(OUT)/tests/bench/send/redirect.o: $(OUT)/bench/send.skel.h

$(OUT)/bench/%: tests/bench/%.c $(OUT)/flags
	$(build_bench)

$(OUT)/bench/%: tests/bench/bpf/%.c $(OUT)/flags
	$(build_bench)

$(OUT)/bench/yardstick.so: tests/bench/kore/yardstick.c $(OUT)/flags
	$(call say,BENCH)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -fPIC -shared $(WARNINGS) -Wno-missing-prototypes $(DEFINES) $(CPPFLAGS) $(CFLAGS) -o $@ $< -lsqlite3

FUZZ_SECONDS ?= 60
FUZZ_LENGTH := 8192
FUZZ_FLAGS := -std=c11 -pthread -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
$(FUZZ_OBJECTS): $(FUZZ_OUT)/%.o: %.c $(OUT)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) $(FUZZ_COVERAGE) $(DEFINES) $(CPPFLAGS) $(PAGE_FLAGS) -MMD -MP -c -o $@ $<
$(FUZZ_OBJECTS): | $(SKELETONS) $(SCHEMA) $(PAGE_GZIPPED)

$(FUZZERS): $(FUZZ_OUT)/%: tests/fuzz/%.c $(FUZZ_OBJECTS)
	$(call say,FUZZ)
	$(Q)$(CLANG) $(FUZZ_FLAGS) $(FUZZ_COVERAGE) -fsanitize=fuzzer $(DEFINES) $(CPPFLAGS) -o $@ $< $(FUZZ_OBJECTS) $(LDLIBS)
$(FUZZERS): tests/fuzz/folder.h tests/fuzz/sample.h

# The benchmarks that lean on headers of the program are built with the tests, so that they do not rot.
check-programs: all $(UNIT_TESTS) $(TOOLS) $(addprefix $(OUT)/bench/,send flush gaps $(if $(filter 1,$(BPF)),bpf_cost))

check: check-programs ## build and run every test (SANITIZE=1: under ASan and UBSan)
	$(Q)scripts/run-tests $(OUT)

bench: all $(BENCH) ## measure speed and memory against other readers, in one run
	$(Q)scripts/benchmark

soak: check-programs ## check for SOAK_SECONDS (default 300) that memory stays flat as flows come and go
	$(Q)SOAK_SECONDS=$${SOAK_SECONDS:-300} scripts/run-tests $(OUT) -k test_live_memory

fuzz: $(FUZZERS:%=%.run) ## run each fuzzer for FUZZ_SECONDS (default 60); -j runs several at a time
$(FUZZERS:%=%.run): %.run: %
	@mkdir -p $<.corpus
	$(call say,RUN)
	$(Q)LLVM_PROFILE_FILE=$<.profraw $< -artifact_prefix=$(FUZZ_OUT)/ -max_total_time=$(FUZZ_SECONDS) \
		-max_len=$(FUZZ_LENGTH) -verbosity=0 -timeout=60 \
		$(addprefix -dict=,$(wildcard tests/fuzz/$(*F).dict)) $<.corpus $(wildcard tests/fuzz/$(*F).seeds)
$(FUZZ_OUT)/fuzz_tracker.run $(FUZZ_OUT)/fuzz_compare.run: FUZZ_LENGTH := 1024 # many frames in few octets
$(FUZZ_OUT)/fuzz_follow.run $(FUZZ_OUT)/fuzz_interleave.run $(FUZZ_OUT)/fuzz_ahead.run: FUZZ_LENGTH := 256 # steps that take time

fuzz-coverage: ## fuzz, and say how many lines of include/ and user/ were reached
	$(Q)$(MAKE) FUZZ_OUT=build/fuzz-coverage FUZZ_COVERAGE="-fprofile-instr-generate -fcoverage-mapping" fuzz
	$(Q)scripts/fuzz-coverage build/fuzz-coverage

C_FILES = $(shell find bpf include user tests -name '*.[ch]')
fmt: ## format the C code
	$(Q)clang-format -i $(C_FILES)
fmt-check: ## fail when `make fmt` would change something
	$(Q)clang-format --dry-run --Werror $(C_FILES)

vmlinux: ## remake vmlinux/vmlinux.h from the running kernel
	$(Q)$(BPFTOOL) btf dump file /sys/kernel/btf/vmlinux format c > vmlinux/vmlinux.h

# What is installed: mode|place below PREFIX|file. Units name the program, so they depend on PREFIX.
UNITS     := $(wildcard user/system/*.service)
INSTALLED := 755|bin/gapwatch|$(OUT)/gapwatch \
	$(foreach page,$(MANUAL),644|share/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page))|$(page)) \
	644|share/gapwatch/grafana-fleet.json|user/ship/grafana.json \
	644|share/bash-completion/completions/gapwatch|$(OUT)/generated/system/completion/gapwatch.bash \
	644|share/zsh/site-functions/_gapwatch|$(OUT)/generated/system/completion/_gapwatch \
	644|lib/sysusers.d/gapwatch.conf|user/system/sysusers.conf \
	644|lib/tmpfiles.d/gapwatch.conf|user/system/tmpfiles.conf \
	$(foreach unit,$(UNITS),644|lib/systemd/system/$(notdir $(unit))|$(OUT)/units/$(notdir $(unit)))
ifeq ($(API),1)
INSTALLED += 644|lib/gapwatch/gapwatch_api.so|$(MODULE) \
	$(foreach file,$(MONITORING),644|share/gapwatch/$(notdir $(file))|$(file))
endif
split = $(subst |, ,$(1))

define install_one
install -D -m $(word 1,$(split)) $(word 3,$(split)) "$(DESTDIR)$(PREFIX)/$(word 2,$(split))"

endef
define uninstall_one
rm -f "$(DESTDIR)$(PREFIX)/$(word 2,$(split))"

endef

units: $(UNITS)
	@mkdir -p $(OUT)/units
	$(Q)for unit in $^; do sed 's|@PREFIX@|$(PREFIX)|' $$unit > $(OUT)/units/$${unit##*/}; done

install: all units ## install into $(DESTDIR)$(PREFIX)
	$(foreach one,$(INSTALLED),$(call install_one,$(one)))

uninstall: ## remove what `make install` installed
	$(foreach one,$(INSTALLED),$(call uninstall_one,$(one)))
	-rmdir "$(DESTDIR)$(PREFIX)/lib/gapwatch" "$(DESTDIR)$(PREFIX)/share/gapwatch" 2>/dev/null

clean: ## remove everything that was built
	rm -rf build/*

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 16
	@echo 'Variables: BPF=0 API=0 SHIP=0 SANITIZE=1 WERROR=1 V=1 PREFIX= DESTDIR='

-include $(shell find build -path build/roots -prune -o -name '*.d' -type f -print 2>/dev/null)
