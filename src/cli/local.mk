# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "cli", one a line: src/cli/NAME.c and private headers src/cli/NAME.h.
noinst_LIBRARIES += libpail_cli.a
libpail_cli_a_SOURCES = \
	src/cli/ask.c src/cli/ask.h \
	src/cli/command_line.c src/cli/command_line.h \
	src/cli/generic_options.c src/cli/generic_options.h \
	src/cli/help.c src/cli/help.h \
	src/cli/mount_request.c src/cli/mount_request.h \
	src/cli/option_check.c src/cli/option_check.h \
	src/cli/option_suggest.c src/cli/option_suggest.h \
	src/cli/option_table.c src/cli/option_table.h \
	src/cli/option_value.c src/cli/option_value.h \
	src/cli/options.c src/cli/options.h \
	src/cli/pailctl/arguments.c src/cli/pailctl/arguments.h \
	src/cli/pailctl/buckets.c \
	src/cli/pailctl/check.c \
	src/cli/pailctl/check_access.c src/cli/pailctl/check_access.h \
	src/cli/pailctl/check_checksum.c src/cli/pailctl/check_checksum.h \
	src/cli/pailctl/check_facts.h \
	src/cli/pailctl/check_gather.c src/cli/pailctl/check_gather.h \
	src/cli/pailctl/check_write.c src/cli/pailctl/check_write.h \
	src/cli/pailctl/command.c src/cli/pailctl/command.h \
	src/cli/pailctl/configure.c \
	src/cli/pailctl/configure_settings.c src/cli/pailctl/configure_settings.h \
	src/cli/pailctl/configure_warn.c src/cli/pailctl/configure_warn.h \
	src/cli/pailctl/configure_write.c src/cli/pailctl/configure_write.h \
	src/cli/pailctl/cp.c \
	src/cli/pailctl/object.c src/cli/pailctl/object.h \
	src/cli/pailctl/presign.c \
	src/cli/pailctl/progress.c src/cli/pailctl/progress.h \
	src/cli/pailctl/report.c src/cli/pailctl/report.h \
	src/cli/pailctl/restore.c \
	src/cli/pailctl/tags.c \
	src/cli/pailctl/terminal.c src/cli/pailctl/terminal.h \
	src/cli/pailctl/text.c src/cli/pailctl/text.h \
	src/cli/pailctl/transfer.c src/cli/pailctl/transfer.h \
	src/cli/pailctl/versions.c \
	src/cli/source.c src/cli/source.h \
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
