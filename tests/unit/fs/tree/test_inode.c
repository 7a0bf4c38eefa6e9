/* SPDX-License-Identifier: Apache-2.0 */
/* Names, keys and the life of inodes. Nothing here asks S3: the file system is its tree alone. */
#include "fs/tree/inode.h"

#include "pail/util/cleanup.h"
#include "pail/util/mutex.h"

#include "../../support/alloc.h"
#include "../../support/test.h"

static struct pail_fs fs;
static struct pail_inode *root;

static int setup(void **state)
{
        (void)state;
        memset(&fs, 0, sizeof(fs));
        fs.options.prefix = "p/";
        fs.options.ttl_ms = 1000;
        pail_mutex_init(&fs.tree.mutex);
        pail_mutex_lock(&fs.tree.mutex);
        root = fs.tree.root = pail_inode_new_locked(&fs, NULL, "", true, 0);
        return root ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        pail_inode_free_tree(&fs);
        pail_mutex_unlock(&fs.tree.mutex);
        pail_mutex_done(&fs.tree.mutex);
        return 0;
}

static struct pail_inode *add(struct pail_inode *parent, const char *name, bool is_directory)
{
        struct pail_inode *inode = pail_inode_new_locked(&fs, parent, name, is_directory, 0);
        assert_non_null(inode);
        return inode;
}

/* As a lookup of the kernel. */
static uint64_t look_up(struct pail_inode *inode)
{
        struct pail_fs_entry entry = { 0 };
        pail_inode_entry_locked(&fs, inode, &entry);
        assert_int_equal(entry.node_id, inode->id);
        return entry.node_id;
}

static bool is_alive(uint64_t id)
{
        return pail_inode_by_id_locked(&fs, id) != NULL;
}

static void assert_key(const struct pail_inode *inode, const char *expected)
{
        _cleanup_free_ char *key = NULL;
        assert_int_equal(pail_inode_key_locked(&fs, inode, &key), 0);
        assert_string_equal(key, expected);
}

static void test_keys(void **state)
{
        (void)state;
        struct pail_inode *directory = add(root, "d", true), *file = add(directory, "f", false);
        _cleanup_free_ char *of_file = NULL, *of_directory = NULL, *none = NULL;
        assert_key(root, "p/");
        assert_key(directory, "p/d/");
        assert_key(file, "p/d/f");
        assert_int_equal(pail_inode_child_key_locked(&fs, directory, "x", false, &of_file), 0);
        assert_string_equal(of_file, "p/d/x");
        assert_int_equal(pail_inode_child_key_locked(&fs, directory, "x", true, &of_directory), 0);
        assert_string_equal(of_directory, "p/d/x/");
        look_up(directory);
        look_up(file);
        pail_inode_detach_locked(&fs, directory);
        assert_int_equal(pail_inode_key_locked(&fs, directory, &none), -ENOENT);
        assert_int_equal(pail_inode_key_locked(&fs, file, &none), -ENOENT);
}

/* 1024 bytes, the slash of a directory included; the root of a whole bucket has no key. */
static void test_longest_keys(void **state)
{
        (void)state;
        char name[256];
        struct pail_inode *at = root;
        memset(name, 'n', 255);
        name[255] = 0;
        for (int i = 0; i < 3; i++)
                at = add(at, name, true);
        name[254] = 0; /* 2 + 3 * 256 + 254 = 1024 */
        _cleanup_free_ char *key = NULL, *too_long = NULL;
        assert_int_equal(pail_inode_child_key_locked(&fs, at, name, false, &key), 0);
        assert_int_equal(strlen(key), PAIL_REMOTE_KEY_MAX);
        assert_int_equal(pail_inode_child_key_locked(&fs, at, name, true, &too_long), -ENAMETOOLONG);
        struct pail_inode *file = add(at, name, false);
        assert_key(file, key);
        name[254] = 'n';
        name[255] = 0;
        assert_int_equal(pail_inode_child_key_locked(&fs, at, name, false, &too_long), -ENAMETOOLONG);
        fs.options.prefix = "";
        assert_key(root, "");
}

static void test_names(void **state)
{
        (void)state;
        struct pail_inode *a = add(root, "a", true), *b = add(root, "b", false);
        assert_ptr_equal(pail_inode_child_locked(&fs, root, "a"), a);
        assert_ptr_equal(pail_inode_child_locked(&fs, root, "b"), b);
        assert_null(pail_inode_child_locked(&fs, root, "c"));
        assert_null(pail_inode_child_locked(&fs, root, ""));
        assert_int_equal(pail_inode_move_locked(&fs, b, a, "c"), 0);
        assert_null(pail_inode_child_locked(&fs, root, "b"));
        assert_ptr_equal(pail_inode_child_locked(&fs, a, "c"), b);
        assert_key(b, "p/a/c");
        assert_int_equal(pail_inode_move_locked(&fs, a, root, "z"), 0);
        assert_key(b, "p/z/c"); /* keys follow the names above */

        test_alloc_fail_at(1);
        int r = pail_inode_move_locked(&fs, b, root, "y");
        test_alloc_fail_at(0);
        assert_int_equal(r, -ENOMEM);
        assert_key(b, "p/z/c");
}

static void test_ids_are_never_used_twice(void **state)
{
        (void)state;
        struct pail_inode *inode = add(root, "a", false);
        uint64_t id = inode->id, ino = inode->ino;
        pail_inode_detach_locked(&fs, inode);
        assert_false(is_alive(id));
        inode = pail_inode_new_locked(&fs, root, "a", false, ino);
        assert_true(inode->id > id);
        assert_int_equal(inode->ino, ino); /* st_ino is that of the name's first version */
}

static void test_lookups_and_references_keep(void **state)
{
        (void)state;
        struct pail_inode *inode = add(root, "a", false);
        uint64_t id = look_up(inode);
        look_up(inode);
        pail_inode_ref_locked(&fs, inode);
        pail_inode_detach_locked(&fs, inode);
        pail_inode_detach_locked(&fs, inode); /* twice is once */
        assert_null(pail_inode_child_locked(&fs, root, "a"));
        pail_inode_forget_locked(&fs, inode, 1);
        assert_true(is_alive(id));
        pail_inode_forget_locked(&fs, inode, 1);
        assert_true(is_alive(id));
        pail_inode_unref_locked(&fs, inode);
        assert_false(is_alive(id));

        inode = add(root, "b", false);
        id = look_up(inode);
        pail_inode_forget_locked(&fs, inode, 5); /* more than it has: the kernel's mistake, not ours */
        assert_true(is_alive(id));               /* as the cache of a listing */
        pail_inode_detach_locked(&fs, inode);
        assert_false(is_alive(id));
        pail_inode_detach_locked(&fs, root);
        assert_true(is_alive(root->id));
}

static void test_forgotten_directory_drops_its_names(void **state)
{
        (void)state;
        struct pail_inode *directory = add(root, "d", true), *below = add(directory, "e", true);
        uint64_t ids[] = { add(directory, "f", false)->id, add(below, "g", false)->id, below->id };
        struct pail_inode *local = add(directory, "unsent", false);
        local->is_local = true;
        uint64_t id = look_up(directory);
        pail_inode_forget_locked(&fs, directory, 1);
        for (size_t i = 0; i < TEST_COUNT(ids); i++)
                assert_false(is_alive(ids[i]));
        assert_true(is_alive(local->id)); /* the only place where it is */
        assert_true(is_alive(id));
        look_up(root);
        add(root, "h", false);
        pail_inode_forget_locked(&fs, root, 1);
        assert_non_null(pail_inode_child_locked(&fs, root, "h"));
}

/* Removed while the kernel knows what is below; then it forgets, from the leaves upwards. */
static void test_detached_tree_is_forgotten(void **state)
{
        (void)state;
        struct pail_inode *top = add(root, "top", true), *middle = add(top, "middle", true),
                          *leaf = add(middle, "leaf", false);
        uint64_t ids[] = { look_up(leaf), look_up(middle), look_up(top) };
        pail_inode_detach_locked(&fs, top);
        for (size_t i = 0; i < TEST_COUNT(ids); i++) {
                struct pail_inode *inode = pail_inode_by_id_locked(&fs, ids[i]);
                assert_non_null(inode);
                pail_inode_forget_locked(&fs, inode, 1);
        }
        for (size_t i = 0; i < TEST_COUNT(ids); i++)
                assert_false(is_alive(ids[i]));
}

static void test_detached_directory_with_cached_names(void **state)
{
        (void)state;
        struct pail_inode *directory = add(root, "d", true);
        uint64_t ids[] = { directory->id, add(directory, "a", false)->id, add(directory, "b", true)->id };
        pail_inode_detach_locked(&fs, directory); /* nobody has any of them */
        for (size_t i = 0; i < TEST_COUNT(ids); i++)
                assert_false(is_alive(ids[i]));
}

static void test_locks_move_with_the_inode(void **state)
{
        (void)state;
        struct pail_inode *a = add(root, "a", true), *b = add(root, "b", true), *file = add(a, "f", false);
        file->lock.held_below = a->lock.held_below = root->lock.held_below = 1;
        assert_int_equal(pail_inode_move_locked(&fs, file, b, "f"), 0);
        assert_int_equal(a->lock.held_below, 0);
        assert_int_equal(b->lock.held_below, 1);
        assert_int_equal(root->lock.held_below, 1);
        look_up(file);
        pail_inode_detach_locked(&fs, file);
        assert_int_equal(b->lock.held_below, 0);
        assert_int_equal(root->lock.held_below, 0);
        assert_int_equal(file->lock.held_below, 1);
}

static int make_nodes(void *context)
{
        (void)context;
        struct pail_inode *inode = pail_inode_new_locked(&fs, root, "memory", true, 0);
        _cleanup_free_ char *key = NULL;
        if (!inode)
                return -ENOMEM;
        int r = pail_inode_key_locked(&fs, inode, &key);
        pail_inode_detach_locked(&fs, inode);
        return r;
}

static void test_out_of_memory(void **state)
{
        (void)state;
        add(root, "first", false); /* the tables of uthash, which ends the program when it has no memory */
        assert_true(test_alloc_each(make_nodes, NULL) >= 3);
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                WITH_TREE(test_keys),
                WITH_TREE(test_longest_keys),
                WITH_TREE(test_names),
                WITH_TREE(test_ids_are_never_used_twice),
                WITH_TREE(test_lookups_and_references_keep),
                WITH_TREE(test_forgotten_directory_drops_its_names),
                WITH_TREE(test_detached_tree_is_forgotten),
                WITH_TREE(test_detached_directory_with_cached_names),
                WITH_TREE(test_locks_move_with_the_inode),
                WITH_TREE(test_out_of_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
