/*
 * The load generator: load <plain|socket.io> <port> <path> <clients> <payload bytes>
 *
 * Prints `ready` when every client is connected, then takes one command a line and answers with one line:
 *   expect <n>            reached <n>        when every client has received n messages in all, since it connected
 *   echo <ms> <depth>     echoed <n>         keeps `depth` messages of every client in flight for so long, then drains
 *   flood                 flooding 0         from now on sends from every client as fast as its socket takes it
 *   total                 total <n>          what all clients have received
 * or `error <why>`, once, and ends. The end of its input ends it too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

enum { EVENTS = 1024, FLOOD_MESSAGES = 16 };

struct dialect dialect;
struct message message;

static const struct dialect DIALECTS[] = {
    {.name = "plain", .before = "", .after = "", .socket_io = false},
    {.name = "socket.io", .before = "42[\"message\",\"", .after = "\"]", .socket_io = true},
};

static struct client *clients;
static int client_count;
static int poll_fd;

static enum { IDLE, EXPECTING, ECHOING } work = IDLE;
static uint32_t expected; /* EXPECTING: messages of each client, and how many clients have them */
static int arrived;
static uint64_t deadline_ms; /* ECHOING: from when on nothing more is sent */
static uint64_t in_flight;
static uint64_t echoed;
static uint8_t *flood_block;
static size_t flood_block_bytes;

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printf("error ");
  vprintf(format, arguments);
  printf("\n");
  va_end(arguments);
  exit(1);
}

static uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void watch(struct client *client, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = client};
  if (epoll_ctl(poll_fd, operation, client->fd, &event) != 0) fail("epoll: %s", strerror(errno));
}

static void finish(const char *what, uint64_t count) {
  work = IDLE;
  printf("%s %llu\n", what, (unsigned long long)count);
}

static void start_expecting(uint32_t count) {
  work = EXPECTING;
  expected = count;
  arrived = 0;
  for (int i = 0; i < client_count; i++) {
    if (clients[i].received > expected) fail("client %d: %u messages, %u were published", i, clients[i].received, expected);
    if (clients[i].received == expected) arrived++;
  }
  if (arrived == client_count) finish("reached", expected);
}

static void start_echoing(uint64_t for_ms, uint32_t depth) {
  work = ECHOING;
  deadline_ms = now_ms() + for_ms;
  in_flight = (uint64_t)depth * (uint64_t)client_count;
  echoed = 0;
  for (int i = 0; i < client_count; i++) client_send(&clients[i], depth);
}

static void start_flooding(void) {
  flood_block_bytes = FLOOD_MESSAGES * message.frame_bytes;
  flood_block = malloc(flood_block_bytes);
  for (uint32_t i = 0; i < FLOOD_MESSAGES; i++) message_write(&message, flood_block + i * message.frame_bytes, i);
  for (int i = 0; i < client_count; i++) watch(&clients[i], EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  finish("flooding", 0);
}

static void flood(struct client *client) {
  ssize_t n = send(client->fd, flood_block + client->flood_at, flood_block_bytes - client->flood_at, MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) fail("client %d: cannot send: %s", client->index, strerror(errno));
  if (n > 0) client->flood_at = (client->flood_at + (size_t)n) % flood_block_bytes;
}

static void on_messages(struct client *client, uint32_t count) {
  if (work == EXPECTING && client->received >= expected && client->received - count < expected) {
    if (client->received > expected) fail("client %d: more messages than were published", client->index);
    if (++arrived == client_count) finish("reached", expected);
  } else if (work == ECHOING) {
    echoed += count;
    if (now_ms() < deadline_ms) {
      client_send(client, count);
    } else {
      in_flight -= count;
      if (in_flight == 0) finish("echoed", echoed);
    }
  }
}

static void on_command(void) {
  char line[256];
  ssize_t n = read(STDIN_FILENO, line, sizeof line - 1);
  if (n <= 0) exit(0);
  line[n] = '\0';
  unsigned long long first, second;
  if (sscanf(line, "expect %llu", &first) == 1) {
    start_expecting((uint32_t)first);
  } else if (sscanf(line, "echo %llu %llu", &first, &second) == 2) {
    start_echoing(first, (uint32_t)second);
  } else if (strncmp(line, "flood", 5) == 0) {
    start_flooding();
  } else if (strncmp(line, "total", 5) == 0) {
    uint64_t total = 0;
    for (int i = 0; i < client_count; i++) total += clients[i].received;
    printf("total %llu\n", (unsigned long long)total);
  } else {
    fail("unknown command: %s", line);
  }
}

static void connect_all(int port, const char *path) {
  clients = calloc((size_t)client_count, sizeof *clients);
  for (int i = 0; i < client_count; i++) {
    clients[i].index = i;
    client_connect(&clients[i], port, path);
    watch(&clients[i], EPOLL_CTL_ADD, EPOLLIN);
    client_read(&clients[i]); /* what came behind the head of the answer */
  }
}

static bool all_open(void) {
  for (int i = 0; i < client_count; i++) {
    if (!clients[i].open) return false;
  }
  return true;
}

static void run(void) {
  bool ready = false;
  struct epoll_event events[EVENTS];
  for (;;) {
    if (!ready && all_open()) {
      ready = true;
      printf("ready\n");
    }
    int count = epoll_wait(poll_fd, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      struct client *client = events[i].data.ptr;
      if (client == NULL) {
        on_command();
        continue;
      }
      if (events[i].events & ~(uint32_t)EPOLLOUT) {
        uint32_t messages = client_read(client);
        if (messages > 0) on_messages(client, messages);
      }
      if (events[i].events & EPOLLOUT) flood(client);
    }
  }
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc != 6) fail("usage: load <plain|socket.io> <port> <path> <clients> <payload bytes>");
  for (size_t i = 0; i < sizeof DIALECTS / sizeof *DIALECTS; i++) {
    if (strcmp(argv[1], DIALECTS[i].name) == 0) dialect = DIALECTS[i];
  }
  if (dialect.name == NULL) fail("unknown dialect: %s", argv[1]);
  client_count = atoi(argv[4]);
  int payload_bytes = atoi(argv[5]);
  if (client_count < 1 || payload_bytes < DIGITS) fail("at least one client and %d bytes", DIGITS);
  message_build(&message, dialect.before, (size_t)payload_bytes, dialect.after);

  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  poll_fd = epoll_create1(0);
  struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &input);
  connect_all(atoi(argv[2]), argv[3]);
  run();
}
