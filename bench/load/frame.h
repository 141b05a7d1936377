#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 6455 section 5.2, the little of it that a load generator needs: masked frames out, unmasked frames in. */

enum { OPCODE_TEXT = 1, OPCODE_CLOSE = 8, OPCODE_PING = 9, OPCODE_PONG = 10 };
enum { FRAME_HEADER_MAX_BYTES = 14, DIGITS = 8 };

struct frame {
  int opcode;
  const uint8_t *payload;
  size_t payload_bytes;
  size_t bytes; /* header included */
};

/* Writes a masked frame into `out` and returns its length. */
size_t frame_write(uint8_t *out, int opcode, const char *payload, size_t payload_bytes);

/* Reads the frame at `bytes`: 1 when it is whole, 0 when more must come, -1 when it is none that a server may send. */
int frame_read(const uint8_t *bytes, size_t available, struct frame *frame);

/* A message is `before`, eight digits that count, filler, `after`. One text, one masked frame, patched for each number. */
struct message {
  char *text;
  size_t text_bytes;
  size_t digits_at;
  uint8_t *frame;
  size_t frame_bytes;
  size_t frame_digits_at;
};

void message_build(struct message *message, const char *before, size_t payload_bytes, const char *after);

/* Copies the masked frame of message `number` into `out`. */
void message_write(const struct message *message, uint8_t *out, uint32_t number);

/* True when the payload is message `number`, to the last byte. */
bool message_is(const struct message *message, const struct frame *frame, uint32_t number);

#endif
