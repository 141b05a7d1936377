#define _GNU_SOURCE
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024, SMALL_FRAME_BYTES = 4096 };

/* The key of RFC 6455 section 1.3 and what must come back for it. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static uint8_t read_buffer[READ_BYTES];

static void write_small(struct client *client, int opcode, const char *payload, size_t bytes) {
  uint8_t frame[FRAME_HEADER_MAX_BYTES + 125];
  size_t frame_bytes = frame_write(frame, opcode, payload, bytes);
  if (send(client->fd, frame, frame_bytes, MSG_NOSIGNAL) != (ssize_t)frame_bytes) fail("client %d: cannot answer", client->index);
}

static void carry(struct client *client, const uint8_t *bytes, size_t count) {
  if (count > 0) {
    size_t capacity = message.text_bytes + FRAME_HEADER_MAX_BYTES;
    if (capacity < SMALL_FRAME_BYTES) capacity = SMALL_FRAME_BYTES;
    if (count > capacity) fail("client %d: a frame larger than any that was sent", client->index);
    if (client->carry == NULL) client->carry = malloc(capacity);
    memcpy(client->carry, bytes, count);
  }
  client->carry_bytes = count;
}

void client_connect(struct client *client, int port, const char *path) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  client->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&address, sizeof address) != 0) {
    fail("client %d: cannot connect: %s", client->index, strerror(errno));
  }
  int on = 1;
  setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

  char request[1024];
  int request_bytes = snprintf(request, sizeof request,
                               "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n\r\n",
                               path, port);
  if (send(client->fd, request, (size_t)request_bytes, MSG_NOSIGNAL) != request_bytes) fail("client %d: cannot send", client->index);
  fcntl(client->fd, F_SETFL, O_NONBLOCK);
}

/* The head of the answer, where it is whole: how long it is. 0 while more must come. */
static size_t take_head(struct client *client, const uint8_t *bytes, size_t count) {
  const uint8_t *end = memmem(bytes, count, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  size_t head_bytes = (size_t)(end + 4 - bytes);
  if (memcmp(bytes, "HTTP/1.1 101", 12) != 0) fail("client %d: refused: %.60s", client->index, (const char *)bytes);
  if (memmem(bytes, head_bytes, ACCEPT, strlen(ACCEPT)) == NULL) fail("client %d: the key was not accepted", client->index);
  client->state = dialect.socket_io ? GREETING : OPEN;
  return head_bytes;
}

/* Engine.IO and Socket.IO packets that are not messages; false when it is none of them. */
static bool take_packet(struct client *client, const struct frame *frame) {
  const char *text = (const char *)frame->payload;
  if (frame->payload_bytes == 1 && text[0] == '2') {
    write_small(client, OPCODE_TEXT, "3", 1);
    return true;
  }
  if (client->state == OPEN || frame->payload_bytes < 2) return false;
  if (text[0] == '0') {
    write_small(client, OPCODE_TEXT, "40", 2);
    return true;
  }
  if (text[0] != '4' || text[1] != '0') return false;
  client->state = OPEN;
  return true;
}

/* 1 for a numbered message, 0 for anything else that may come. */
static uint32_t take_frame(struct client *client, const struct frame *frame) {
  if (frame->opcode == OPCODE_TEXT) {
    if (message_is(&message, frame, client->received)) {
      client->received++;
      return 1;
    }
    if (dialect.socket_io && take_packet(client, frame)) return 0;
    fail("client %d: expected message %u, got %.*s", client->index, client->received,
         (int)(frame->payload_bytes < 80 ? frame->payload_bytes : 80), (const char *)frame->payload);
  }
  if (frame->opcode == OPCODE_PING && frame->payload_bytes <= 125) {
    write_small(client, OPCODE_PONG, (const char *)frame->payload, frame->payload_bytes);
    return 0;
  }
  fail("client %d: unexpected frame, opcode %d", client->index, frame->opcode);
}

uint32_t client_read(struct client *client) {
  size_t have = client->carry_bytes;
  if (have > 0) memcpy(read_buffer, client->carry, have);
  ssize_t n = recv(client->fd, read_buffer + have, sizeof read_buffer - have, 0);
  if (n == 0) fail("client %d: closed by the server after %u messages", client->index, client->received);
  if (n < 0 && errno != EAGAIN && errno != EINTR) fail("client %d: %s", client->index, strerror(errno));
  if (n > 0) have += (size_t)n;

  size_t at = 0;
  if (client->state == SHAKING_HANDS && (at = take_head(client, read_buffer, have)) == 0) {
    carry(client, read_buffer, have);
    return 0;
  }
  uint32_t messages = 0;
  struct frame frame;
  int state;
  while ((state = frame_read(read_buffer + at, have - at, &frame)) > 0) {
    messages += take_frame(client, &frame);
    at += frame.bytes;
  }
  if (state < 0) fail("client %d: not a frame that a server may send", client->index);
  carry(client, read_buffer + at, have - at);
  return messages;
}

void client_send(struct client *client, uint32_t count) {
  static uint8_t *buffer = NULL;
  static size_t capacity = 0;
  size_t bytes = count * message.frame_bytes;
  if (bytes > capacity) buffer = realloc(buffer, capacity = bytes);
  for (uint32_t i = 0; i < count; i++) message_write(&message, buffer + i * message.frame_bytes, client->sent++);
  if (send(client->fd, buffer, bytes, MSG_NOSIGNAL) != (ssize_t)bytes) fail("client %d: cannot send: %s", client->index, strerror(errno));
}
