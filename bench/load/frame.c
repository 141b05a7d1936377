#include "frame.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t MASK[4] = {0x37, 0xfa, 0x21, 0x3d};

static void digits_write(char *out, uint32_t number) {
  for (int i = DIGITS - 1; i >= 0; i--) {
    out[i] = (char)('0' + number % 10);
    number /= 10;
  }
}

size_t frame_write(uint8_t *out, int opcode, const char *payload, size_t payload_bytes) {
  size_t at = 0;
  out[at++] = (uint8_t)(0x80 | opcode);
  if (payload_bytes < 126) {
    out[at++] = (uint8_t)(0x80 | payload_bytes);
  } else if (payload_bytes < 65536) {
    out[at++] = 0x80 | 126;
    out[at++] = (uint8_t)(payload_bytes >> 8);
    out[at++] = (uint8_t)payload_bytes;
  } else {
    out[at++] = 0x80 | 127;
    for (int shift = 56; shift >= 0; shift -= 8) out[at++] = (uint8_t)((uint64_t)payload_bytes >> shift);
  }
  memcpy(out + at, MASK, 4);
  at += 4;
  for (size_t i = 0; i < payload_bytes; i++) out[at + i] = (uint8_t)payload[i] ^ MASK[i & 3];
  return at + payload_bytes;
}

int frame_read(const uint8_t *bytes, size_t available, struct frame *frame) {
  if (available < 2) return 0;
  bool whole_message = (bytes[0] & 0xf0) == 0x80;
  bool masked = (bytes[1] & 0x80) != 0;
  if (!whole_message || masked) return -1;

  uint64_t length = bytes[1];
  size_t header = 2;
  if (length == 126) {
    if (available < 4) return 0;
    length = (uint64_t)bytes[2] << 8 | bytes[3];
    header = 4;
  } else if (length == 127) {
    if (available < 10) return 0;
    length = 0;
    for (int i = 2; i < 10; i++) length = length << 8 | bytes[i];
    header = 10;
  }
  if (available - header < length) return 0;

  frame->opcode = bytes[0] & 0x0f;
  frame->payload = bytes + header;
  frame->payload_bytes = (size_t)length;
  frame->bytes = header + (size_t)length;
  return 1;
}

void message_build(struct message *message, const char *before, size_t payload_bytes, const char *after) {
  size_t before_bytes = strlen(before);
  size_t after_bytes = strlen(after);
  message->text_bytes = before_bytes + payload_bytes + after_bytes;
  message->digits_at = before_bytes;
  message->text = malloc(message->text_bytes);
  memcpy(message->text, before, before_bytes);
  memset(message->text + before_bytes, '0', DIGITS);
  memset(message->text + before_bytes + DIGITS, 'x', payload_bytes - DIGITS);
  memcpy(message->text + before_bytes + payload_bytes, after, after_bytes);

  message->frame = malloc(FRAME_HEADER_MAX_BYTES + message->text_bytes);
  message->frame_bytes = frame_write(message->frame, OPCODE_TEXT, message->text, message->text_bytes);
  message->frame_digits_at = message->frame_bytes - message->text_bytes + message->digits_at;
}

void message_write(const struct message *message, uint8_t *out, uint32_t number) {
  char digits[DIGITS];
  digits_write(digits, number);
  memcpy(out, message->frame, message->frame_bytes);
  for (size_t i = 0; i < DIGITS; i++) {
    out[message->frame_digits_at + i] = (uint8_t)digits[i] ^ MASK[(message->digits_at + i) & 3];
  }
}

bool message_is(const struct message *message, const struct frame *frame, uint32_t number) {
  if (frame->payload_bytes != message->text_bytes) return false;
  char digits[DIGITS];
  digits_write(digits, number);
  const char *got = (const char *)frame->payload;
  size_t after_digits = message->digits_at + DIGITS;
  return memcmp(got, message->text, message->digits_at) == 0 && memcmp(got + message->digits_at, digits, DIGITS) == 0 &&
         memcmp(got + after_digits, message->text + after_digits, message->text_bytes - after_digits) == 0;
}
