/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the spool share: a directory for each test, and one spool in it. */
#ifndef PAIL_TESTS_UNIT_STORE_FIXTURE_H
#define PAIL_TESTS_UNIT_STORE_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pail/store/spool.h"
#include "pail/store/spool_file.h"

enum { TEXT_SIZE = 4096, KIB = 1024 };

#define SPOOL_DIRECTORY "state/spool"
#define LOST_DIRECTORY "state/lost+found"

/* The one that is open; NULL: none. */
extern struct pail_spool *spool;
extern struct pail_spool_budget *budget;

/* Of each test: a new directory, which is the current one meanwhile. */
int fixture_setup(void **state);
int fixture_teardown(void **state);
#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

/* Opens the spool; returns how many files it found left over. */
unsigned open_spool(uint64_t limit_bytes);
void close_spool(void);
struct pail_spool_file *new_file(const char *key);
/* Writes size times c. */
int fill(struct pail_spool_file *file, char c, size_t size, uint64_t offset);

void assert_bytes(int fd, char c, size_t size, off_t offset);
/* expected: "0-10 100-110", ends exclusive. */
void assert_present(const struct pail_spool_file *file, const char *expected);

/* How many there are; in ret_last the path of one of them. Hidden names do not count. */
unsigned count_spooled(void);
unsigned count_lost(char ret_last[static TEXT_SIZE]);
unsigned count_notes(char ret_last[static TEXT_SIZE]);

/* How far files may reach; 0: as far as before. A disk that is full at a chosen byte, on every machine. */
void limit_file_size(uint64_t bytes);

#endif
