/* SPDX-License-Identifier: Apache-2.0 */
/* Another client of the bucket, and what befalls callers and kernels. */
#include <string.h>

#include "world.h"

enum { SIGNAL_MS = 2500, TROUBLE_MS = 2000 };

void others_put(struct world *world, const char *key)
{
        static const struct pail_remote_attributes none = { 0 };
        char bytes[WORLD_SIZE_MAX];
        size_t size = world->plan->puts_empty && pail_sim_choose(world->sim, 2) == 0
                              ? 0
                              : pail_sim_choose(world->sim, WORLD_SIZE_MAX);

        memset(bytes, model_next_id(&world->model), sizeof(bytes));
        (void)store_write(&world->model.store, &(struct store_change){ .key = key,
                                                                       .bytes = bytes,
                                                                       .size_bytes = size,
                                                                       .attributes = &none,
                                                                       .author = STORE_OTHERS,
                                                                       .act = STORE_PUT });
}

static void others_chmod(struct world *world, const char *key)
{
        struct store_version *version = store_current(&world->model.store, key);
        struct pail_remote_attributes attributes;

        if (!version)
                return;
        attributes = version->attributes;
        attributes.present |= PAIL_REMOTE_MODE;
        attributes.mode = S_IFREG | 0600;
        (void)store_write(&world->model.store, &(struct store_change){ .key = key,
                                                                       .bytes = version->bytes,
                                                                       .size_bytes = version->size_bytes,
                                                                       .attributes = &attributes,
                                                                       .extra = version->extra,
                                                                       .author = STORE_OTHERS,
                                                                       .act = STORE_COPY,
                                                                       .source = version });
}

void others_work(struct pail_sim_caller *caller)
{
        struct world *world = caller->context;

        for (unsigned left = pail_sim_choose(world->sim, 5); left > 0; left--) {
                const char *key = world_choose_path(world);

                pail_sim_dawdle(world->sim, 2000);
                switch (pail_sim_choose(world->sim, 5)) {
                case 3:
                        (void)store_remove(&world->model.store, key, STORE_OTHERS);
                        break;
                case 4:
                        others_chmod(world, key);
                        break;
                default:
                        others_put(world, key);
                }
        }
}

static struct kernel_process *any_process(struct world *world)
{
        return &world->programs[pail_sim_choose(world->sim, world->program_count)].process;
}

/* As fuse/call.c has it, a signal counts once it has been pending for two seconds; then it is there until the call ends. */
static void send_signal(struct world *world)
{
        struct kernel_process *process = any_process(world);

        process->has_signal = true;
        pail_sim_sleep(1 + pail_sim_choose(world->sim, SIGNAL_MS));
        process->has_signal = false;
}

void make_trouble(struct pail_sim_caller *caller)
{
        struct world *world = caller->context;

        while (!world->is_over) {
                pail_sim_sleep(1 + pail_sim_choose(caller->sim,
                                                   world->plan->trouble_ms ? world->plan->trouble_ms : TROUBLE_MS));
                for (unsigned i = 0; i < world->mount_count && pail_sim_chance(caller->sim, 2); i++)
                        kernel_shrink(world->mounts[i].kernel);
                if (world_has(world, TROUBLE_KILLS) && pail_sim_chance(caller->sim, 2))
                        any_process(world)->is_killed = true;
                if (world_has(world, TROUBLE_SIGNALS) && pail_sim_chance(caller->sim, 2))
                        send_signal(world);
                if (world_has(world, TROUBLE_RIGHTS))
                        world->model.weather.refused = pail_sim_choose(caller->sim, 2) ? MEMORY_REMOVE : 0;
        }
}
