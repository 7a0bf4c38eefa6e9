# SPDX-License-Identifier: Apache-2.0
# The simulation: the code of the lower layers on fibres of one thread, in an order that a seed decides (docs/internals/simulation.md).
# locks.c, threads.c and clocks.c define what src/util's mutex.c, thread.c, clock.c and random.c define, and come before the archive: so the
# linker does not look for those there. tests/sim/check-seam sees to it.
check_PROGRAMS += tests/sim/run
tests_sim_run_SOURCES = \
	tests/sim/batch.c \
	tests/sim/batch.h \
	tests/sim/clocks.c \
	tests/sim/context.c \
	tests/sim/context.h \
	tests/sim/locks.c \
	tests/sim/locks.h \
	tests/sim/kernel/directories.c \
	tests/sim/kernel/files.c \
	tests/sim/kernel/kernel.h \
	tests/sim/kernel/names.c \
	tests/sim/kernel/private.h \
	tests/sim/main.c \
	tests/sim/model/calls.c \
	tests/sim/model/kept.c \
	tests/sim/model/model.c \
	tests/sim/model/model.h \
	tests/sim/model/names.c \
	tests/sim/model/private.h \
	tests/sim/model/versions.c \
	tests/sim/remote/async.c \
	tests/sim/remote/lists.c \
	tests/sim/remote/memory.c \
	tests/sim/remote/memory.h \
	tests/sim/remote/private.h \
	tests/sim/remote/store.c \
	tests/sim/remote/store.h \
	tests/sim/remote/uploads.c \
	tests/sim/report.c \
	tests/sim/report.h \
	tests/sim/rng.h \
	tests/sim/schedule.c \
	tests/sim/schedule.h \
	tests/sim/shrink.c \
	tests/sim/shrink.h \
	tests/sim/sim.c \
	tests/sim/sim.h \
	tests/sim/tape.c \
	tests/sim/tape.h \
	tests/sim/threads.c \
	tests/sim/scenarios/blocks.c \
	tests/sim/scenarios/crash.c \
	tests/sim/scenarios/interrupt.c \
	tests/sim/scenarios/planted.c \
	tests/sim/scenarios/pool.c \
	tests/sim/scenarios/scenarios.h \
	tests/sim/scenarios/source.c \
	tests/sim/scenarios/source.h \
	tests/sim/scenarios/table.c \
	tests/sim/scenarios/volume/acts_files.c \
	tests/sim/scenarios/volume/acts_names.c \
	tests/sim/scenarios/volume/programs.c \
	tests/sim/scenarios/volume/slow_move.c \
	tests/sim/scenarios/volume/trouble.c \
	tests/sim/scenarios/volume/volume.c \
	tests/sim/scenarios/volume/world.c \
	tests/sim/scenarios/volume/world.h \
	tests/sim/scenarios/workpool.c
tests_sim_run_LDFLAGS = $(AM_LDFLAGS) -Wl,-Map=tests/sim/run.map
tests_sim_run_LDADD = libpail_fs.a libpail_cache.a libpail_store.a libpail_util.a $(OTHER_LIBS)
CLEANFILES += tests/sim/run.map tests/sim/*.replay

sim_checks = tests/sim/check-seam tests/sim/check-planted tests/sim/check-known tests/sim/check-run
TESTS += $(sim_checks)
EXTRA_DIST += $(sim_checks) tests/sim/known

# Longer, and somewhere else each time: make check-sim SIM_SECONDS=60 SIM_SEED=random
check-sim:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(sim_checks)'
check-sim-long:
	SIM_SECONDS=$${SIM_SECONDS:-3600} SIM_SEED=$${SIM_SEED:-random} $(MAKE) $(AM_MAKEFLAGS) check-sim
.PHONY: check-sim check-sim-long
