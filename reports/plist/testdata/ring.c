#include "ring.h"

int drain(struct ring *ring, int limit) {
  int *spare = ALLOCATE(limit);
  int taken = 0;
  if (limit > 3) {
    ring->slots = 0;
    taken = oldest(ring);
  }
  free(spare);
  return taken + ring->used;
}

int refill(int size, const int capacity) {
  int *slots = ALLOCATE(size);
  if (slots == 0) return oldest(0);
  if (size > 16) return 1;
  size = size > 4 && capacity > 2 ? 4 : 5;
  free(slots);
  return 0;
}
