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

/* Waiting for the 101, for the dialect's greeting, and connected. */
enum client_state { SHAKING_HANDS, GREETING, OPEN };

/* Every client numbers what it sends, and what comes must be numbered 0, 1, 2, … without a hole or a repetition. */
struct client {
  int fd;
  int index;
  enum client_state state;
  uint32_t sent;
  uint32_t received;
  uint8_t *carry; /* the part of a frame, or of the answer's head, that the last read ended with */
  size_t carry_bytes;
  size_t flood_at;
};

/* Set once by main, read by every client. */
extern struct dialect dialect;
extern struct message message;

/* Prints `error …` for the runner and ends the process: a load that saw something wrong has no figures. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Connects and asks for the upgrade; what comes of it is seen by client_read. */
void client_connect(struct client *client, int port, const char *path);

/* One read and every frame in it; returns how many numbered messages there were. */
uint32_t client_read(struct client *client);

/* Sends the next `count` numbered messages with one write. */
void client_send(struct client *client, uint32_t count);

#endif
