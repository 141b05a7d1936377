#define _GNU_SOURCE
#include "work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"

enum { MAX_CLIENTS = 20000, FLOOD_MESSAGES = 16, MAX_DEPTH = 4096 };
enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

static struct client clients[MAX_CLIENTS];
static uint32_t client_count;
static int poll_fd;
static int clock_fd;
static int server_port;
static const char *server_path;

enum work { IDLE, CONNECTING, EXPECTING, ECHOING, RELAYING, PACING };
static enum work work = IDLE;

/* CONNECTING */
static uint32_t clients_wanted;
static uint32_t clients_open;
static uint32_t connects_at_once;

/* EXPECTING: messages of each client, and how many clients have them. */
static uint32_t expected;
static uint32_t arrived;

/* ECHOING, RELAYING and PACING: from when on nothing more is sent, and what is still to come. */
static uint64_t deadline_ns;
static uint64_t in_flight;
static uint64_t done;

/* RELAYING: how many clients have each of the publications that are in flight. */
static uint32_t arrivals[MAX_DEPTH];

/* PACING: when the first publication was due, which number it has, and how long the next one is due after it. */
static uint64_t first_due_ns;
static uint32_t first_number;
static double interval_ns;
static struct histogram latencies;

static uint8_t *flood_block;
static size_t flood_block_bytes;

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static struct timespec timespec_of(uint64_t ns) {
  return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

static void watch(int fd, int operation, uint32_t events, void *of) {
  struct epoll_event event = {.events = events, .data.ptr = of};
  if (epoll_ctl(poll_fd, operation, fd, &event) != 0) fail("epoll: %s", strerror(errno));
}

static void finish(const char *what, uint64_t count) {
  work = IDLE;
  printf("%s %llu\n", what, (unsigned long long)count);
}

void work_setup(int epoll_fd, int port, const char *path) {
  poll_fd = epoll_fd;
  server_port = port;
  server_path = path;
  clock_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  if (clock_fd < 0) fail("timerfd: %s", strerror(errno));
  watch(clock_fd, EPOLL_CTL_ADD, EPOLLIN, &clock_fd);
}

/* --- connect: so many more clients, never more than so many of them on their way */

static void connect_more(void) {
  while (client_count < clients_wanted && client_count - clients_open < connects_at_once) {
    struct client *client = &clients[client_count];
    client->index = (int)client_count++;
    client_connect(client, server_port, server_path);
    watch(client->fd, EPOLL_CTL_ADD, EPOLLIN, client);
  }
}

void work_connect(uint32_t count, uint32_t at_once) {
  if (count < 1 || at_once < 1 || client_count + count > MAX_CLIENTS) fail("1 to %d clients in all", MAX_CLIENTS);
  work = CONNECTING;
  clients_wanted = client_count + count;
  connects_at_once = at_once;
  connect_more();
}

static void on_open(void) {
  clients_open++;
  if (clients_open == clients_wanted) finish("connected", clients_open);
  else connect_more();
}

/* --- expect: until every client has received so many */

void work_expect(uint32_t count) {
  work = EXPECTING;
  expected = count;
  arrived = 0;
  for (uint32_t i = 0; i < client_count; i++) {
    if (clients[i].received > expected) fail("client %u: %u messages, %u were published", i, clients[i].received, expected);
    if (clients[i].received == expected) arrived++;
  }
  if (arrived == client_count) finish("reached", expected);
}

static void on_expected(const struct client *client, uint32_t count) {
  if (client->received < expected || client->received - count >= expected) return;
  if (client->received > expected) fail("client %d: more messages than were published", client->index);
  if (++arrived == client_count) finish("reached", expected);
}

/* --- echo: every client keeps so many in flight */

static void start(enum work what, uint64_t for_ms) {
  work = what;
  deadline_ns = now_ns() + for_ms * NS_PER_MS;
  in_flight = 0;
  done = 0;
}

void work_echo(uint64_t for_ms, uint32_t depth) {
  start(ECHOING, for_ms);
  in_flight = (uint64_t)depth * client_count;
  for (uint32_t i = 0; i < client_count; i++) client_send(&clients[i], depth);
}

static void on_echoes(struct client *client, uint32_t count) {
  done += count;
  if (now_ns() < deadline_ns) {
    client_send(client, count);
    return;
  }
  in_flight -= count;
  if (in_flight == 0) finish("echoed", done);
}

/* --- relay: the first client publishes to all, and keeps so many in flight that not all have received yet */

static void publish(uint32_t count) {
  in_flight += count;
  client_send(&clients[0], count);
}

void work_relay(uint64_t for_ms, uint32_t depth) {
  if (depth < 1 || depth > MAX_DEPTH) fail("1 to %d publications in flight", MAX_DEPTH);
  start(RELAYING, for_ms);
  memset(arrivals, 0, sizeof arrivals);
  publish(depth);
}

static void on_relayed(const struct client *client, uint32_t count) {
  uint32_t completed = 0;
  for (uint32_t number = client->received - count; number != client->received; number++) {
    uint32_t *have = &arrivals[number % MAX_DEPTH];
    if (++*have < client_count) continue;
    *have = 0;
    completed++;
  }
  if (completed == 0) return;
  done += completed;
  in_flight -= completed;
  if (now_ns() < deadline_ns) publish(completed);
  else if (in_flight == 0) finish("relayed", done);
}

/* --- pace: the first client publishes when it is due, however many are under way, and latency counts from then */

static uint64_t due_ns(uint32_t nth) { return first_due_ns + (uint64_t)(nth * interval_ns); }

static void publish_due(uint64_t now) {
  uint32_t sent = clients[0].sent - first_number;
  uint32_t due = 0;
  while (due_ns(sent + due) <= now && due_ns(sent + due) < deadline_ns) due++;
  if (due > 0) {
    in_flight += (uint64_t)due * (client_count - 1);
    publish(due);
  }
}

void work_pace(uint64_t for_ms, double per_second) {
  if (!(per_second > 0)) fail("more than 0 per second");
  start(PACING, for_ms);
  histogram_clear(&latencies);
  interval_ns = NS_PER_S / per_second;
  first_due_ns = now_ns() + (uint64_t)interval_ns;
  deadline_ns = first_due_ns + for_ms * NS_PER_MS;
  first_number = clients[0].sent;
  struct itimerspec due = {.it_value = timespec_of(first_due_ns), .it_interval = timespec_of((uint64_t)interval_ns)};
  timerfd_settime(clock_fd, TFD_TIMER_ABSTIME, &due, NULL);
}

static void finish_pacing(void) {
  struct itimerspec never = {0};
  timerfd_settime(clock_fd, 0, &never, NULL);
  work = IDLE;
  printf("paced %u", clients[0].sent - first_number);
  const double per_mille[] = {500, 900, 990, 999};
  for (size_t i = 0; i < sizeof per_mille / sizeof *per_mille; i++) {
    printf(" %llu", (unsigned long long)histogram_at(&latencies, per_mille[i]));
  }
  printf(" %llu\n", (unsigned long long)latencies.max);
}

static void on_paced(const struct client *client, uint32_t count) {
  uint64_t now = now_ns();
  for (uint32_t number = client->received - count; number != client->received; number++) {
    histogram_add(&latencies, now - due_ns(number - first_number));
  }
  in_flight -= count;
  /* What is due is not held up by a long list of clients that have something to read. */
  publish_due(now);
  if (in_flight == 0 && now >= deadline_ns) finish_pacing();
}

static void on_clock(void) {
  uint64_t ticks;
  if (read(clock_fd, &ticks, sizeof ticks) < 0 || work != PACING) return;
  uint64_t now = now_ns();
  publish_due(now);
  if (in_flight == 0 && now >= deadline_ns) finish_pacing();
}

/* --- flood: from now on every client sends as fast as its socket takes it */

void work_flood(void) {
  flood_block_bytes = FLOOD_MESSAGES * message.frame_bytes;
  flood_block = malloc(flood_block_bytes);
  for (uint32_t i = 0; i < FLOOD_MESSAGES; i++) message_write(&message, flood_block + i * message.frame_bytes, i);
  for (uint32_t i = 0; i < client_count; i++) watch(clients[i].fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT, &clients[i]);
  finish("flooding", 0);
}

static void flood(struct client *client) {
  ssize_t n = send(client->fd, flood_block + client->flood_at, flood_block_bytes - client->flood_at, MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) fail("client %d: cannot send: %s", client->index, strerror(errno));
  if (n > 0) client->flood_at = (client->flood_at + (size_t)n) % flood_block_bytes;
}

void work_total(void) {
  uint64_t total = 0;
  for (uint32_t i = 0; i < client_count; i++) total += clients[i].received;
  printf("total %llu\n", (unsigned long long)total);
}

static void on_messages(struct client *client, uint32_t count) {
  if (work == EXPECTING) on_expected(client, count);
  else if (work == ECHOING) on_echoes(client, count);
  else if (work == RELAYING) on_relayed(client, count);
  else if (work == PACING) on_paced(client, count);
}

void work_on_event(const struct epoll_event *event) {
  if (event->data.ptr == &clock_fd) {
    on_clock();
    return;
  }
  struct client *client = event->data.ptr;
  if (event->events & ~(uint32_t)EPOLLOUT) {
    bool was_open = client->state == OPEN;
    uint32_t messages = client_read(client);
    if (!was_open && client->state == OPEN) on_open();
    if (messages > 0) on_messages(client, messages);
  }
  if (event->events & EPOLLOUT) flood(client);
}
