/*
 * The load generator: load <plain|socket.io> <port> <path> <payload bytes>
 *
 * Takes one command a line and answers with one line:
 *   connect <n> <at once>  connected <total>  so many more clients, at most so many of them on their way at a time
 *   expect <n>             reached <n>        when every client has received n messages in all, since it connected
 *   echo <ms> <depth>      echoed <n>         keeps `depth` messages of every client in flight for so long, then drains
 *   relay <ms> <depth>     relayed <n>        the first client publishes, `depth` in flight: done is what all received
 *   pace <ms> <a second>   paced <n> <p50> <p90> <p99> <p99.9> <most>
 *                                             the first client publishes so often, whatever has arrived; nanoseconds from
 *                                             when a publication was due to when a client had it, over all clients
 *   flood                  flooding 0         from now on sends from every client as fast as its socket takes it
 *   total                  total <n>          what all clients have received
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
#include <unistd.h>

#include "work.h"

enum { EVENTS = 1024 };

struct dialect dialect;
struct message message;

static const struct dialect DIALECTS[] = {
    {.name = "plain", .before = "", .after = "", .socket_io = false},
    {.name = "socket.io", .before = "42[\"message\",\"", .after = "\"]", .socket_io = true},
};

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printf("error ");
  vprintf(format, arguments);
  printf("\n");
  va_end(arguments);
  exit(1);
}

static void on_command(void) {
  char line[256];
  ssize_t n = read(STDIN_FILENO, line, sizeof line - 1);
  if (n <= 0) exit(0);
  line[n] = '\0';
  unsigned long long first, second;
  double rate;
  if (sscanf(line, "connect %llu %llu", &first, &second) == 2) {
    work_connect((uint32_t)first, (uint32_t)second);
  } else if (sscanf(line, "expect %llu", &first) == 1) {
    work_expect((uint32_t)first);
  } else if (sscanf(line, "echo %llu %llu", &first, &second) == 2) {
    work_echo(first, (uint32_t)second);
  } else if (sscanf(line, "relay %llu %llu", &first, &second) == 2) {
    work_relay(first, (uint32_t)second);
  } else if (sscanf(line, "pace %llu %lf", &first, &rate) == 2) {
    work_pace(first, rate);
  } else if (strncmp(line, "flood", 5) == 0) {
    work_flood();
  } else if (strncmp(line, "total", 5) == 0) {
    work_total();
  } else {
    fail("unknown command: %s", line);
  }
}

static _Noreturn void run(int poll_fd) {
  struct epoll_event events[EVENTS];
  for (;;) {
    int count = epoll_wait(poll_fd, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == NULL) on_command();
      else work_on_event(&events[i]);
    }
  }
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc != 5) fail("usage: load <plain|socket.io> <port> <path> <payload bytes>");
  for (size_t i = 0; i < sizeof DIALECTS / sizeof *DIALECTS; i++) {
    if (strcmp(argv[1], DIALECTS[i].name) == 0) dialect = DIALECTS[i];
  }
  if (dialect.name == NULL) fail("unknown dialect: %s", argv[1]);
  int payload_bytes = atoi(argv[4]);
  if (payload_bytes < DIGITS) fail("at least %d bytes", DIGITS);
  message_build(&message, dialect.before, (size_t)payload_bytes, dialect.after);

  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  int poll_fd = epoll_create1(0);
  struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &input);
  work_setup(poll_fd, atoi(argv[2]), argv[3]);
  run(poll_fd);
}
