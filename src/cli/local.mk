# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "cli", one a line: src/cli/NAME.c and private headers src/cli/NAME.h.
noinst_LIBRARIES += libpail_cli.a
libpail_cli_a_SOURCES = \
	src/cli/accounts.c src/cli/accounts.h \
	src/cli/ask.c src/cli/ask.h \
	src/cli/buckets.c src/cli/buckets.h \
	src/cli/command_line.c src/cli/command_line.h \
	src/cli/connection.c src/cli/connection.h \
	src/cli/daemon.c src/cli/daemon.h \
	src/cli/explain.c src/cli/explain.h \
	src/cli/generic_options.c \
	src/cli/help.c \
	src/cli/memory.c src/cli/memory.h \
	src/cli/mountpoint.c src/cli/mountpoint.h \
	src/cli/option_check.c \
	src/cli/option_table.c \
	src/cli/option_value.c \
	src/cli/options.c src/cli/options.h \
	src/cli/pailctl/buckets.c \
	src/cli/pailctl/check.c src/cli/pailctl/check.h \
	src/cli/pailctl/check_access.c \
	src/cli/pailctl/check_checksum.c src/cli/pailctl/check_checksum.h \
	src/cli/pailctl/check_gather.c \
	src/cli/pailctl/check_write.c \
	src/cli/pailctl/command.c src/cli/pailctl/command.h \
	src/cli/pailctl/configure.c src/cli/pailctl/configure.h \
	src/cli/pailctl/configure_settings.c \
	src/cli/pailctl/configure_write.c \
	src/cli/pailctl/exchange.c src/cli/pailctl/exchange.h \
	src/cli/pailctl/report.c src/cli/pailctl/report.h \
	src/cli/pailctl/terminal.c src/cli/pailctl/terminal.h \
	src/cli/pailctl/text.c src/cli/pailctl/text.h \
	src/cli/parting.c src/cli/parting.h \
	src/cli/paths.c src/cli/paths.h \
	src/cli/prepare.c src/cli/prepare.h \
	src/cli/probe.c \
	src/cli/profiles.c src/cli/profiles.h \
	src/cli/proxy.c src/cli/proxy.h \
	src/cli/secrets.c src/cli/secrets.h \
	src/cli/serve.c src/cli/serve.h \
	src/cli/source.c src/cli/source.h \
	src/cli/state.c src/cli/state.h \
	src/cli/stopper.c src/cli/stopper.h \
	src/cli/suggest.c \
	src/cli/trace.c src/cli/trace.h \
	src/cli/umount.c src/cli/umount.h

bin_PROGRAMS += pail
pail_SOURCES = src/cli/main.c
pail_LDADD = $(PAIL_LIBS) $(OTHER_LIBS)

bin_PROGRAMS += pailctl
pailctl_SOURCES = src/cli/pailctl/main.c
pailctl_LDADD = $(pail_LDADD)

# mount(8) and umount(8) run these for "mount -t pail", "mount -t fuse.pail" and "umount".
# One program under several names.
mount_helpers = mount.pail mount.fuse.pail umount.pail umount.fuse.pail

install-exec-hook:
	$(MKDIR_P) '$(DESTDIR)$(mounthelperdir)'
	for name in $(mount_helpers); do \
	  ln -sf '$(bindir)/pail' '$(DESTDIR)$(mounthelperdir)'/$$name || exit 1; \
	done

uninstall-hook:
	for name in $(mount_helpers); do rm -f '$(DESTDIR)$(mounthelperdir)'/$$name; done
