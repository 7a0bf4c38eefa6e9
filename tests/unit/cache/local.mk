# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/cache/memory/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_cache_memory_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/cache/memory/test_arena \
	tests/unit/cache/memory/test_blocks \
	tests/unit/cache/memory/test_concurrent \
	tests/unit/cache/memory/test_eviction \
	tests/unit/cache/memory/test_pool \
	tests/unit/cache/memory/test_table

cache_memory_test_source = tests/unit/cache/memory/source.c tests/unit/cache/memory/source.h
tests_unit_cache_memory_test_blocks_SOURCES = tests/unit/cache/memory/test_blocks.c $(cache_memory_test_source)
tests_unit_cache_memory_test_blocks_LDFLAGS = $(test_alloc_ldflags)
tests_unit_cache_memory_test_concurrent_SOURCES = tests/unit/cache/memory/test_concurrent.c $(cache_memory_test_source)
tests_unit_cache_memory_test_eviction_SOURCES = tests/unit/cache/memory/test_eviction.c $(cache_memory_test_source)
tests_unit_cache_memory_test_pool_SOURCES = tests/unit/cache/memory/test_pool.c $(cache_memory_test_source)
tests_unit_cache_memory_test_pool_LDFLAGS = $(test_alloc_ldflags)

EXTRA_DIST +=
