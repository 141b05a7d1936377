#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Counts values in log-linear buckets, as HdrHistogram does: each octave has the same number of them, so a percentile is
 * exact to one part in HISTOGRAM_STEPS whether it is a microsecond or a minute.
 */
enum { HISTOGRAM_STEPS = 128, HISTOGRAM_OCTAVES = 34 };

struct histogram {
  uint64_t count;
  uint64_t max;
  uint64_t buckets[HISTOGRAM_STEPS * (HISTOGRAM_OCTAVES + 1)];
};

void histogram_clear(struct histogram *histogram);
void histogram_add(struct histogram *histogram, uint64_t value);

/* The value that so many per mille of the values do not exceed; 0 where there are none. */
uint64_t histogram_at(const struct histogram *histogram, double per_mille);

#endif
