#ifndef CLIENT_H
#define CLIENT_H

#include "frame.h"

/* How a client talks: over bare WebSocket messages, or in Engine.IO and Socket.IO packets inside of them. */
struct dialect {
  const char *name;
  const char *before; /* what stands before and after the payload of a message */
  const char *after;
  bool socket_io;
};

/* Every client numbers what it sends, and what comes must be numbered 0, 1, 2, … without a hole or a repetition. */
struct client {
  int fd;
  int index;
  bool open;
  uint32_t sent;
  uint32_t received;
  uint8_t *carry; /* the part of a frame that the last read ended with */
  size_t carry_bytes;
  size_t flood_at;
};

/* Set once by main, read by every client. */
extern struct dialect dialect;
extern struct message message;

/* Prints `error …` for the runner and ends the process: a load that saw something wrong has no figures. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Connects and shakes hands, blocking; `open` is set unless the dialect has a greeting to wait for. */
void client_connect(struct client *client, int port, const char *path);

/* One read and every frame in it; returns how many numbered messages there were. */
uint32_t client_read(struct client *client);

/* Sends the next `count` numbered messages with one write. */
void client_send(struct client *client, uint32_t count);

#endif
