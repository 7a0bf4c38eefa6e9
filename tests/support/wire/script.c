/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The language of scripts and of the control socket: one command a line, words separated by spaces, `#` begins a
 * comment line. README.md in this directory lists it. A rule matches requests by globs and picks among them by number
 * and chance; every rule counts every request that it matches, and the first rule that is due gives its fault.
 */
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

static const char *const action_names[] = {
        [ACTION_NONE] = "-",
        [ACTION_RESET_BEFORE] = "reset-before",
        [ACTION_RESET_AFTER] = "reset-after",
        [ACTION_RESET_UPLOAD] = "reset-upload",
        [ACTION_RESET_BODY] = "reset-body",
        [ACTION_TRUNCATE] = "truncate",
        [ACTION_OVERLONG] = "overlong",
        [ACTION_CORRUPT] = "corrupt",
        [ACTION_CORRUPT_UPLOAD] = "corrupt-upload",
        [ACTION_STALL_UPLOAD] = "stall-upload",
        [ACTION_STALL] = "stall",
        [ACTION_DELAY] = "delay",
        [ACTION_DELAY_AFTER] = "delay-after",
        [ACTION_HOLD] = "hold",
        [ACTION_HOLD_AFTER] = "hold-after",
        [ACTION_ANSWER] = "answer",
        [ACTION_ANSWER_AFTER] = "answer-after",
};

const char *action_name(enum action action)
{
        return action_names[action];
}

/* ---- words ---- */

static int parse_number(const char *text, double *ret_value)
{
        static const char units[] = "KMG";
        char *end;
        double value = strtod(text, &end);

        if (end == text || !(value >= 0 && value < 1e15))
                return -EINVAL;
        const char *unit = *end ? strchr(units, *end) : NULL;
        for (long i = unit ? unit - units : -1; i >= 0; i--)
                value *= 1024;
        if (*end && (!unit || end[1]))
                return -EINVAL;
        *ret_value = value;
        return 0;
}

static int copy_word(char *target, size_t size, const char *text)
{
        if (strlen(text) >= size)
                return -EINVAL;
        memcpy(target, text, strlen(text) + 1);
        return 0;
}

static int parse_action(const char *text, enum action *ret_action)
{
        for (size_t i = 1; i < sizeof action_names / sizeof action_names[0]; i++)
                if (strcmp(action_names[i], text) == 0) {
                        *ret_action = (enum action)i;
                        return 0;
                }
        return -EINVAL;
}

/* The next word of *rest, NULL after the last. */
static char *next_word(char **rest)
{
        char *word;
        do
                word = strsep(rest, " \t\r\n");
        while (word && !*word);
        return word;
}

/* ---- rules ---- */

static int set_number_of_rule(struct rule *rule, const char *key, double value)
{
        if (strcmp(key, "nth") == 0)
                rule->nth = (uint64_t)value;
        else if (strcmp(key, "every") == 0)
                rule->every = (uint64_t)value;
        else if (strcmp(key, "count") == 0)
                rule->count = (uint64_t)value;
        else if (strcmp(key, "probability") == 0)
                rule->probability = value;
        else if (strcmp(key, "at") == 0)
                rule->fault.at = (uint64_t)value;
        else if (strcmp(key, "ms") == 0)
                rule->fault.wait_us = (int64_t)(value * 1000);
        else if (strcmp(key, "status") == 0)
                rule->fault.status = (int)value;
        else
                return -EINVAL;
        return 0;
}

static int set_of_rule(struct rule *rule, const char *key, const char *text)
{
        double value;

        if (strcmp(key, "kind") == 0)
                return copy_word(rule->kind, sizeof rule->kind, text);
        if (strcmp(key, "path") == 0)
                return copy_word(rule->path, sizeof rule->path, text);
        if (strcmp(key, "query") == 0)
                return copy_word(rule->query, sizeof rule->query, text);
        if (strcmp(key, "code") == 0)
                return copy_word(rule->fault.code, sizeof rule->fault.code, text);
        if (strcmp(key, "action") == 0)
                return parse_action(text, &rule->fault.action);
        int r = parse_number(text, &value);
        return r < 0 ? r : set_number_of_rule(rule, key, value);
}

static bool rule_is_complete(const struct rule *rule)
{
        const struct fault *fault = &rule->fault;

        return fault->action != ACTION_NONE && rule->nth > 0 && rule->every > 0 && rule->probability <= 1 &&
               fault->status >= 200 && fault->status <= 599 &&
               (fault->action != ACTION_OVERLONG || fault->at <= WIRE_BUFFER_BYTES / 2);
}

static void run_rule(struct wire *wire, char *rest, FILE *reply)
{
        struct rule rule = { .kind = "*",
                             .nth = 1,
                             .every = 1,
                             .count = 1,
                             .probability = 1,
                             .fault = { .status = 503, .code = "SlowDown" } };

        for (char *word; (word = next_word(&rest));) {
                char *value = strchr(word, '=');
                if (value)
                        *value++ = '\0';
                if (!value || set_of_rule(&rule, word, value) < 0) {
                        fprintf(reply, "error cannot understand %s of a rule\n", word);
                        return;
                }
        }
        if (!rule_is_complete(&rule) || wire->rule_count == WIRE_MAX_RULES) {
                fprintf(reply, "error %s\n", rule_is_complete(&rule) ? "too many rules" : "incomplete rule");
                return;
        }
        rule.fault.rule = ++wire->next_rule;
        rule.fault.given = rule.fault.action;
        wire->rules[wire->rule_count++] = rule;
        fprintf(reply, "ok %u\n", rule.fault.rule);
}

static struct rule *find_rule(struct wire *wire, unsigned id)
{
        for (unsigned i = 0; i < wire->rule_count; i++)
                if (wire->rules[i].fault.rule == id)
                        return &wire->rules[i];
        return NULL;
}

static bool glob_matches(const char *glob, const char *text)
{
        return *glob == '\0' || fnmatch(glob, text, 0) == 0;
}

static bool is_due(struct wire *wire, struct rule *rule)
{
        rule->seen++;
        if (rule->seen < rule->nth || (rule->seen - rule->nth) % rule->every != 0 ||
            (rule->count > 0 && rule->given >= rule->count))
                return false;
        return rule->probability >= 1 || ldexp((double)(shaping_random(wire) >> 11), -53) < rule->probability;
}

struct fault script_choose(struct wire *wire, const struct request *request)
{
        struct fault fault = { 0 };

        for (unsigned i = 0; i < wire->rule_count; i++) {
                struct rule *rule = &wire->rules[i];
                if (!glob_matches(rule->kind, request->kind) || !glob_matches(rule->path, request->path) ||
                    !glob_matches(rule->query, request->query))
                        continue;
                if (!is_due(wire, rule) || fault.rule > 0)
                        continue;
                rule->given++;
                fault = rule->fault;
        }
        return fault;
}

void script_fired(struct wire *wire, const struct fault *fault)
{
        struct rule *rule = find_rule(wire, fault->rule);
        if (rule)
                rule->fired++;
        control_check_waits(wire);
}

static void run_rules(const struct wire *wire, FILE *reply)
{
        for (unsigned i = 0; i < wire->rule_count; i++) {
                const struct rule *rule = &wire->rules[i];
                fprintf(reply, "%u %s %s seen=%llu given=%llu fired=%llu\n", rule->fault.rule, rule->kind,
                        action_name(rule->fault.action), (unsigned long long)rule->seen,
                        (unsigned long long)rule->given, (unsigned long long)rule->fired);
        }
        fputs("ok\n", reply);
}

/* ---- commands ---- */

static unsigned parse_id(const char *text)
{
        return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

/* Lets go of what a rule holds; 0: of everything. */
static void release(struct wire *wire, unsigned id)
{
        for (struct connection *c = wire->connections; c; c = c->next)
                if (c->exchange.held && (id == 0 || c->exchange.fault.rule == id))
                        c->exchange.held = false;
        connection_run_all(wire);
}

/* Resets what a rule holds; 0: everything that is held. */
static void drop_held(struct wire *wire, unsigned id)
{
        for (struct connection *c = wire->connections, *next; c; c = next) {
                next = c->next;
                if (c->exchange.held && (id == 0 || c->exchange.fault.rule == id))
                        connection_close(wire, c, true, "dropped while held");
        }
}

static void clear_rules(struct wire *wire)
{
        wire->rule_count = 0;
        release(wire, 0);
        control_check_waits(wire);
}

static int set_shaping(struct wire *wire, const char *key, double value)
{
        struct shaping *shaping = &wire->shaping;

        if (strcmp(key, "latency") == 0)
                shaping->latency_us = (int64_t)(value * 1000);
        else if (strcmp(key, "connect") == 0)
                shaping->connect_us = (int64_t)(value * 1000);
        else if (strcmp(key, "jitter") == 0)
                shaping->jitter_us = (int64_t)(value * 1000);
        else if (strcmp(key, "rate") == 0)
                shaping->rate = (uint64_t)value;
        else if (strcmp(key, "total_rate") == 0)
                shaping->total_rate = (uint64_t)value;
        else if (strcmp(key, "seed") == 0)
                wire->random = (uint64_t)value;
        else
                return -EINVAL;
        return 0;
}

static void run_set(struct wire *wire, char *rest, FILE *reply)
{
        for (char *word; (word = next_word(&rest));) {
                char *text = strchr(word, '=');
                double value;
                if (text)
                        *text++ = '\0';
                if (!text || parse_number(text, &value) < 0 || set_shaping(wire, word, value) < 0) {
                        fprintf(reply, "error cannot set %s\n", word);
                        return;
                }
        }
        connection_run_all(wire);
        fputs("ok\n", reply);
}

static void run_status(const struct wire *wire, FILE *reply)
{
        unsigned busy = 0, held = 0;

        for (const struct connection *c = wire->connections; c; c = c->next) {
                busy += c->exchange.request.kind != NULL;
                held += c->exchange.held;
        }
        fprintf(reply, "connections=%u busy=%u held=%u paused=%d refusing=%d rules=%u\nok\n", wire->connection_count,
                busy, held, wire->paused, wire->refusing, wire->rule_count);
}

static void run_wait(char *rest, struct control *control, FILE *reply)
{
        unsigned id = parse_id(next_word(&rest));
        unsigned times = parse_id(next_word(&rest));

        if (control)
                control_wait(control, id, times > 0 ? times : 1);
        else
                fputs("error a script cannot wait\n", reply);
}

/* Commands without arguments and answers of their own. */
static bool run_plain(struct wire *wire, const char *command)
{
        if (strcmp(command, "clear") == 0) {
                clear_rules(wire);
        } else if (strcmp(command, "mark") == 0) {
                wire->kind_count = 0;
        } else if (strcmp(command, "pause") == 0) {
                wire->paused = true;
        } else if (strcmp(command, "resume") == 0) {
                wire->paused = false;
                connection_accept(wire);
                connection_run_all(wire);
        } else if (strcmp(command, "refuse") == 0) {
                wire_refuse(wire);
        } else if (strcmp(command, "cut") == 0) {
                connection_close_all(wire);
        } else if (strcmp(command, "quit") == 0) {
                wire->quit = true;
        } else {
                return strcmp(command, "sync") == 0;
        }
        return true;
}

void script_run(struct wire *wire, char *line, FILE *reply, struct control *control)
{
        char *command = next_word(&line);

        if (!command || *command == '#') {
                fputs("ok\n", reply);
        } else if (strcmp(command, "rule") == 0) {
                run_rule(wire, line, reply);
        } else if (strcmp(command, "set") == 0) {
                run_set(wire, line, reply);
        } else if (strcmp(command, "rules") == 0) {
                run_rules(wire, reply);
        } else if (strcmp(command, "status") == 0) {
                run_status(wire, reply);
        } else if (strcmp(command, "wait") == 0) {
                run_wait(line, control, reply);
        } else if (strcmp(command, "counts") == 0) {
                log_counts(wire, reply);
                fputs("ok\n", reply);
        } else if (strcmp(command, "release") == 0) {
                release(wire, parse_id(next_word(&line)));
                fputs("ok\n", reply);
        } else if (strcmp(command, "drop") == 0) {
                drop_held(wire, parse_id(next_word(&line)));
                fputs("ok\n", reply);
        } else if (strcmp(command, "listen") == 0) {
                fputs(wire_listen(wire) < 0 ? "error the port is taken\n" : "ok\n", reply);
        } else {
                fputs(run_plain(wire, command) ? "ok\n" : "error unknown command\n", reply);
        }
}

int script_load(struct wire *wire, const char *path)
{
        FILE *file = fopen(path, "re");
        char line[WIRE_LINE_BYTES];
        int r = 0;

        if (!file)
                return -errno;
        clear_rules(wire);
        wire->shaping = (struct shaping){ 0 };
        for (unsigned number = 1; fgets(line, sizeof line, file); number++) {
                char answer[256] = "";
                FILE *reply = fmemopen(answer, sizeof answer, "w");
                if (!reply) {
                        r = -errno;
                        break;
                }
                script_run(wire, line, reply, NULL);
                fclose(reply);
                if (strstr(answer, "error")) {
                        fprintf(stderr, "wire: %s line %u: %s", path, number, answer);
                        r = -EINVAL;
                }
        }
        fclose(file);
        return r;
}
