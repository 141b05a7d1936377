#include "histogram.h"

#include <string.h>

enum { BUCKETS = HISTOGRAM_STEPS * (HISTOGRAM_OCTAVES + 1), STEP_BITS = 7 };

/* Below two times HISTOGRAM_STEPS every value has a bucket of its own; each octave above is divided into as many steps. */
static size_t bucket_of(uint64_t value) {
  if (value < 2 * HISTOGRAM_STEPS) return (size_t)value;
  int shift = 63 - __builtin_clzll(value) - STEP_BITS;
  size_t bucket = (size_t)shift * HISTOGRAM_STEPS + (size_t)(value >> shift);
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/* The largest value that falls into a bucket. */
static uint64_t top_of(size_t bucket) {
  if (bucket < 2 * HISTOGRAM_STEPS) return bucket;
  int shift = (int)(bucket / HISTOGRAM_STEPS) - 1;
  uint64_t step = bucket - (size_t)shift * HISTOGRAM_STEPS;
  return ((step + 1) << shift) - 1;
}

void histogram_clear(struct histogram *histogram) { memset(histogram, 0, sizeof *histogram); }

void histogram_add(struct histogram *histogram, uint64_t value) {
  histogram->count++;
  if (value > histogram->max) histogram->max = value;
  histogram->buckets[bucket_of(value)]++;
}

uint64_t histogram_at(const struct histogram *histogram, double per_mille) {
  uint64_t wanted = (uint64_t)((double)histogram->count * per_mille / 1000 + 0.5);
  uint64_t seen = 0;
  if (wanted == 0) wanted = 1;
  for (size_t i = 0; i < BUCKETS && histogram->count > 0; i++) {
    seen += histogram->buckets[i];
    if (seen >= wanted) return top_of(i) < histogram->max ? top_of(i) : histogram->max;
  }
  return histogram->max;
}
