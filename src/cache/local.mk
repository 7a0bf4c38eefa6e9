# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "cache", one a line: src/cache/NAME.c and private headers src/cache/NAME.h.
noinst_LIBRARIES += libpail_cache.a
libpail_cache_a_SOURCES = \
	src/cache/block.c \
	src/cache/blocks.c \
	src/cache/fetch.c \
	src/cache/order.c \
	src/cache/pool.c \
	src/cache/private.h \
	src/cache/table.c

# Contracts of the layer, one a line: include/pail/cache/NAME.h.
noinst_HEADERS += \
	include/pail/cache/blocks.h \
	include/pail/cache/pool.h
