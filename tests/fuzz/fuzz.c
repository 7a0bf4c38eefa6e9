/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

void fuzz_require(int condition, const char *what)
{
        if (condition)
                return;
        fprintf(stderr, "not so: %s\n", what);
        abort();
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *position)
{
        (void)status;
        (void)type;
        (void)position;
        return remove(path);
}

static void remove_folder(void)
{
        nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void)
{
        if (*folder)
                return folder;
        snprintf(folder, sizeof(folder), "%s/pail-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        fuzz_require(mkdtemp(folder) != NULL, "a temporary folder");
        atexit(remove_folder);
        return folder;
}

const char *fuzz_file(const char *name, const void *data, size_t size)
{
        static char path[4096];

        snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), name);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        fuzz_require(fd >= 0 && write(fd, data, size) == (ssize_t)size, "a temporary file");
        close(fd);
        return path;
}

char *fuzz_take_text(const uint8_t **data, size_t *size)
{
        const uint8_t *end = *size > 0 ? memmem(*data, *size, "\n%%\n", 4) : NULL;
        size_t length = end ? (size_t)(end - *data) : *size;
        char *text = malloc(length + 1);

        fuzz_require(text != NULL, "memory");
        if (length > 0)
                memcpy(text, *data, length);
        text[length] = '\0';
        length += end ? 4 : 0;
        *data += length;
        *size -= length;
        return text;
}
