#ifndef RING_H_
#define RING_H_

#include <stdlib.h>

#define ALLOCATE(count) ((int *)malloc((count) * sizeof(int)))
#define RESET(pointer) \
  do {                 \
    (pointer) = 0;     \
  } while (0)

struct ring {
  int *slots;
  int used;
};

static int oldest(const struct ring *ring) {
  return ring->slots[0];
}

#endif
