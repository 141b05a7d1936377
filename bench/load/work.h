#ifndef WORK_H
#define WORK_H

#include <sys/epoll.h>

#include "client.h"

/* What the clients are made to do, one thing at a time; each prints its one line when it is done. See main.c. */

/* Before anything else: where the server is, and the epoll that everything is watched by. */
void work_setup(int epoll_fd, int port, const char *path);

void work_connect(uint32_t count, uint32_t at_once);
void work_expect(uint32_t count);
void work_echo(uint64_t for_ms, uint32_t depth);
void work_relay(uint64_t for_ms, uint32_t depth);
void work_pace(uint64_t for_ms, double per_second);
void work_flood(void);
void work_total(void);

/* An event of a client or of the clock: whatever was watched from here. */
void work_on_event(const struct epoll_event *event);

#endif
