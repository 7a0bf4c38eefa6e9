# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "cache", one a line: src/cache/memory/NAME.c and private headers src/cache/memory/NAME.h.
noinst_LIBRARIES += libpail_cache.a
libpail_cache_a_SOURCES = \
	src/cache/memory/arena.c \
	src/cache/memory/arena.h \
	src/cache/memory/block.h \
	src/cache/memory/block_list.c \
	src/cache/memory/block_list.h \
	src/cache/memory/blocks.c \
	src/cache/memory/eviction.c \
	src/cache/memory/eviction.h \
	src/cache/memory/fetch.c \
	src/cache/memory/fetch.h \
	src/cache/memory/pin.c \
	src/cache/memory/pin.h \
	src/cache/memory/pool.c \
	src/cache/memory/pool.h \
	src/cache/memory/table.c \
	src/cache/memory/table.h

# Contracts of the layer, one a line: include/pail/cache/NAME.h.
noinst_HEADERS += \
	include/pail/cache/blocks.h \
	include/pail/cache/fetch.h \
	include/pail/cache/pool.h \
	include/pail/cache/view.h
