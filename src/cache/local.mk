# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "cache", one a line: src/cache/memory/NAME.c and private headers src/cache/memory/NAME.h.
noinst_LIBRARIES += libpail_cache.a
libpail_cache_a_SOURCES = \
	src/cache/memory/block.c \
	src/cache/memory/blocks.c \
	src/cache/memory/fetch.c \
	src/cache/memory/order.c \
	src/cache/memory/pool.c \
	src/cache/memory/private.h \
	src/cache/memory/table.c

# Contracts of the layer, one a line: include/pail/cache/NAME.h.
noinst_HEADERS += \
	include/pail/cache/blocks.h \
	include/pail/cache/pool.h
