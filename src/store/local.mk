# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "store", one a line: src/store/NAME.c and private headers src/store/NAME.h.
noinst_LIBRARIES += libpail_store.a
libpail_store_a_SOURCES = \
	src/store/spool.c \
	src/store/spool.h \
	src/store/spool_file.c \
	src/store/state_directory.c

# Contracts of the layer, one a line: include/pail/store/NAME.h.
noinst_HEADERS += \
	include/pail/store/spool.h \
	include/pail/store/spool_file.h \
	include/pail/store/state_directory.h
