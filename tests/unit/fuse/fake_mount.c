/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_mount.h"

#include <poll.h>

#include "../support/test.h"
#include "pail/util/str.h"

struct fake fake;

struct pail_mount {
        char unused;
};
struct pail_handle {
        char unused;
};
struct pail_mount_dir {
        char unused;
};

static struct pail_mount mount_;
static struct pail_handle handle_;
static struct pail_mount_dir dir_;

struct pail_mount *fake_mount(void)
{
        return &mount_;
}

struct pail_handle *fake_handle(void)
{
        return &handle_;
}

static int note_call(const char *call, uint64_t node, const char *name)
{
        fake.last = call;
        fake.calls++;
        fake.node = node;
        pail_str_copy(fake.name, sizeof(fake.name), name ? name : "");
        int r = fake.meanwhile ? fake.meanwhile() : 0;
        return r < 0 ? r : fake.r;
}

static int note_mount_call(const struct pail_mount *mount, const char *call, uint64_t node, const char *name)
{
        assert_ptr_equal(mount, &mount_);
        return note_call(call, node, name);
}

static int note_new(int r, const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        fake.caller = *caller;
        if (r == 0)
                *ret_entry = fake.entry;
        return r;
}

int pail_mount_lookup(struct pail_mount *mount, uint64_t parent, const char *name, struct pail_fs_entry *ret_entry)
{
        int r = note_mount_call(mount, "lookup", parent, name);
        if (r == 0)
                *ret_entry = fake.entry;
        return r;
}

void pail_mount_forget(struct pail_mount *mount, uint64_t node, uint64_t lookups)
{
        assert_ptr_equal(mount, &mount_);
        if (fake.forgets == FAKE_FORGETS_MAX)
                abort();
        fake.forgotten[fake.forgets].node = node;
        fake.forgotten[fake.forgets++].lookups = lookups;
}

int pail_mount_getattr(struct pail_mount *mount, uint64_t node, struct pail_handle *handle, struct stat *ret_attributes,
                       int64_t *ret_ttl_ms)
{
        int r = note_mount_call(mount, "getattr", node, NULL);
        fake.handle = handle;
        if (r < 0)
                return r;
        *ret_attributes = fake.attributes;
        *ret_ttl_ms = fake.ttl_ms;
        return 0;
}

int pail_mount_setattr(struct pail_mount *mount, uint64_t node, struct pail_handle *handle,
                       const struct stat *attributes, unsigned set, struct stat *ret_attributes, int64_t *ret_ttl_ms)
{
        int r = pail_mount_getattr(mount, node, handle, ret_attributes, ret_ttl_ms);
        fake.last = "setattr";
        fake.given = *attributes;
        fake.set = set;
        return r;
}

int pail_mount_readlink(struct pail_mount *mount, uint64_t node, char **ret_target)
{
        int r = note_mount_call(mount, "readlink", node, NULL);
        return r < 0 ? r : pail_str_dup(fake.target, ret_target);
}

int pail_mount_symlink(struct pail_mount *mount, uint64_t parent, const char *name, const char *target,
                       const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        pail_str_copy(fake.new_name, sizeof(fake.new_name), target);
        return note_new(note_mount_call(mount, "symlink", parent, name), caller, ret_entry);
}

int pail_mount_mknod(struct pail_mount *mount, uint64_t parent, const char *name, mode_t mode, dev_t device,
                     const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        fake.mode = mode;
        fake.device = device;
        return note_new(note_mount_call(mount, "mknod", parent, name), caller, ret_entry);
}

int pail_mount_mkdir(struct pail_mount *mount, uint64_t parent, const char *name, mode_t mode,
                     const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        fake.mode = mode;
        return note_new(note_mount_call(mount, "mkdir", parent, name), caller, ret_entry);
}

int pail_mount_unlink(struct pail_mount *mount, uint64_t parent, const char *name)
{
        return note_mount_call(mount, "unlink", parent, name);
}

int pail_mount_rmdir(struct pail_mount *mount, uint64_t parent, const char *name)
{
        return note_mount_call(mount, "rmdir", parent, name);
}

int pail_mount_rename(struct pail_mount *mount, uint64_t parent, const char *name, uint64_t new_parent,
                      const char *new_name, unsigned flags)
{
        fake.new_parent = new_parent;
        fake.flags = (int)flags;
        pail_str_copy(fake.new_name, sizeof(fake.new_name), new_name);
        return note_mount_call(mount, "rename", parent, name);
}

static int note_open(int r, int flags, const struct pail_fs_caller *caller, struct pail_handle **ret_handle)
{
        fake.flags = flags;
        fake.caller = *caller;
        if (r < 0)
                return r;
        fake.opens++;
        *ret_handle = &handle_;
        return 0;
}

int pail_mount_open(struct pail_mount *mount, uint64_t node, int flags, const struct pail_fs_caller *caller,
                    struct pail_handle **ret_handle, bool *ret_keep_cache)
{
        int r = note_open(note_mount_call(mount, "open", node, NULL), flags, caller, ret_handle);
        if (r == 0)
                *ret_keep_cache = fake.keep_cache;
        return r;
}

int pail_mount_create(struct pail_mount *mount, uint64_t parent, const char *name, mode_t mode, int flags,
                      const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry,
                      struct pail_handle **ret_handle)
{
        fake.mode = mode;
        int r = note_open(note_mount_call(mount, "create", parent, name), flags, caller, ret_handle);
        if (r == 0)
                *ret_entry = fake.entry;
        return r;
}

int pail_mount_statfs(struct pail_mount *mount, struct statvfs *ret_statistics)
{
        int r = note_mount_call(mount, "statfs", 0, NULL);
        if (r == 0)
                *ret_statistics = fake.statistics;
        return r;
}

int pail_mount_read(struct pail_handle *handle, size_t size, uint64_t offset, struct pail_content_result *ret_result)
{
        fake.handle = handle;
        fake.size = size;
        fake.offset = offset;
        int r = note_call("read", 0, NULL);
        if (r < 0)
                return r;
        *ret_result = (struct pail_content_result){ 0 };
        for (unsigned i = 0; i < FAKE_PARTS && fake.part[i]; i++) {
                ret_result->iov[i].iov_base = (void *)(uintptr_t)fake.part[i];
                ret_result->iov[i].iov_len = strlen(fake.part[i]);
                ret_result->count++;
        }
        fake.lent++;
        return 0;
}

void pail_mount_read_done(struct pail_content_result *result)
{
        *result = (struct pail_content_result){ 0 };
        fake.taken_back++;
}

int pail_mount_write(struct pail_handle *handle, const void *data, size_t size, uint64_t offset)
{
        fake.handle = handle;
        fake.size = size;
        fake.offset = offset;
        memcpy(fake.data, data, size < sizeof(fake.data) ? size : sizeof(fake.data));
        return note_call("write", 0, NULL);
}

int pail_mount_flush(struct pail_handle *handle, const struct pail_fs_caller *caller)
{
        fake.handle = handle;
        fake.caller = *caller;
        return note_call("flush", 0, NULL);
}

int pail_mount_fsync(struct pail_handle *handle)
{
        fake.handle = handle;
        return note_call("fsync", 0, NULL);
}

void pail_mount_release(struct pail_handle *handle)
{
        struct pollfd answer = { .fd = fake.answer_fd, .events = POLLIN };
        assert_ptr_equal(handle, &handle_);
        fake.releases++;
        fake.was_answered_before_release = fake.answer_fd > 0 && poll(&answer, 1, 0) == 1;
}

int pail_mount_opendir(struct pail_mount *mount, uint64_t node, struct pail_mount_dir **ret_dir)
{
        int r = note_mount_call(mount, "opendir", node, NULL);
        if (r < 0)
                return r;
        fake.dir_opens++;
        *ret_dir = &dir_;
        return 0;
}

int pail_mount_readdir(struct pail_mount_dir *dir, uint64_t offset, bool plus, pail_fs_emit *emit, void *context)
{
        assert_ptr_equal(dir, &dir_);
        fake.offset = offset;
        fake.plus = plus;
        int r = note_call("readdir", 0, NULL);
        for (uint64_t i = offset; r == 0 && fake.names[i].name; i++)
                if (emit(context, fake.names[i].name, &fake.names[i].entry, i + 1))
                        return 0;
        return r < 0 ? r : fake.end_of_names;
}

void pail_mount_releasedir(struct pail_mount_dir *dir)
{
        assert_ptr_equal(dir, &dir_);
        fake.dir_releases++;
}
